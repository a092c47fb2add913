import { expect, test } from 'vitest';
import { aNode, ago, aPod, aPool, aSnapshot, NOW, type Buildable } from '../../../test/builders/index.ts';
import { ANNOTATION } from '../../api/group.ts';
import { giveWay } from '../../plan/give-way.ts';
import { cycle } from '../../plan/cycle.test-helper.ts';

const arena = aPool('arena').replicas(1).field('eviction', { drainSeconds: 60 });
const cordoned = aNode('n1').cordoned();
const server = () => aPod('arena-0').ofPool(arena, 0).on('n1').ready();
const held = () => server().session('Allocated');
const told = (secondsAgo: number) => held().annotation(ANNOTATION.inverseOffer, ago(secondsAgo));

function decided(...objects: Buildable[]) {
  const { snapshot, allocation } = cycle(aSnapshot().with(...objects));
  const [pool] = snapshot.frameworks;
  const notices = giveWay(snapshot, allocation).map((command) =>
    command.kind === 'notice'
      ? { pod: command.name, until: command.until && command.until - NOW }
      : command.kind,
  );
  const removals = pool!.removals.map(({ pod, reason }) => `${pod.name} ${reason}`);
  return { notices, removals, lacks: pool!.classes[0]!.pending.length, wakesIn: pool!.wakeAt - NOW };
}

test('a server with players is told how long it may stay, once', () => {
  const nothing = { removals: [], lacks: 0 };
  expect(decided(cordoned, arena, held())).toMatchObject({
    ...nothing,
    notices: [{ pod: 'arena-0', until: 60_000 }],
    wakesIn: 60_000,
  });
  expect(decided(cordoned, arena, told(-20))).toEqual({ ...nothing, notices: [], wakesIn: 20_000 });
});

test('when its time is over it goes, and its replacement is wanted at once', () => {
  expect(decided(cordoned, arena, told(0))).toEqual({
    notices: [],
    removals: ['arena-0 NodeDrained'],
    lacks: 1,
    wakesIn: Infinity,
  });
});

test('nobody gives it more time than the pool does', () => {
  expect(decided(cordoned, arena, told(-3600)).notices).toEqual([{ pod: 'arena-0', until: 60_000 }]);
});

test.each<[string, ...Buildable[]]>([
  ['of a server without players', cordoned, arena, server()],
  ['while the node is not drained', aNode('n1'), arena, held()],
  ['where the pool sets no time', cordoned, aPool('arena').replicas(1), held()],
])('nothing is said or done %s', (_, ...objects) => {
  expect(decided(...objects)).toEqual({ notices: [], removals: [], lacks: 0, wakesIn: Infinity });
});

test('who was told and whose node is not drained any more may stay', () => {
  const { notices, removals } = decided(aNode('n1'), arena, told(0));
  expect({ notices, removals }).toEqual({ notices: [{ pod: 'arena-0', until: undefined }], removals: [] });
});

test.each(['ToBeDeletedByClusterAutoscaler', 'karpenter.sh/disrupted'])(
  'a node with the taint %s is drained',
  (key) => {
    const node = aNode('n1').taint(key, 'NoSchedule');
    expect(decided(node, arena, held()).notices).toHaveLength(1);
  },
);

test('servers without players go when others are ready elsewhere, where the pool says so', () => {
  const careful = aPool('arena').replicas(2).field('eviction', { replaceFirst: true });
  const free = (slot: number, node: string) => aPod(`arena-${slot}`).ofPool(careful, slot).on(node);
  const old = [free(0, 'n1').ready(), free(1, 'n2').ready()];
  const nodes = [cordoned, aNode('n2')];
  expect(decided(...nodes, careful, ...old)).toMatchObject({ removals: [], lacks: 1 });
  expect(decided(...nodes, careful, ...old, free(2, 'n2').starting())).toMatchObject({
    removals: [],
    lacks: 0,
  });
  expect(decided(...nodes, careful, ...old, free(2, 'n2').ready())).toMatchObject({
    removals: ['arena-0 Moved'],
    lacks: 0,
  });
  const calm = aPool('arena').replicas(2);
  expect(decided(...nodes, calm, ...old)).toMatchObject({ removals: [], lacks: 0 });
});

test('one that may not stay at all is told before it goes, on a whole second, too', () => {
  const atOnce = aPool('arena').replicas(1).field('eviction', { drainSeconds: 0 });
  const first = decided(cordoned, atOnce, held());
  expect(first).toMatchObject({ notices: [{ pod: 'arena-0', until: 1000 }], removals: [], wakesIn: 1000 });
});
