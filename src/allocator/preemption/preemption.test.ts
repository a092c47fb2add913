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
  type JobBuilder,
  type NodeBuilder,
  type PodBuilder,
  type PoolBuilder,
} from '../../../test/builders/index.ts';
import { buildSnapshot } from '../../world/world.ts';
import { NO_MEMORY, type PreemptionMemory } from '../../snapshot/preemption.ts';
import { NOW } from '../../../test/builders/index.ts';
import { decide } from '../decide.test-helper.ts';
import { DRIVERS } from '../../frameworks/drivers.ts';

/** Running servers of a pool, one for each node that is named. */
const servers = (pool: PoolBuilder, cpu: string, ...nodes: string[]): PodBuilder[] =>
  nodes.map((node, slot) =>
    aPod(`${pool.identity.name}-${slot}`)
      .ofPool(pool, slot)
      .on(node)
      .cpu(cpu)
      .created(600 - slot)
      .ready(),
  );

/** Running workers of a job's group `w`. */
const workers = (job: JobBuilder, cpu: string, ...nodes: string[]): PodBuilder[] =>
  nodes.map((node, i) =>
    aPod(`${job.identity.name}-w-${i}`).ofJob(job, 'w', i).on(node).cpu(cpu).created(600).ready(),
  );

const aRevocable = (name: string, replicas: number, cpu: string): JobBuilder =>
  aJob(name).field('revocable', true).group(aGroup('w').replicas(replicas).cpu(cpu));

/** The role of the namespace, where priorities count. */
const games = aRole('games');

/** Who is evicted for whom, and who is nominated where. */
function told(objects: readonly Buildable[], memory: PreemptionMemory = NO_MEMORY) {
  const snapshot = buildSnapshot(
    {
      ...aSnapshot()
        .with(...objects)
        .inputs(),
      preemption: memory,
    },
    DRIVERS,
  );
  const { evictions, nominations, launches, refused, declined, blocked } = decide(snapshot);
  const nameOf = (framework: number) => snapshot.frameworks[framework]!.metadata.name;
  return {
    evicted: evictions.map(({ pod, by }) => `${pod.name} for ${nameOf(by)}`).sort(),
    nominated: nominations.map(
      ({ framework, agent, tasks }) => `${nameOf(framework)} ${tasks} on ${snapshot.agents[agent]!.name}`,
    ),
    launched: launches.map(
      ({ vacancy, offer }) => `${vacancy.name} on ${snapshot.agents[offer.agent]!.name}`,
    ),
    refused: [...refused.values()].map(({ kind }) => kind),
    declined: [...declined.keys()].map(nameOf),
    blocked: [...blocked].map(([framework, message]) => `${nameOf(framework)}: ${message}`),
  };
}

const PEACE = { evicted: [], nominated: [], blocked: [] };

describe('what is revocable', () => {
  const night = aRevocable('night', 1, '4');
  const full = [aNode('n1').cpu('4'), night, ...workers(night, '4', 'n1')];

  test('gives way to anything that is not, whatever its priority and share', () => {
    const arena = aPool('arena').replicas(1).cpu('1').priority(-5);
    expect(told([...full, arena])).toMatchObject({
      evicted: ['night-w-0 for arena'],
      nominated: ['arena 1 on n1'],
    });
  });

  test('but not to what is revocable as well, nor to what would not fit even then', () => {
    expect(told([...full, aRevocable('day', 1, '1').priority(9)])).toMatchObject(PEACE);
    expect(told([...full, aPool('arena').replicas(1).cpu('5')])).toMatchObject(PEACE);
    expect(told([...full, aPool('arena').replicas(1).cpu('1').nodeSelector('disk', 'ssd')])).toMatchObject(
      PEACE,
    );
  });

  test('is served last: what is free goes to others first', () => {
    const arena = aPool('arena').replicas(3).cpu('1').role('rich').priority(-1);
    const cluster = [aNode('n1').cpu('4'), aRevocable('night', 2, '1').priority(9), arena];
    expect(told(cluster).launched).toEqual(['arena-0 on n1', 'arena-1 on n1', 'arena-2 on n1']);
  });

  test('goes whole when it is a gang, whose room elsewhere others may have', () => {
    const wide = aRevocable('wide', 2, '4');
    const cluster = [aNode('n1').cpu('4'), aNode('n2').cpu('4'), wide, ...workers(wide, '4', 'n1', 'n2')];
    expect(told([...cluster, aPool('arena').replicas(2).cpu('3')])).toMatchObject({
      evicted: ['wide-w-0 for arena', 'wide-w-1 for arena'],
      nominated: ['arena 1 on n1', 'arena 1 on n2'],
    });
  });
});

