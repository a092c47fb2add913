import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import type { BindCommand, Command } from '../plan/command.ts';
import { createPodReader } from '../snapshot/task.ts';
import { World } from './world.test-helper.ts';

const anyCustomer = fc.record({
  of: fc.constantFrom('nobody', 'ReplicaSet', 'Job', 'gang', 'gang'),
  /** Number of its owner; the Pods of gang n run together from n + 1 on. */
  which: fc.nat({ max: 3 }),
  cpu: fc.constantFrom('500m', '1', '2', '3', '5'),
  created: fc.nat({ max: 5 }),
  state: fc.constantFrom('waits', 'waits', 'waits', 'goes', 'gated', 'n1', 'n2'),
  device: fc.constantFrom(false, false, false, true),
});
type AnyCustomer = typeof anyCustomer extends fc.Arbitrary<infer T> ? T : never;

const anyScene = fc.record({
  customers: fc.array(anyCustomer, { maxLength: 14 }),
  replicas: fc.nat({ max: 6 }),
  turns: fc.nat({ max: 20 }),
  /** How many commands of each plan are carried out before the operator dies. */
  lives: fc.array(fc.constantFrom(0, 1, 2, 99), { minLength: 1, maxLength: 4 }),
});
type Scene = typeof anyScene extends fc.Arbitrary<infer T> ? T : never;

function makePod({ of, which, cpu, created, state, device }: AnyCustomer, i: number) {
  const pod = aPod(`c-${i}`).customer().cpu(cpu).created(created);
  if (of === 'gang') pod.gang(`g${which}`, which + 1);
  else if (of !== 'nobody') pod.ownedBy(of, `o${which}`);
  if (device) pod.request('example.com/none', '1');
  if (state === 'goes') return pod.deleting();
  if (state === 'gated') return pod.specField('schedulingGates', [{ name: 'example.com/later' }]);
  // What is bound from the start is small enough to have got there.
  if (state === 'n1' || state === 'n2') return pod.cpu('200m').on(state);
  return pod;
}

/** The same objects, listed in another order. */
function worldOf({ customers, replicas }: Scene, turns: number): World {
  const world = new World();
  world.replicas = replicas;
  const pods = customers.map((customer, i) => makePod(customer, i).build());
  const at = turns % Math.max(1, pods.length);
  const turned = [...pods.slice(at), ...pods.slice(0, at)];
  for (const pod of turns % 2 === 0 ? turned : turned.toReversed()) world.come(pod);
  return world;
}

const bindings = (commands: readonly Command[]): BindCommand[] => commands.filter((c) => c.kind === 'bind');

/** No node has more to do than it can. */
function expectRoom(world: World): void {
  const cpu = new Map<string, number>();
  for (const { node, terminal, requests } of [...world.pods.values()].map(createPodReader()))
    if (node !== undefined && !terminal) cpu.set(node, (cpu.get(node) ?? 0) + requests['cpu']!);
  for (const milli of cpu.values()) expect(milli).toBeLessThanOrEqual(4000);
}

/** A plan binds nobody of a gang, or so many that it runs. */
function expectWholeGangs(world: World, commands: readonly Command[]): number {
  const byGang = Map.groupBy(bindings(commands), ({ framework }) => framework.id);
  let gangs = 0;
  for (const [id, bound] of byGang) {
    if (!id.startsWith('gang/')) continue;
    gangs++;
    const name = id.split('/').at(-1)!;
    const running = [...world.pods.values()].filter(
      ({ metadata, spec }) => metadata.labels?.['proffer.dev/gang'] === name && spec.nodeName !== undefined,
    );
    expect(bound.length + running.length).toBeGreaterThan(Number(name.slice(1)));
  }
  return gangs;
}

describe('whoever comes, and whenever the operator dies', () => {
  test('no node is over-committed, each Pod that waits is bound once, gangs come whole, and order is nothing', () => {
    let [bound, gangs] = [0, 0];
    fc.assert(
      fc.property(anyScene, (scene) => {
        const world = worldOf(scene, 0);
        expect(worldOf(scene, scene.turns).cycle().commands.map(plain)).toEqual(
          world.cycle().commands.map(plain),
        );
        // Those that a gang does not need to start come in the cycle after it.
        for (const writes of [...scene.lives, 99, 99]) {
          const { commands } = world.cycle();
          const names = bindings(commands).map(({ name }) => name);
          expect(new Set(names).size).toBe(names.length);
          for (const name of names) {
            const { metadata, spec } = world.pods.get(`default/${name}`)!;
            expect([metadata.deletionTimestamp, spec.schedulingGates]).toEqual([undefined, undefined]);
          }
          gangs += expectWholeGangs(world, commands);
          for (const command of commands.slice(0, writes)) {
            world.carryOut(command);
            bound += command.kind === 'bind' ? 1 : 0;
          }
          expectRoom(world);
        }
        // All was carried out: who still waits does not fit.
        expect(bindings(world.cycle().commands)).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect([bound > 100, gangs > 30]).toEqual([true, true]);
  });
});

/** Versions are given in the order in which the Pods came. */
const plain = (command: Command) => ({ ...command, resourceVersion: '' });
