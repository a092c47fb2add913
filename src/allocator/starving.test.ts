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
} from '../../test/builders/index.ts';
import { decide, tasksByNode } from './decide.test-helper.ts';

const LONG = 3601;
const nodes = ['n1', 'n2', 'n3', 'n4'].map((name) => aNode(name).cpu('2'));
const job = (name: string, workers: number, cpu = '2') =>
  aJob(name).group(aGroup('w').replicas(workers).cpu(cpu));
/** Workers of a job of the night that runs, one on each node. */
const running = (...on: string[]) => {
  const night = job('night', on.length);
  return [
    night,
    ...on.map((node, slot) => aPod(`night-w-${slot}`).ofJob(night, 'w', slot).on(node).cpu('2')),
  ];
};

function run(...objects: Buildable[]) {
  const snapshot = aSnapshot()
    .with(...nodes, ...objects)
    .build();
  const allocation = decide(snapshot);
  const name = (framework: number) => snapshot.frameworks[framework]!.metadata.name;
  const kept = [...allocation.kept].map(([framework, places]): [string, number] => [
    name(framework),
    places.reduce((sum, { tasks }) => sum + tasks, 0),
  ]);
  return { placed: tasksByNode(snapshot, allocation), kept: Object.fromEntries(kept) };
}

describe('room for a gang that has waited long', () => {
  test('is kept from those who came later, in its role and in others', () => {
    const [later, other] = [job('later', 1), job('other', 1).role('else')];
    const busy = running('n1', 'n2');
    expect(run(...busy, job('large', 3).waiting(LONG), later, other)).toEqual({
      placed: {},
      kept: { large: 2 },
    });
    expect(run(...busy, job('large', 3).waiting(LONG - 2), later, other).kept).toEqual({});
  });

  test('is taken as soon as it is enough', () => {
    const { placed, kept } = run(...running('n1'), job('large', 3).waiting(LONG), job('later', 1));
    expect([Object.keys(placed), kept]).toEqual([['large n2', 'large n3', 'large n4'], {}]);
  });

  test('is at most half of the cluster, in the order in which they wait', () => {
    const [large, second] = [
      job('large', 4).waiting(LONG),
      job('second', 4)
        .role('else')
        .waiting(LONG + 1),
    ];
    const { placed, kept } = run(...running('n4'), large, second, job('later', 1).role('third'));
    expect([Object.values(placed), kept]).toEqual([[1], { second: 2 }]);
  });

  test.each<[why: string, objects: Buildable[]]>([
    ['who gives way to everybody', [job('large', 3).waiting(LONG).field('revocable', true)]],
    [
      'who is not the first in the line of its role',
      [aRole('training'), job('large', 3).waiting(LONG), job('first', 9).priority(1)],
    ],
    [
      'who must be in one domain',
      [
        job('large', 3)
          .waiting(LONG)
          .field('topology', { key: 'kubernetes.io/hostname', policy: 'Required' }),
      ],
    ],
    ['whose room nobody is going to leave', [job('large', 5).waiting(LONG)]],
    ['who needs a port on each of more nodes than there are', [withPort(5).waiting(LONG)]],
  ])('is not kept for one %s', (_, objects) => {
    const { placed, kept } = run(...running('n1', 'n2'), ...objects, job('later', 1).role('else'));
    expect([Object.values(placed), kept]).toEqual([[1], {}]);
  });

  test('is not kept where servers hold the rest: these end when their players want', () => {
    const pool = aPool('arena').replicas(2);
    const servers = ['n1', 'n2'].map((node, slot) =>
      aPod(`arena-${slot}`).ofPool(pool, slot).on(node).cpu('2'),
    );
    expect(run(pool, ...servers, job('large', 3).waiting(LONG), job('later', 1).role('else'))).toMatchObject({
      kept: {},
    });
  });

  test('counts against its role, and what guarantees of others need is not kept', () => {
    const guaranteed = aRole('games').guarantee({ cpu: '6' });
    const { kept } = run(...running('n1'), guaranteed, job('large', 4).waiting(LONG));
    expect(kept).toEqual({});
  });

  function withPort(workers: number): JobBuilder {
    return aJob('large').group(aGroup('w').replicas(workers).fixedPort(7000, 'TCP'));
  }
});

/** A small job comes in each round and runs for some, so that one node is free at a time. @returns when the large one starts */
function startsAfter(large: (round: number) => JobBuilder): number {
  const LASTS = 4;
  let jobs: { job: JobBuilder; node: string; ends: number }[] = [];
  for (let round = 0; round < 40; round++) {
    jobs = jobs.filter(({ ends }) => ends > round);
    const pods = jobs.map(({ job: each, node }) =>
      aPod(`${each.identity.name}-w-0`).ofJob(each, 'w', 0).on(node).cpu('2'),
    );
    const comes = job(`small${round}`, 1);
    const late = round < LASTS ? [] : [large(round - LASTS)];
    const snapshot = aSnapshot()
      .with(...nodes, ...jobs.map((each) => each.job), ...pods, comes, ...late)
      .build();
    const { launches } = decide(snapshot);
    for (const { offer } of launches) {
      const { name } = snapshot.frameworks[offer.framework]!.metadata;
      if (name === 'large') return round - LASTS;
      jobs.push({ job: comes, node: snapshot.agents[offer.agent]!.name, ends: round + LASTS });
    }
  }
  return Infinity;
}

test('a gang of half the cluster starts though small ones never end to come', () => {
  const large = () => job('large', 2).priority(0).role('else');
  expect(startsAfter(() => large().waiting(900))).toBe(Infinity);
  expect(startsAfter((round) => large().waiting(900 * (round + 1)))).toBe(4);
});