describe('in one role', () => {
  const low = aPool('low').replicas(2).cpu('2');
  const cluster = [aNode('n1').cpu('4'), games, low, ...servers(low, '2', 'n1', 'n1')];

  test('less priority gives way, the youngest first, and no more than it takes', () => {
    expect(told([...cluster, aPool('high').replicas(1).cpu('2').priority(1)])).toMatchObject({
      evicted: ['low-1 for high'],
      nominated: ['high 1 on n1'],
    });
    expect(told([...cluster, aPool('high').replicas(1).cpu('3').priority(1)]).evicted).toHaveLength(2);
  });

  test('equal priority does not, nor whoever has players, nor what another scheduler placed', () => {
    expect(told([...cluster, aPool('high').replicas(1).cpu('2')])).toMatchObject(PEACE);
    const played = servers(low, '2', 'n1', 'n1').map((pod) => pod.session('Allocated'));
    const high = aPool('high').replicas(1).cpu('2').priority(1);
    expect(told([aNode('n1').cpu('4'), games, low, ...played, high])).toMatchObject(PEACE);
    expect(told([aNode('n1').cpu('4'), games, aPod('stranger').on('n1').cpu('4'), high])).toMatchObject(
      PEACE,
    );
  });

  test('the label of players shields servers of pools alone: no worker, and no Pod of others', () => {
    const high = aPool('high').replicas(1).cpu('2').priority(1);
    const calm = aJob('calm').namespace('games').group(aGroup('w').cpu('4'));
    const worker = workers(calm, '4', 'n1').map((pod) => pod.session('Allocated'));
    expect(told([aNode('n1').cpu('4'), games, calm, ...worker, high]).evicted).toEqual(['calm-w-0 for high']);
    const other = aPod('other').namespace('games').customer().on('n1').cpu('4').session('Allocated');
    expect(told([aNode('n1').cpu('4'), games, other, high]).evicted).toEqual(['other for high']);
  });

  test('quota is no reason to evict: the role is at its limit', () => {
    const high = aPool('high').replicas(1).cpu('2').priority(1);
    const capped = aRole('games').limit({ cpu: '4' });
    const others = cluster.filter((object) => object !== games);
    expect(told([...others, high, capped])).toMatchObject({ ...PEACE, refused: ['limit'] });
  });

  test('who is leaving already leaves enough', () => {
    const pods = servers(low, '2', 'n1', 'n1');
    pods[1]!.evicted();
    const high = aPool('high').replicas(1).cpu('2').priority(1);
    expect(told([aNode('n1').cpu('4'), games, low, ...pods, high])).toMatchObject({
      evicted: [],
      nominated: ['high 1 on n1'],
    });
  });

  test('a gang has others evicted for all of it or for none', () => {
    const gang = (replicas: number) =>
      aJob('gang').role('games').priority(1).group(aGroup('w').replicas(replicas).cpu('2'));
    const one = aPool('low').replicas(1).cpu('2');
    const half = [aNode('n1').cpu('4'), games, one, ...servers(one, '2', 'n1')];
    expect(told([...half, gang(2)])).toMatchObject({
      evicted: ['low-0 for gang'],
      nominated: ['gang 2 on n1'],
      launched: [],
    });
    expect(told([...half, gang(3)])).toMatchObject({ ...PEACE, declined: ['gang'] });
  });
});

