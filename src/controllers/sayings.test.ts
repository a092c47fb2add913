import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aSnapshot,
  NOW,
  type Buildable,
} from '../../test/builders/index.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { atOnce } from '../lib/steps.ts';
import { outcomes } from '../plan/outcome.ts';
import type { Statement } from '../plan/telling.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Workload } from '../snapshot/workload.ts';
import { World } from '../world/world.ts';
import { decide } from './cycle.ts';
import { Sayings } from './sayings.ts';

const clock = { now: () => NOW, monotonic: () => 0, sleep: () => Promise.resolve() };
const inputsOf = (...objects: Buildable[]) =>
  aSnapshot()
    .with(...objects)
    .inputs();
const podOf = (pod: Buildable): PodFacts => [...inputsOf(pod).pods][0]!;

/** A cluster whose objects stay the same ones until they change, as those of stores do. */
class Scene {
  readonly #world = new World(DRIVERS);
  readonly #sayings = new Sayings();
  readonly #around;
  workloads: readonly Workload[];
  now = NOW;
  recovered = 0;
  /** Statuses that were derived. */
  asked = 0;

  constructor(...objects: Buildable[]) {
    this.#around = inputsOf(...objects);
    this.workloads = [...this.#around.workloads];
    for (const pod of this.#around.pods) this.put(pod);
  }

  put(pod: PodFacts): void {
    this.#world.ledger.put(pod);
  }

  remove(key: string): void {
    this.#world.ledger.delete(key);
  }

  /** What each says after a cycle, beside what it would say if nothing were kept. */
  cycle(): { said: Statement | undefined; anew: Statement | undefined }[] {
    const { now, workloads, recovered } = this;
    const picture = this.#world.snapshot({ ...this.#around, now, workloads });
    const { snapshot, matrices, allocation } = atOnce(decide(picture, clock, DRIVERS));
    const all = outcomes(snapshot, matrices, allocation);
    return workloads.map((workload) => {
      const outcome = all.find(({ framework }) => framework.metadata === workload.metadata)!;
      const driver = DRIVERS.get(workload.names.kind)!;
      const status: typeof driver.status = (...args) => {
        this.asked++;
        return driver.status(...args);
      };
      return {
        said: this.#sayings.of({ word: '', status }, workload, outcome, recovered, now),
        anew: driver.status(workload, outcome, recovered, now),
      };
    });
  }

  /** Runs a cycle and writes what was said, as a store shows it later. */
  settle(): this {
    const said = this.cycle();
    this.workloads = this.workloads.map(
      (each, i) => ({ ...each, status: said[i]!.said!.status }) as Workload,
    );
    return this;
  }
}

const arena = aPool('arena').replicas(2);
const learn = aJob('learn').group(aGroup('w').replicas(2));
const server = (slot: number) => aPod(`arena-${slot}`).ofPool(arena, slot).on('n1');

const anyChange = fc.oneof(
  fc.record({
    of: fc.constantFrom('pool', 'job'),
    slot: fc.nat({ max: 1 }),
    state: fc.constantFrom('ready', 'ready', 'ready', 'starting', 'crashed', 'gone'),
  }),
  fc.record({ laterMs: fc.constantFrom(1, 5_000, 60_000, 700_000, -1_000) }),
  fc.constant({ recovered: 1 }),
  fc.constant({ write: true }),
);

function change(scene: Scene, made: typeof anyChange extends fc.Arbitrary<infer T> ? T : never): void {
  if ('laterMs' in made) scene.now += made.laterMs;
  else if ('recovered' in made) scene.recovered++;
  else if ('write' in made) scene.settle();
  else {
    const { of, slot, state } = made;
    const namespace = of === 'pool' ? 'games' : 'training';
    if (state === 'gone') return scene.remove(`${namespace}/p-${of}-${slot}`);
    const pod = aPod(`p-${of}-${slot}`).namespace(namespace).on('n1').created(60);
    const own = of === 'pool' ? pod.ofPool(arena, slot) : pod.ofJob(learn, 'w', slot);
    if (state === 'ready') own.ready();
    if (state === 'starting') own.starting();
    if (state === 'crashed') own.exited(1, 5, 1);
    scene.put(podOf(own));
  }
}

/** Without times: what is kept, and not stored yet, tells of the first time, not of the last. */
const timeless = (statement: Statement | undefined): string =>
  JSON.stringify(statement).replaceAll(/"\w*Time":"[^"]*"/g, '');

test('what is kept is what would be said anew', () => {
  let kept = 0;
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 12 }), (changes) => {
      const scene = new Scene(aNode('n1'), arena, learn);
      for (const of of ['pool', 'job'] as const)
        for (const slot of [0, 1]) change(scene, { of, slot, state: 'ready' });
      for (const each of changes) {
        change(scene, each);
        const before = scene.asked;
        for (const { said, anew } of scene.cycle()) expect(timeless(said)).toBe(timeless(anew));
        kept += 2 - (scene.asked - before);
      }
    }),
    { numRuns: 100 },
  );
  expect(kept).toBeGreaterThan(100);
});

const quiet = () => new Scene(aNode('n1'), arena, server(0).ready(), server(1).ready()).settle();

test('one of which nothing changed is not asked again, and says what is stored', () => {
  const scene = quiet();
  scene.cycle();
  const { asked } = scene;
  expect(scene.cycle()[0]!.said!.status).toBe(scene.workloads[0]!.status);
  expect(scene.asked).toBe(asked);
});

test.each<[what: string, change: (scene: Scene) => void]>([
  ['a Pod of it changed', (scene) => scene.put(podOf(server(1).starting()))],
  ['more of its tasks were recreated', (scene) => scene.recovered++],
  ['the clock went back', (scene) => scene.now--],
  ['it is another object', (scene) => (scene.workloads = scene.workloads.map((each) => ({ ...each })))],
])('it is asked again when %s', (_, happens) => {
  const scene = quiet();
  scene.cycle();
  const { asked } = scene;
  happens(scene);
  scene.cycle();
  expect(scene.asked).toBe(asked + 1);
});

test('one whose tasks wait is asked in each cycle: what it hears is of others too', () => {
  const scene = new Scene(aNode('n1').cpu('1'), aPool('arena').replicas(2).cpu('8')).settle();
  scene.cycle();
  const { asked } = scene;
  scene.cycle();
  expect(scene.asked).toBe(asked + 1);
});
