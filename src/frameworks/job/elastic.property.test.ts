import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aRole, aSnapshot, NOW } from '../../../test/builders/index.ts';
import { ANNOTATION } from '../../api/group.ts';
import type { TrainingJobStatus } from '../../api/trainingjob.ts';
import { atOnce } from '../../lib/steps.ts';
import type { KeptNomination } from '../../snapshot/preemption.ts';
import { cycle, remembered } from '../../plan/cycle.test-helper.ts';
import { makePlan } from '../../plan/plan.ts';
import { DRIVERS } from '../drivers.ts';
import { jobDriver } from './driver.ts';
import { jobFacts } from './facts.ts';

const RUNTIMES = ['None', 'PyTorch', 'JAX', 'TensorFlow'] as const;
const ROOM = 8;
const GROWS = 100;

interface Played {
  readonly name: string;
  readonly slot: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** It is gone but for its finalizer. */
  going: boolean;
}

/** A cluster of one node with one elastic job, and servers that come before it; its API server takes every write at once. */
class World {
  readonly #runtime: string;
  readonly #least: number;
  #most: number;
  #status: TrainingJobStatus = {};
  #servers = 0;
  #seconds = 0;
  #kept: readonly KeptNomination[] = [];
  pods: Played[] = [];

  constructor(runtime: string, least: number, most: number) {
    this.#runtime = runtime;
    this.#least = least;
    this.#most = most;
  }

  set servers(count: number) {
    this.#servers = count;
  }

  set most(count: number) {
    this.#most = Math.max(this.#least, count);
  }

  /** How many workers there are to be once all rests; none where too few fit. */
  get due(): number {
    const fit = Math.min(this.#most, ROOM - this.#servers);
    return fit < this.#least ? 0 : fit;
  }

  get #staying(): readonly Played[] {
    return this.pods.filter(({ going }) => !going);
  }

  /** Somebody deletes a worker. */
  lose(at: number): void {
    const pod = this.#staying[at % this.#staying.length];
    if (pod) pod.going = true;
  }

  /** A cycle, and all its writes. */
  cycle(): void {
    const group = aGroup('w').replicas(this.#most).cpu('1').field('minReplicas', this.#least);
    const job = aJob('learn')
      .field('runtime', this.#runtime)
      .group(group.field('growAfterSeconds', GROWS))
      .status(this.#status);
    const pool = aPool('arena').namespace('training').replicas(this.#servers).cpu('1').priority(9);
    const servers = Array.from({ length: this.#running }, (_, i) =>
      aPod(`arena-${i}`).ofPool(pool, i).on('n1').cpu('1').ready(),
    );
    const workers = this.pods.map(({ name, slot, annotations, going }) => {
      const pod = aPod(name).ofJob(job, 'w', slot).on('n1').cpu('1').ready().tracked();
      if (going) pod.deleting(0);
      for (const [key, value] of Object.entries(annotations)) pod.annotation(key, value);
      return pod;
    });
    const { snapshot, allocation, all } = cycle(
      aSnapshot()
        .with(aNode('n1').cpu(String(ROOM)), aRole('training'), pool, job, ...servers, ...workers)
        .later(this.#seconds),
      this.#kept,
    );
    this.#kept = remembered(snapshot, allocation);
    const before = this.pods;
    for (const command of atOnce(makePlan(snapshot, allocation, DRIVERS))) {
      if (command.kind === 'create') {
        const { name, annotations = {}, labels = {} } = command.pod.metadata;
        if (command.framework.kind === 'TrainingJob')
          this.pods = [
            ...this.pods,
            { name, slot: Number(labels['proffer.dev/slot']), annotations, going: false },
          ];
        else this.#running++;
      } else if (command.kind === 'evict' || command.kind === 'delete') {
        const known = this.pods.find(({ name }) => name === command.name);
        if (known) known.going = true;
        else this.#running--;
      }
    }
    this.#check(before);
    const mine = all.find(({ framework }) => framework.kind === 'TrainingJob')!;
    const told = jobDriver.status(jobFacts(job.build()), mine, 0, NOW + this.#seconds * 1000)!;
    this.#status = told.status as TrainingJobStatus;
    const settled = new Set(mine.framework.settled.map(({ name }) => name));
    this.pods = this.pods.filter(({ name }) => !settled.has(name));
    this.#seconds += 25;
  }

  #running = 0;

  #check(before: readonly Played[]): void {
    const slots = this.#staying.map(({ slot }) => slot);
    expect(new Set(slots).size, 'two of one rank').toBe(slots.length);
    expect(slots.length + this.#running).toBeLessThanOrEqual(ROOM);
    const created = this.pods.filter((pod) => !before.includes(pod));
    if (before.length === 0 && created.length > 0) {
      expect(created.length).toBeGreaterThanOrEqual(this.#least);
      expect(slots.toSorted((a, b) => a - b)).toEqual(slots.map((_, i) => i));
    }
  }

  /** Until nothing changes any more. */
  rest(): void {
    for (let i = 0; i < 30; i++) this.cycle();
    expect(this.pods).toHaveLength(this.due);
    const told = new Set(this.pods.map(({ annotations }) => annotations[ANNOTATION.workers]));
    if (['JAX', 'TensorFlow'].includes(this.#runtime) && this.due > 0) {
      expect([...told], 'all were told how many they are').toEqual([String(this.due)]);
      expect(this.pods.map(({ slot }) => slot).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: this.due }, (_, i) => i),
      );
    }
  }
}

type Step = (world: World) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(ROOM).map(
    (count): Step =>
      (world) =>
        void (world.servers = count),
  ),
  fc.integer({ min: 1, max: ROOM + 2 }).map(
    (count): Step =>
      (world) =>
        void (world.most = count),
  ),
  fc.nat(9).map(
    (at): Step =>
      (world) =>
        world.lose(at),
  ),
  fc.integer({ min: 1, max: 15 }).map((cycles): Step => (world) => {
    for (let i = 0; i < cycles; i++) world.cycle();
  }),
);

test('an elastic job has as many workers as fit once all rests, whatever came before', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...RUNTIMES),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(5),
      fc.array(step, { maxLength: 8 }),
      (runtime, least, more, steps) => {
        const world = new World(runtime, least, least + more);
        for (const each of steps) each(world);
        world.rest();
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);