describe('guarantees', () => {
  const greedy = aPool('greedy').replicas(2).cpu('2').role('greedy').priority(9);
  const cluster = [aNode('n1').cpu('4'), greedy, ...servers(greedy, '2', 'n1', 'n1')];
  const due = aPool('due').replicas(1).cpu('2').role('due');

  test('are worth more than the priority of those who hold more than theirs', () => {
    const roles = [aRole('due').guarantee({ cpu: '2' }), aRole('greedy').guarantee({ cpu: '2' })];
    expect(told([...cluster, due, ...roles])).toMatchObject({
      evicted: ['greedy-1 for due'],
      nominated: ['due 1 on n1'],
    });
  });

  test('are met by the role that holds most by weight, not by whoever is easiest to evict', () => {
    const crowd = aPool('crowd').replicas(6).cpu('2').role('crowd').priority(1);
    const few = aPool('few').replicas(2).cpu('1').role('few');
    const full = [
      aNode('n1').cpu('8'),
      aNode('n2').cpu('6'),
      ...servers(crowd, '2', 'n1', 'n1', 'n1', 'n2', 'n2', 'n2'),
      ...servers(few, '1', 'n1', 'n1'),
    ];
    const wants = aPool('due').replicas(3).cpu('2').role('due');
    const roles = [aRole('due').guarantee({ cpu: '6' }), aRole('few').weight(2), aRole('crowd').weight(2)];
    expect(told([...full, crowd, few, wants, ...roles]).evicted).toEqual(
      expect.arrayContaining(['crowd-5 for due', 'crowd-4 for due', 'crowd-3 for due']),
    );
    // With nothing left to take but from those who have little, the guarantee waits.
    const alone = [aNode('n1').cpu('2'), ...servers(few, '1', 'n1', 'n1'), aNode('n2').cpu('12')];
    const others = servers(crowd, '2', 'n2', 'n2', 'n2', 'n2', 'n2', 'n2').map((pod) =>
      pod.session('Allocated'),
    );
    expect(told([...alone, ...others, crowd, few, wants, ...roles])).toMatchObject(PEACE);
  });

  test('are taken from nobody', () => {
    const roles = [aRole('due').guarantee({ cpu: '2' }), aRole('greedy').guarantee({ cpu: '4' })];
    expect(told([...cluster, due, ...roles])).toMatchObject(PEACE);
  });

  test('are not met by what is revocable, and it keeps nobody from them', () => {
    const night = aRevocable('night', 1, '4').role('due');
    const roles = [aRole('due').guarantee({ cpu: '2' })];
    const busy = [aNode('n1').cpu('4'), night, ...workers(night, '4', 'n1'), ...roles];
    expect(told([...busy, due]).evicted).toEqual(['night-w-0 for due']);
    // What is beyond the guarantee of others is anybody's.
    const other = aPool('other').replicas(2).cpu('2').role('other');
    expect(told([...busy, other])).toMatchObject({
      evicted: ['night-w-0 for other'],
      nominated: ['other 1 on n1'],
    });
  });
});

describe('another role', () => {
  const rich = aPool('rich').replicas(4).cpu('1').role('rich');
  const cluster = [aNode('n1').cpu('4'), rich, ...servers(rich, '1', 'n1', 'n1', 'n1', 'n1')];
  const poor = (replicas: number) => aPool('poor').replicas(replicas).cpu('1').role('poor').priority(1);

  test('gives way to more priority while its share is the larger one even then', () => {
    // From 4 to 0 over 3 to 1: after the next one both had the same.
    expect(told([...cluster, poor(3), aRole('poor'), aRole('rich')])).toMatchObject({
      nominated: ['poor 1 on n1'],
      evicted: ['rich-3 for poor'],
    });
    expect(told([...cluster, poor(3), aRole('poor'), aRole('rich').weight(4)])).toMatchObject(PEACE);
  });

  test('nested roles are compared where they part', () => {
    const [a, b] = [aRole('rich').parent('studio'), aRole('poor').parent('studio')];
    expect(told([...cluster, poor(1), aRole('studio'), a, b]).evicted).toEqual(['rich-3 for poor']);
  });
});

