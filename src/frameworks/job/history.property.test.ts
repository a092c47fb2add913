import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aSnapshot,
  type GroupBuilder,
  type PodBuilder,
} from '../../../test/builders/index.ts';
import { ago } from '../../../test/builders/time.ts';
import type { TrainingJobStatus } from '../../api/trainingjob.ts';
import { Ranges } from '../../lib/ranges.ts';
import { foundOf } from './found.ts';

const RANKS = 3;
const TASKS = 6;

const workers = () => aGroup('w').replicas(RANKS);
const tasks = (restarts: number) => () =>
  aGroup('w').field('completions', TASKS).field('parallelism', 2).field('maxRestartsPerIndex', restarts);

/** A Pod of the played cluster. What people delete is gone at once; whom the operator stops needs a while. */
interface Played {
  readonly name: string;
  readonly slot: number;
  readonly failures: number;
  readonly attempt: number;
  state: 'running' | 'stopped' | 'succeeded' | 'failed';
  deleting: boolean;
  held: boolean;
}

/** The API server, the kubelets, people who delete Pods, and operators that may die after each write. */
class World {
  readonly pods = new Map<string, Played>();
  status: TrainingJobStatus = {};
  version = 0;
  /** What the operator has of the job: it may lag. */
  #view: { readonly status: TrainingJobStatus; readonly version: number } = { status: {}, version: 0 };
  readonly #policy: object;
  readonly #group: () => GroupBuilder;
  readonly succeeded = Array.from({ length: Math.max(RANKS, TASKS) }, () => 0);
  failures = 0;

  constructor(policy: object, group: () => GroupBuilder) {
    this.#policy = policy;
    this.#group = group;
  }

  end(at: number, code: number): void {
    const running = [...this.pods.values()].filter(({ state, deleting }) => state === 'running' && !deleting);
    const pod = running[at % running.length];
    if (!pod) return;
    pod.state = code === 0 ? 'succeeded' : 'failed';
    if (code === 0) this.succeeded[pod.slot]!++;
    else this.failures++;
  }

  delete(at: number): void {
    const pod = [...this.pods.values()][at % this.pods.size];
    if (!pod) return;
    pod.deleting = true;
    this.stop(pod);
  }

  /** A kubelet is done with a Pod that is deleted. */
  stop(pod: Played | undefined): void {
    if (!pod?.deleting) return;
    if (pod.state === 'running') pod.state = 'stopped';
    if (!pod.held) this.pods.delete(pod.name);
  }

  /** The watch brings what there is; as the lists do that a leader begins with. */
  sync(): void {
    this.#view = { status: this.status, version: this.version };
  }

