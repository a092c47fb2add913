/**
 * The deciding part of a cycle, without a cluster: 5,000 nodes and 10,000 pending tasks, in few and in many pools and
 * roles, with and without quota. Prints medians.
 *
 *   npm run bench:placing -- [--nodes 5000] [--tasks 10000] [--repeat 7] [--against DIR]
 *
 * With --against, allocate() of another checkout is timed in turns with this one's.
 */
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { allocate } from '../src/allocator/allocate.ts';
import { answersBy } from '../src/frameworks/common/driver.ts';
import { DRIVERS } from '../src/frameworks/drivers.ts';
import { buildMatrices } from '../src/matrix/matrices.ts';
import type { Snapshot } from '../src/snapshot/snapshot.ts';
import { aClaim, aPool, aRole, aSnapshot, aStorageClass, term, zoned } from '../test/builders/index.ts';
import { median } from './support/statistics.ts';
import { markdownTable } from './support/table.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '5000' },
    tasks: { type: 'string', default: '10000' },
    repeat: { type: 'string', default: '7' },
    against: { type: 'string' },
  },
});
const NODES = Number(values.nodes);
const TASKS = Number(values.tasks);
const REPEAT = Number(values.repeat);

interface Case {
  readonly title: string;
  readonly pools: number;
  readonly roles: number;
  /** Whether tasks differ from pool to pool, so that turns are short and uneven. */
  readonly uneven?: boolean;
  readonly spread?: boolean;
  /** Topology spread constraint ScheduleAnyway over 50 zones, which tasks go by one after the other. */
  readonly anyway?: boolean;
  /** Whether roles have guarantees and limits, and nodes are reserved. */
  readonly quota?: boolean;
  /** Whether each task has a claim of its slot that waits for a node: a class for itself. */
  readonly claims?: boolean;
  /** Pending tasks and nodes, where they are others than of the other cases. */
  readonly tasks?: number;
  readonly nodes?: number;
}

const CASES: readonly Case[] = [
  { title: '1 pool', pools: 1, roles: 1 },
  { title: '1 pool, spread', pools: 1, roles: 1, spread: true },
  { title: '1 pool, ScheduleAnyway', pools: 1, roles: 1, anyway: true },
  { title: '50 pools of 10 roles', pools: 50, roles: 10, uneven: true },
  { title: '50 pools of 10 roles, quota', pools: 50, roles: 10, uneven: true, quota: true },
  { title: '1,000 pools of one role', pools: 1000, roles: 1 },
  { title: '1,000 pools of 1,000 roles', pools: 1000, roles: 1000, uneven: true },
  {
    title: '1 pool, 1,000 tasks with claims, 200 nodes',
    pools: 1,
    roles: 1,
    claims: true,
    tasks: 1000,
    nodes: 200,
  },
];

/** The claim of a slot. */
const CLAIM = {
  storageClassName: 'disks',
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
};

/** What waits, on nodes that have room for all of it. */
function snapshotOf(each: Case): Snapshot {
  const {
    pools,
    roles,
    uneven = false,
    spread = false,
    anyway = false,
    quota = false,
    claims = false,
  } = each;
  const { nodes = NODES, tasks = TASKS } = each;
  const builder = aSnapshot();
  for (let i = 0; i < nodes; i++) {
    const node = zoned(`node-${i}`, `zone-${i % 50}`)
      .cpu('16')
      .memory('64Gi')
      .pods(110);
    builder.with(quota && i % 100 === 0 ? node.label('kept', `r${i % roles}`) : node);
  }
  for (let r = 0; r < roles; r++) {
    const role = aRole(`r${r}`).weight(1 + (r % 3));
    builder.with(
      quota
        ? role.guarantee({ cpu: '40' }).limit({ cpu: '4000' }).reserve('kept', `r${r}`, { cpu: '8' })
        : role,
    );
  }
  for (let p = 0; p < pools; p++) {
    const pool = aPool(`pool-${p}`)
      .namespace(`r${p % roles}`)
      .replicas(tasks / pools)
      .cpu(`${500 + (uneven ? (p % 7) * 50 : 0)}m`)
      .memory(`${1024 + (uneven ? (p % 11) * 128 : 0)}Mi`);
    if (anyway) {
      pool
        .podLabel('app', 'p')
        .specField('topologySpreadConstraints', [
          { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', ...term('zone', 'p') },
        ]);
    }
    if (claims) pool.field('volumeClaimTemplates', [{ metadata: { name: 'world' }, spec: CLAIM }]);
    builder.with(spread ? pool.distributed() : pool);
  }
  if (claims)
    builder.storage({
      classes: [aStorageClass('disks', 'disks.example.com')],
      claims: Array.from({ length: tasks }, (_, slot) => {
        const claim = aClaim(`world-pool-0-${slot}`, { of: 'disks' });
        return { ...claim, metadata: { ...claim.metadata, namespace: 'r0' } };
      }),
    });
  return builder.build();
}

const other =
  values.against === undefined
    ? undefined
    : ((await import(resolve(values.against, 'src/allocator/allocate.ts'))) as { allocate: typeof allocate });

const rows = CASES.map((each) => {
  const snapshot = snapshotOf(each);
  const times: Record<'matrices' | 'own' | 'other', number[]> = { matrices: [], own: [], other: [] };
  let launches = 0;
  const timed = <T>(what: keyof typeof times, work: () => T): T => {
    const start = performance.now();
    const result = work();
    times[what].push(performance.now() - start);
    return result;
  };
  for (let round = 0; round <= REPEAT; round++) {
    const matrices = timed('matrices', () => buildMatrices(snapshot, snapshot.classes));
    ({ launches } = timed('own', () => ({
      launches: allocate(snapshot, matrices, answersBy(DRIVERS)).launches.length,
    })));
    if (other) timed('other', () => other.allocate(snapshot, matrices, answersBy(DRIVERS)));
  }
  // The first round compiles.
  const ms = (what: keyof typeof times): number => median(times[what].slice(1));
  return [
    each.title,
    String(launches),
    ms('matrices').toFixed(1),
    ms('own').toFixed(1),
    ...(other ? [ms('other').toFixed(1), (ms('own') / ms('other')).toFixed(2)] : []),
  ];
});

console.log(
  `Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}, ` +
    `${NODES} nodes, ${TASKS} pending tasks, medians of ${REPEAT}, ms\n`,
);
console.log(markdownTable(['', 'placed', 'A, B, C', 'allocate', ...(other ? ['other', 'ratio'] : [])], rows));