describe('nominations', () => {
  const low = aPool('low').replicas(1).cpu('3');
  const leaving = () => servers(low, '3', 'n1').map((pod) => pod.evicted());
  const high = aPool('high').replicas(1).cpu('4').priority(1);

  test('keep what is free from those who are served later', () => {
    const small = aPool('small').replicas(1).cpu('1');
    expect(told([aNode('n1').cpu('4'), games, low, ...leaving(), small, high])).toMatchObject({
      nominated: ['high 1 on n1'],
      launched: [],
    });
  });

  test('of the last cycle stand against those who are served before', () => {
    const first = aPool('first').replicas(4).cpu('1').role('first');
    const nominations = [
      { framework: 'gsp/games/high', group: '', demand: { cpu: 4000, pods: 1 }, node: 'n1', tasks: 1 },
    ];
    const cluster = [aNode('n1').cpu('4'), games, aRole('first'), high, first];
    expect(told(cluster).launched).toHaveLength(4);
    expect(told(cluster, { ...NO_MEMORY, nominations }).launched).toEqual(['high-0 on n1']);
  });
});

describe('who does not go', () => {
  const low = aPool('low').replicas(2).cpu('2');
  const high = aPool('high').replicas(1).cpu('2').priority(1);
  const cluster = (node: NodeBuilder) => {
    const [hangs, stays] = servers(low, '2', 'n1', 'n2') as [PodBuilder, PodBuilder];
    return [node, aNode('n2').cpu('2'), games, low, hangs.evicted(), stays, high];
  };
  const leaving = (secondsAgo: number) => ({
    ...NO_MEMORY,
    leaving: new Map([['uid-pod-games-low-0', NOW - secondsAgo * 1000]]),
  });

  test('is waited for as long as its grace and a little more, and then another one goes', () => {
    const waits = { evicted: [], nominated: ['high 1 on n1'] };
    expect(told(cluster(aNode('n1').cpu('2')), leaving(45))).toMatchObject(waits);
    expect(told(cluster(aNode('n1').cpu('2')), leaving(46))).toMatchObject({
      evicted: ['low-1 for high'],
      nominated: ['high 1 on n2'],
    });
  });

  test('is not waited for on a node that is not well', () => {
    expect(
      told(cluster(aNode('n1').cpu('2').taint('node.kubernetes.io/not-ready')), leaving(1)).evicted,
    ).toEqual(['low-1 for high']);
  });
});

describe('room that is being freed for one', () => {
  const low = aPool('low').replicas(1).cpu('8');
  const leaving = () => servers(low, '8', 'n1').map((pod) => pod.evicted());
  const [mid, high] = [1, 2].map((priority) =>
    aPool(priority === 1 ? 'mid' : 'high')
      .replicas(1)
      .cpu('5')
      .priority(priority),
  ) as [PoolBuilder, PoolBuilder];
  const nominations = [
    { framework: 'gsp/games/mid', group: '', demand: { cpu: 5000, pods: 1 }, node: 'n1', tasks: 1 },
  ];
  const memory = { ...NO_MEMORY, nominations };

  test('goes to another one that comes meanwhile and before it, whether it is free yet or not', () => {
    const waiting = [aNode('n1').cpu('8'), games, low, ...leaving(), mid, high];
    expect(told(waiting, memory)).toMatchObject({ evicted: [], nominated: ['high 1 on n1'] });
    expect(told([aNode('n1').cpu('8'), games, mid, high], memory).launched).toEqual(['high-0 on n1']);
  });

  test('does not when that one finds room that is free', () => {
    const waiting = [aNode('n1').cpu('8'), aNode('n2').cpu('5'), games, low, ...leaving(), mid, high];
    expect(told(waiting, memory)).toMatchObject({ launched: ['high-0 on n2'], nominated: ['mid 1 on n1'] });
  });

  test('goes to a guarantee that is not met, before what is beyond one', () => {
    const due = aPool('due').replicas(1).cpu('5').role('due');
    const cluster = [aNode('n1').cpu('8'), games, mid, due];
    expect(told([...cluster, aRole('due')], memory).launched).toEqual(['mid-0 on n1']);
    expect(told([...cluster, aRole('due').guarantee({ cpu: '5' })], memory).launched).toEqual([
      'due-0 on n1',
    ]);
  });
});

