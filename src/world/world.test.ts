import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  type Buildable,
} from '../../test/builders/index.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Inputs } from './inputs.ts';
import { buildSnapshot } from './world.ts';
import { serviceFacts } from '../snapshot/service.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { DRIVERS } from '../frameworks/drivers.ts';

const supplyOf = (snapshot: Snapshot, agent: number, ...names: string[]) =>
  names.map((name) => snapshot.supply[agent * snapshot.columns.count + snapshot.columns.get(name)!]);

describe('supply', () => {
  const GI = 2 ** 30;
  const node = aNode('n1').cpu('4').memory('8Gi').pods(10);
  const left = (...pods: Buildable[]) =>
    supplyOf(
      aSnapshot()
        .with(node, ...pods)
        .build(),
      0,
      'cpu',
      'memory',
      'pods',
    );

  test.each<[what: string, pods: Buildable[], supply: number[]]>([
    ['is all that is allocatable on an empty node', [], [4000, 8 * GI, 10]],
    [
      "is less by anybody's Pods",
      [aPod('a').on('n1').cpu('1').memory('1Gi'), aPod('b').on('n1').cpu('1m')],
      [2999, 7 * GI, 8],
    ],
    [
      'is not less by Pods that ended',
      [aPod('a').on('n1').cpu('1').exited(0), aPod('b').on('n1').cpu('1').failed('Evicted')],
      [4000, 8 * GI, 10],
    ],
    ['is less by Pods on their way out', [aPod('a').on('n1').cpu('1').ready().deleting()], [3000, 8 * GI, 9]],
    ['is not less by Pods without a node', [aPod('a').cpu('1')], [4000, 8 * GI, 10]],
    ['is not less by Pods of a node that is not there', [aPod('a').on('n9').cpu('1')], [4000, 8 * GI, 10]],
    [
      'is never below nothing, also when others over-committed the node',
      [aPod('a').on('n1').cpu('3'), aPod('b').on('n1').cpu('3')],
      [0, 8 * GI, 8],
    ],
    [
      'does not mind resources that no node has',
      [aPod('a').on('n1').request('example.com/fpga', '1')],
      [4000, 8 * GI, 9],
    ],
  ])('%s', (_, pods, supply) => expect(left(...pods)).toEqual(supply));
});

test('host ports of live Pods are taken, those of ended ones are free', () => {
  const pods = [aPod('a').on('n1').fixedPort(7000), aPod('b').on('n1').fixedPort(7001).exited(0)];
  const snapshot = aSnapshot()
    .with(aNode('n1'), ...pods)
    .hostPorts(7000, 7009)
    .build();
  expect([snapshot.ports[0]!.free, snapshot.ports[0]!.clone().draw([{}], 1)![0]!.port]).toEqual([9, 7001]);
});

test('roles are those with an object, a framework or tasks; each is charged for its own tasks that hold room', () => {
  const arena = aPool('arena').role('studio').cpu('1');
  const gone = aPool('gone').role('old');
  const snapshot = aSnapshot()
    .with(aNode('n1').cpu('4'), arena, aPool('idle').cpu('1'), aRole('studio').weight(3), aRole('empty'))
    .with(aPod('arena-0').ofPool(arena, 0).on('n1').cpu('1').ready())
    .with(aPod('arena-1').ofPool(arena, 1).on('n1').cpu('1').exited(1))
    .with(aPod('gone-0').ofPool(gone, 0).on('n1').cpu('2').ready())
    .with(aPod('other').on('n1').cpu('1'))
    .build();
  expect(snapshot.roles.map((r) => [r.name, r.weight, r.held[0], r.frameworks])).toEqual([
    ['empty', 1, 0, []],
    ['games', 1, 0, [1]],
    ['games/old', 1, 2000, []],
    ['studio', 3, 1000, [0]],
  ]);
  expect(snapshot.held.map((h) => h[0])).toEqual([1000, 0]);
  expect(snapshot.total[0]).toBe(4000);
});