  /** A cycle, of whose writes the first so many are carried out. */
  cycle(most: number): void {
    const { status, version } = this.#view;
    const job = aJob('learn').group(this.#group()).field('maxRestarts', 1000);
    const built = [...this.pods.values()].map((pod) => this.#build(pod));
    const framework = aSnapshot()
      .with(aNode('n1'), job.field('failurePolicy', this.#policy).status(status), ...built)
      .build().frameworks[0]!;
    const writes: (() => void)[] = [];
    const { attempt, groups, restart } = foundOf(framework)!;
    for (const { pending, hold } of framework.classes)
      for (const { name, slot, failures } of hold ? [] : pending)
        writes.push(() => this.#create({ name, slot, failures, attempt }));
    for (const { pod } of framework.removals)
      writes.push(() => {
        const known = this.pods.get(pod.name);
        if (known) known.deleting = true;
      });
    writes.push(() => {
      if (version !== this.version) return;
      // Long ago, so that nobody backs off: the clock stands still.
      this.status = {
        groups: [...groups],
        ...(restart && { restart: { ...restart, startTime: ago(4000) } }),
      };
      this.version++;
    });
    for (const { name } of framework.settled)
      writes.push(() => {
        const pod = this.pods.get(name);
        if (!pod) return;
        pod.held = false;
        if (pod.deleting && pod.state !== 'running') this.pods.delete(name);
      });
    for (const write of writes.slice(0, most)) write();
  }

  /** Failures that the status counts, but for those of tasks that are decided. */
  get counted(): number {
    return (this.status.groups ?? [])
      .flatMap(({ failed = [] }) => failed)
      .reduce((sum, { failures }) => sum + failures, 0);
  }

  #create(made: Pick<Played, 'name' | 'slot' | 'failures' | 'attempt'>): void {
    const { name, slot, attempt } = made;
    if (this.pods.has(name)) return;
    if (attempt === 0) expect(this.succeeded[slot], 'a worker that succeeded is run again').toBe(0);
    for (const other of this.pods.values()) {
      if (other.slot === slot) expect(other.state, 'a rank runs twice').not.toBe('running');
      if (other.state === 'running')
        expect(other.attempt, 'two attempts run beside each other').toBe(attempt);
    }
    this.pods.set(name, { ...made, state: 'running', deleting: false, held: true });
  }

  #build({ name, slot, failures, attempt, state, deleting }: Played): PodBuilder {
    const job = aJob('learn').group(this.#group());
    const pod = aPod(name).ofJob(job, 'w', slot).on('n1').failures(failures).tracked();
    // Long ago, so that nobody backs off.
    pod.annotation('proffer.dev/attempt', String(attempt));
    if (state === 'running' || state === 'stopped') pod.starting();
    else pod.exited(state === 'succeeded' ? 0 : 1, 4000);
    return deleting ? pod.deleting(state === 'running' ? 30 : 0) : pod;
  }
}

type Step =
  | { readonly kind: 'end'; readonly at: number; readonly code: number }
  | { readonly kind: 'delete'; readonly at: number }
  | { readonly kind: 'stop'; readonly at: number }
  | { readonly kind: 'sync' }
  | { readonly kind: 'cycle'; readonly most: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('end' as const), at: fc.nat(9), code: fc.constantFrom(0, 1, 1, 1) }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(9) }),
  fc.record({ kind: fc.constant('stop' as const), at: fc.nat(9) }),
  fc.record({ kind: fc.constant('sync' as const) }),
  fc.record({ kind: fc.constant('cycle' as const), most: fc.constantFrom(0, 1, 2, 3, 4, 9) }),
);

/** Plays steps, and then until nothing changes any more. */
function play(policy: object, steps: readonly Step[], group = workers): World {
  const world = new World(policy, group);
  world.cycle(9);
  for (const each of steps) {
    if (each.kind === 'end') world.end(each.at, each.code);
    else if (each.kind === 'delete') world.delete(each.at);
    else if (each.kind === 'stop') world.stop([...world.pods.values()][each.at % world.pods.size]);
    else if (each.kind === 'sync') world.sync();
    else world.cycle(each.most);
  }
  for (let i = 0; i < 6; i++) {
    world.sync();
    world.cycle(99);
    for (const pod of world.pods.values()) world.stop(pod);
  }
  return world;
}

test('ends of workers are counted once each, whoever deletes Pods and wherever operators die', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = play({}, steps);
      expect(world.counted).toBe(world.failures);
      expect(world.succeeded.every((times) => times <= 1)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('workers that start again together are never two of one rank, and come to one attempt, wherever operators die', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = play({ defaultAction: 'RestartGang' }, steps);
      const attempt = world.status.restart?.attempt ?? 0;
      const current = [...world.pods.values()].filter(({ state }) => state === 'running');
      expect(current.every((pod) => pod.attempt === attempt)).toBe(true);
      const { completed = '' } = world.status.groups?.[0] ?? {};
      const done = Ranges.read(completed, RANKS).size;
      expect(current.length + done).toBe(RANKS);
    }),
    { numRuns: 200 },
  );
});

/** Lets all tasks end well that run, until none is left. */
function finish(world: World): {
  readonly completed: string;
  readonly lost: string;
  readonly retried: number;
} {
  for (let i = 0; i < 2 * TASKS; i++) {
    for (let at = 0; at < 2; at++) world.end(0, 0);
    world.sync();
    world.cycle(99);
    Array.from(world.pods.values(), (pod) => world.stop(pod));
  }
  const { completed = '', failedIndexes: lost = '', retried = 0 } = world.status.groups?.[0] ?? {};
  return { completed, lost, retried };
}

test('each task by index succeeds once, and its failures are counted once, wherever operators die', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = play({}, steps, tasks(1000));
      const { completed, retried } = finish(world);
      expect(world.succeeded).toEqual(Array.from({ length: TASKS }, () => 1));
      expect([completed, retried, world.counted]).toEqual([`0-${TASKS - 1}`, world.failures, 0]);
    }),
    { numRuns: 60 },
  );
});

test('each task by index has succeeded, or has failed for good after so many failures', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = play({}, steps, tasks(1));
      const { completed, lost } = finish(world);
      const [done, given] = [Ranges.read(completed, TASKS), Ranges.read(lost, TASKS)];
      expect(done.size + given.size).toBe(TASKS);
      expect(world.succeeded.map((times) => times === 1)).toEqual(
        Array.from({ length: TASKS }, (_, i) => done.has(i)),
      );
      expect([...done].some((index) => given.has(index))).toBe(false);
    }),
    { numRuns: 60 },
  );
});