describe('budgets', () => {
  const low = aPool('low').replicas(2).cpu('2');
  const cluster = [aNode('n1').cpu('2'), aNode('n2').cpu('2'), games, low, ...servers(low, '2', 'n1', 'n2')];
  const high = aPool('high').replicas(1).cpu('2').priority(1);
  const blocking = (until: number, ...names: string[]): PreemptionMemory => ({
    ...NO_MEMORY,
    blocked: new Map(names.map((name) => [`uid-pod-games-${name}`, { until, message: 'budget pdb' }])),
  });

  test('that block an eviction are gone round when there are others', () => {
    expect(told([...cluster, high]).evicted).toEqual(['low-1 for high']);
    expect(told([...cluster, high], blocking(NOW + 1, 'low-1')).evicted).toEqual(['low-0 for high']);
    expect(told([...cluster, high], blocking(NOW - 1, 'low-1')).evicted).toEqual(['low-0 for high']);
  });

  test('are named when there are none, and asked again when the back-off is over', () => {
    const all = ['low-0', 'low-1'];
    expect(told([...cluster, high], blocking(NOW + 1, ...all))).toMatchObject({
      evicted: [],
      blocked: ['high: budget pdb'],
    });
    expect(told([...cluster, high], blocking(NOW - 1, ...all)).evicted).toEqual(['low-1 for high']);
  });
});

test('who came after its framework gave way is spared for a while', () => {
  const low = aPool('low').replicas(1).cpu('2');
  const high = aPool('high').replicas(1).cpu('2').priority(1);
  const came = (secondsAgo: number) => [
    aNode('n1').cpu('2'),
    games,
    low,
    aPod('low-0').ofPool(low, 0).on('n1').cpu('2').created(secondsAgo).ready(),
    high,
  ];
  const gaveWay = { ...NO_MEMORY, gaveWay: new Map([['gsp/games/low', NOW - 30_000]]) };
  expect(told(came(20), gaveWay)).toMatchObject(PEACE);
  expect(told(came(50), gaveWay).evicted).toEqual(['low-0 for high']);
});

test('host ports are freed with those who hold them', () => {
  const low = aPool('low').replicas(1).cpu('100m').fixedPort(7777);
  const high = aPool('high').replicas(1).cpu('100m').fixedPort(7777).priority(1);
  const pod = aPod('low-0').ofPool(low, 0).on('n1').cpu('100m').fixedPort(7777).ready();
  expect(told([aNode('n1'), games, low, pod, high]).evicted).toEqual(['low-0 for high']);
});

describe('Pods of others', () => {
  const customer = (name: string, cpu: string) =>
    aPod(name).namespace('games').cpu(cpu).specField('schedulerName', 'proffer');
  const arena = aPool('arena').replicas(1).cpu('1').priority(-1);

  test('give way when they are revocable, and each by its own priority', () => {
    const spare = customer('spare', '2').label('proffer.dev/revocable', 'true').on('n1').ready();
    expect(told([aNode('n1').cpu('2'), spare, arena]).evicted).toEqual(['spare for arena']);
    const [low, high] = [0, 5].map((priority) =>
      customer(`of-${priority}`, '1')
        .label('proffer.dev/framework', 'db')
        .specField('priority', priority)
        .on('n1')
        .ready(),
    ) as [PodBuilder, PodBuilder];
    const urgent = aPool('urgent').replicas(2).cpu('1').priority(3);
    expect(told([aNode('n1').cpu('2'), games, low, high, urgent]).evicted).toEqual(['of-0 for urgent']);
  });

  test('that are a gang go whole', () => {
    const member = (name: string, node: string) =>
      customer(name, '2').label('proffer.dev/gang', 'g').label('proffer.dev/gang-min', '2').on(node).ready();
    const cluster = [aNode('n1').cpu('2'), aNode('n2').cpu('2'), member('a', 'n1'), member('b', 'n2')];
    const high = aPool('high').replicas(1).cpu('1').priority(1);
    expect(told([...cluster, games, high]).evicted).toEqual(['a for high', 'b for high']);
  });

  test('that wait are nominated, unless their policy is never to have others evicted', () => {
    const low = aPool('low').replicas(1).cpu('2');
    const full = [aNode('n1').cpu('2'), low, ...servers(low, '2', 'n1')];
    const waiting = () => customer('waits', '1').specField('priority', 7);
    expect(told([...full, waiting()])).toMatchObject({
      evicted: ['low-0 for waits'],
      nominated: ['waits 1 on n1'],
    });
    expect(told([...full, waiting().specField('preemptionPolicy', 'Never')])).toMatchObject(PEACE);
  });
});
