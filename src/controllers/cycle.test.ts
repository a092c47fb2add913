import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod } from '../snapshot/reading/objects.ts';
import { World } from './world.test-helper.ts';

const anyStep = fc.record({
  /** Milliseconds that pass. */
  pass: fc.constantFrom(0, 10, 1000, 5000, 60_000),
  /** How many commands of the plan are carried out before the operator dies; all when there are fewer. */
  commands: fc.constantFrom(0, 1, 2, 5, 99, 99, 99),
  recorded: fc.boolean(),
  act: fc.constantFrom(
    'ready',
    'ready',
    'crash',
    'end',
    'evict',
    'delete',
    'allocate',
    'silence',
    'voice',
    'scale',
    'settle',
  ),
  target: fc.nat({ max: 20 }),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

const ended = (pod: Pod) => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
const played = (pod: Pod) => pod.metadata.labels?.['proffer.dev/state'] === 'Allocated' && !ended(pod);

function act(world: World, { act, target }: Step): void {
  const running = [...world.pods.values()].filter((pod) => !ended(pod) && !pod.metadata.deletionTimestamp);
  const pod = running[target % Math.max(1, running.length)];
  const node = `n${(target % 3) + 1}`;
  if (act === 'settle') world.settle();
  else if (act === 'silence') world.silent.add(node);
  else if (act === 'voice') world.silent.delete(node);
  else if (act === 'scale') world.replicas = target % 7;
  else if (!pod) return;
  else if (act === 'ready') world.report(pod, 'ready');
  else if (act === 'crash') world.report(pod, 1);
  else if (act === 'end') world.report(pod, 0);
  else if (act === 'evict') world.report(pod, 'Evicted');
  else if (act === 'delete') world.remove(pod);
  else if (act === 'allocate') world.allocate(pod);
}

/** No node has more work than it can carry, and no two Pods have a port of a node in common. */
function expectSound(world: World): void {
  const onNode = Map.groupBy(
    [...world.pods.values()].filter((pod) => !ended(pod)),
    (pod) => pod.spec.nodeName!,
  );
  for (const pods of onNode.values()) {
    expect(pods.length).toBeLessThanOrEqual(4);
    const ports = pods.flatMap((pod) => pod.spec.containers[0]!.ports!.map((p) => p.hostPort));
    expect(new Set(ports).size).toBe(ports.length);
  }
}

/** One life of an operator: it decides, and dies after some of its writes. */
function live(world: World, writes: number, recorded: boolean): number {
  const result = world.cycle();
  for (const command of result.commands.slice(0, writes)) {
    if (command.kind === 'delete') {
      const pod = world.pods.get(`${command.namespace}/${command.name}`);
      expect(pod !== undefined && played(pod)).toBe(false);
    }
    world.carryOut(command);
    expectSound(world);
  }
  if (recorded) world.record(result);
  return result.commands.length;
}

/** Lets time and kubelets do their work, until nothing is left to do. */
function calm(world: World): void {
  world.silent.clear();
  for (let quiet = 0, i = 0; quiet < 2; i++) {
    expect(i).toBeLessThan(50);
    world.settle();
    world.now += 301_000;
    for (const pod of world.pods.values())
      if (!ended(pod) && !pod.metadata.deletionTimestamp) world.report(pod, 'ready');
    quiet = live(world, 99, true) === 0 ? quiet + 1 : 0;
  }
}

describe('an operator that dies at any moment', () => {
  test('never over-commits, never takes a server from players, and comes to the end that is asked for', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const world = new World();
        for (const step of steps) {
          world.now += step.pass;
          live(world, step.commands, step.recorded);
          act(world, step);
        }
        calm(world);
        const pods = [...world.pods.values()];
        const servers = pods.filter((pod) => pod.metadata.labels?.['proffer.dev/pool'] === 'arena');
        expect(servers.filter(ended)).toEqual([]);
        expect(servers.length).toBe(Math.max(world.replicas, servers.filter(played).length));
        const workers = pods.filter((pod) => pod.metadata.labels?.['proffer.dev/job'] === 'learn');
        const { phase } = world.jobState as { phase: string };
        const busy = workers.filter((pod) => !ended(pod));
        const done = workers.filter((pod) => pod.status?.phase === 'Succeeded');
        const slots = new Set([...busy, ...done].map((pod) => pod.metadata.labels!['proffer.dev/slot']));
        if (phase === 'Running') expect([busy.length > 0, slots.size]).toEqual([true, 2]);
        else expect([phase === 'Failed' || slots.size === 2, busy]).toEqual([true, []]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a cycle', () => {
  test('decides the same on the same objects, and says what waits and when to look again', () => {
    const world = new World();
    world.replicas = 30;
    const [first, second] = [world.cycle(), world.cycle()];
    expect(second.commands).toEqual(first.commands);
    expect([first.commands.length, first.waiting, first.wakeAt]).toEqual([12, 20, Infinity]);
    expect(Object.keys(first.phases)).toEqual(['snapshot', 'matrices', 'allocate', 'plan']);
  });

  test('knows when a back-off ends', () => {
    const world = new World();
    for (let round = 0; round < 3; round++) {
      live(world, 99, true);
      for (const pod of world.pods.values()) if (!ended(pod)) world.report(pod, 1);
      world.now += 500;
    }
    const { wakeAt } = world.cycle();
    expect(wakeAt).toBeGreaterThan(world.now);
    expect(wakeAt).toBeLessThanOrEqual(world.now + 2000);
  });
});