describe('whom a Pod is charged to', () => {
  const own = aRole('tenant-a').ownedBy();
  const drawing = (name: string) => aPod(name).namespace('tenant-b').customer().cpu('1').on('n1');
  const heldIn = (...objects: Buildable[]) => {
    const { roles } = aSnapshot()
      .with(aNode('n1').cpu('4'), own, ...objects)
      .build();
    return Object.fromEntries(
      roles.filter(({ held }) => held[0]! > 0).map(({ path, held }) => [path, held[0]]),
    );
  };

  test('nobody, when its node does not exist', () => {
    const ghost = (namespace: string) =>
      aPod('ghost').namespace(namespace).customer().cpu('9').on('no-such-node');
    expect(heldIn(ghost('tenant-a'), ghost('tenant-b').label('proffer.dev/role', 'tenant-a'))).toEqual({});
  });

  test('the role of its namespace, when the role that it names is for others', () => {
    const byLabel = drawing('l').label('proffer.dev/role', 'tenant-a');
    const byAnnotation = drawing('a').annotation('proffer.dev/role', 'tenant-a/vip');
    expect(heldIn(byLabel, byAnnotation)).toEqual({ 'tenant-b': 2000 });
  });

  test('no pool of another namespace, whatever owner it names', () => {
    const pool = aPool('arena').namespace('tenant-a').replicas(1).cpu('1');
    const forged = aPod('forged').ofPool(pool, 0).namespace('tenant-b').on('n1').cpu('1').ready();
    const { frameworks, held } = aSnapshot().with(aNode('n1').cpu('4'), pool, forged).build();
    expect([frameworks[0]!.live, held[0]![0]]).toEqual([[], 0]);
    expect(heldIn(pool, forged)).toEqual({ 'tenant-b': 1000 });
  });
});

describe('a workload whose namespace may not draw on the role that it names', () => {
  const thief = (replicas: number) =>
    aPool('thief').namespace('tenant-b').role('tenant-a').replicas(replicas).cpu('1').priority(9);
  const runs = aPod('thief-0').ofPool(thief(1), 0).on('n1').cpu('1').ready();
  const read = (...objects: Buildable[]) =>
    aSnapshot()
      .with(aNode('n1').cpu('4'), aRole('tenant-a').ownedBy(), ...objects)
      .build().frameworks[0]!;

  test('takes no offers, while what runs stays and is charged to its own role', () => {
    const { hold, rolePath, live, removals } = read(thief(3), runs);
    expect(hold).toMatchObject({ reason: 'RoleNotGranted' });
    expect([rolePath, live.length, removals]).toEqual(['tenant-b', 1, []]);
  });

  test('is not held when it lacks nothing', () => {
    expect(read(thief(1), runs)).toMatchObject({ hold: undefined, account: { refusedBy: 'tenant-a' } });
  });

  test('is a Pod as well', () => {
    const pod = aPod('p').namespace('tenant-b').customer().label('proffer.dev/role', 'tenant-a');
    expect(read(pod)).toMatchObject({ rolePath: 'tenant-b', hold: { reason: 'RoleNotGranted' } });
  });
});

test('a workload that is being deleted takes no more part, while its Pods still count', () => {
  const pool = aPool('arena').replicas(2).cpu('1');
  const inputs = aSnapshot()
    .with(aNode('n1').cpu('4'), pool, aPod('arena-0').ofPool(pool, 0).on('n1').cpu('1'))
    .inputs();
  const deleting = [...inputs.workloads].map((p) => ({
    ...p,
    metadata: { ...p.metadata, deletionTimestamp: '2026-01-01T12:00:00Z' },
  }));
  const snapshot = buildSnapshot({ ...inputs, workloads: deleting }, DRIVERS);
  expect(buildSnapshot(inputs, DRIVERS).frameworks).toHaveLength(1);
  expect(snapshot.frameworks).toEqual([]);
  expect(supplyOf(snapshot, 0, 'cpu')).toEqual([3000]);
});

test('two frameworks that would give a Pod the same name give it two names', () => {
  const snapshot = aSnapshot()
    .with(aPool('a-worker').namespace('x'), aJob('a').namespace('x').group(aGroup('worker')))
    .build();
  expect(snapshot.classes.map((c) => c.pending.at(0)!.name)).toEqual(['a-worker-0', 'a-worker-0-r1']);
});

describe('whatever the objects', () => {
  const pools = ['p0', 'p1', 'p2'].map((name, i) => aPool(name).replicas(3).cpu(`${i}`).port('game', 1));
  const job = aJob('j').group(aGroup('w').replicas(3).request('nvidia.com/gpu', '1'));
  const anyPod = fc.record({
    owner: fc.integer({ min: 0, max: 5 }),
    slot: fc.integer({ min: 0, max: 3 }),
    node: fc.constantFrom('n1', 'n2', 'n3', 'gone', undefined),
    cpu: fc.constantFrom('1', '250m', '3'),
    port: fc.constantFrom(7000, 7001, 80),
    state: fc.constantFrom('ready', 'starting', 'crashed', 'done', 'evicted'),
    failures: fc.integer({ min: 0, max: 4 }),
    created: fc.integer({ min: 1, max: 3 }),
    deleting: fc.boolean(),
    session: fc.boolean(),
  });
  type AnyPod = typeof anyPod extends fc.Arbitrary<infer T> ? T : never;

  function makePod(facts: AnyPod, i: number) {
    const pod = aPod(`pod-${i}`)
      .cpu(facts.cpu)
      .fixedPort(facts.port)
      .failures(facts.failures)
      .created(facts.created);
    const pool = pools[facts.owner];
    if (pool) pod.ofPool(pool, facts.slot);
    else if (facts.owner === 3) pod.ofJob(job, 'w', facts.slot);
    if (facts.node) pod.on(facts.node);
    if (facts.session) pod.session('Allocated');
    if (facts.deleting) pod.deleting();
    if (facts.state === 'ready') return pod.ready();
    if (facts.state === 'starting') return pod.starting();
    if (facts.state === 'evicted') return pod.failed('Evicted');
    return pod.exited(facts.state === 'done' ? 0 : 1, 1);
  }

  const inputsOf = (pods: readonly AnyPod[]): Inputs =>
    aSnapshot()
      .with(aNode('n1'), aNode('n2').resource('nvidia.com/gpu', '2'), aNode('n3').cpu('1'))
      .with(...pools, job, aRole('games').weight(2), aRole('training'))
      .with(...pods.map(makePod))
      .inputs();

  const byKey = (pods: readonly PodFacts[]) => pods.toSorted((a, b) => (a.key < b.key ? -1 : 1));

  /** A snapshot as plain data; the order in which ports and Pods are held says nothing. */
  const plain = ({ ports, pods, ruling, leaving, ...rest }: Snapshot) => ({
    ...rest,
    pods: byKey(pods),
    ruling: byKey(ruling),
    leaving: byKey(leaving),
    ports: ports.map((p) => [p.free, p.held.map((h) => `${h.port}/${h.protocol}`).sort()]),
  });

  test('the same objects in any order give the same snapshot', () => {
    fc.assert(
      fc.property(fc.array(anyPod, { maxLength: 14 }), fc.infiniteStream(fc.nat()), (pods, dice) => {
        const inputs = inputsOf(pods);
        const shuffled = <T>(items: Iterable<T>): T[] =>
          [...items]
            .map((item) => ({ item, at: dice.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);
        const other = {
          ...inputs,
          agents: shuffled(inputs.agents),
          pods: shuffled(inputs.pods),
          workloads: shuffled(inputs.workloads),
          roles: shuffled(inputs.roles),
        };
        expect(plain(buildSnapshot(other, DRIVERS))).toEqual(plain(buildSnapshot(inputs, DRIVERS)));
      }),
      { numRuns: 150 },
    );
  });

  test('slots add up: live, pending and backing off are what is asked for, no name is given twice, players stay', () => {
    fc.assert(
      fc.property(fc.array(anyPod, { maxLength: 14 }), (pods) => {
        const inputs = inputsOf(pods);
        const snapshot = buildSnapshot(inputs, DRIVERS);
        expect(Math.min(0, ...snapshot.supply)).toBe(0);
        const taken = new Set([...inputs.pods].map((pod) => pod.key));
        for (const framework of snapshot.frameworks) {
          const pending = framework.classes.flatMap((c) => [...c.pending]);
          for (const { name } of pending) {
            const key = `${framework.metadata.namespace}/${name}`;
            expect(taken.has(key)).toBe(false);
            taken.add(key);
          }
          const slots = new Set([...pending.map((v) => v.slot), ...framework.live.map((p) => p.task!.slot)]);
          expect(pending.every((v) => framework.live.every((p) => p.task!.slot !== v.slot))).toBe(true);
          if (framework.kind === 'TrainingJob') {
            if (!framework.exhausted) expect(slots.size + framework.completed + framework.backingOff).toBe(3);
            continue;
          }
          const sum = pending.length + framework.live.length + framework.backingOff;
          const held = framework.live.filter((p) => p.task!.session !== '').length;
          expect(sum).toBe(Math.max(3, held));
          const leaving = framework.removals.filter((r) => r.reason === 'ScaledDown');
          expect(leaving.every((r) => r.pod.task!.session === '')).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test('Services that Proffer made for tasks are not gone through for how others are spread', () => {
  const metadata = {
    name: 'arena-0',
    namespace: 'games',
    labels: { 'proffer.dev/server': 'arena-0' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'arena-0', uid: 'u' }],
  };
  const own = serviceFacts({ metadata, spec: { selector: { 'proffer.dev/server': 'arena-0' } } });
  const other = serviceFacts({
    metadata: { name: 'arena-0', namespace: 'else' },
    spec: { selector: { a: 'b' } },
  });
  const { services } = buildSnapshot({ ...aSnapshot().inputs(), services: [own, other] }, DRIVERS);
  expect([...services.keys()]).toEqual(['else']);
});
