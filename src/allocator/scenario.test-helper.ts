import * as fc from 'fast-check';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  type GroupBuilder,
  type PoolBuilder,
  type SnapshotBuilder,
} from '../../test/builders/index.ts';

const few = fc.integer({ min: 0, max: 6 });
const times = fc.integer({ min: 0, max: 60 });

const anyNode = fc.record({
  cpu: fc.integer({ min: 0, max: 12 }),
  memory: fc.integer({ min: 0, max: 12 }),
  gpus: fc.constantFrom(0, 0, 0, 2, 4),
  pods: fc.constantFrom(2, 5, 20, 20),
  ssd: fc.boolean(),
  trouble: fc.constantFrom('', '', '', '', 'taint', 'cordon', 'silent', 'pressure', 'back'),
});

const anyTask = fc.record({
  cpu: fc.constantFrom(0, 250, 500, 1000, 3000),
  memory: fc.constantFrom(0, 256, 1024, 4096),
  gpus: fc.constantFrom(0, 0, 0, 0, 1, 2),
  ssd: fc.constantFrom(false, false, false, true),
  tolerant: fc.constantFrom(false, false, true),
  fixedPort: fc.constantFrom(0, 0, 0, 0, 0, 7000, 7003, 80),
});

const anyWorkload = fc.record({
  task: anyTask,
  second: fc.option(anyTask),
  kind: fc.constantFrom('pool', 'pool', 'pool', 'job'),
  role: fc.constantFrom('red', 'green', 'blue', 'red', 'green', 'lime'),
  priority: fc.constantFrom(0, 0, 0, 1, -1),
  replicas: fc.constantFrom(0, 1, 2, 3, 5, 9, 30),
  spread: fc.boolean(),
  ports: fc.constantFrom(0, 0, 0, 1, 2),
  crashes: fc.array(few, { maxLength: 2 }),
  servers: fc.array(few, { maxLength: 3 }),
});

const anyAmounts = fc.record(
  {
    cpu: fc.constantFrom('0', '1', '2', '4', '7500m', '9'),
    memory: fc.constantFrom('1Gi', '3Gi', '8Gi', '12Gi'),
  },
  { requiredKeys: [] },
);

const anyRole = fc.record({
  weight: fc.constantFrom(1, 1, 2, 3),
  guarantee: fc.option(anyAmounts, { freq: 2 }),
  limit: fc.option(anyAmounts, { freq: 2 }),
  reserved: fc.option(fc.record({ disk: fc.constantFrom('ssd', 'hdd'), cpu: few, memory: few }), { freq: 2 }),
});

/** Parts of a random small cluster with work to place. */
export const anyScenario = fc.record({
  nodes: fc.array(anyNode, { minLength: 1, maxLength: 7 }),
  workloads: fc.array(anyWorkload, { minLength: 1, maxLength: 5 }),
  roles: fc.record({ red: anyRole, green: anyRole, lime: anyRole, moss: anyRole }, { requiredKeys: [] }),
  /** Whether lime is below moss, not below green. */
  deep: fc.boolean(),
  strangers: fc.array(fc.record({ node: few, cpu: few, port: fc.constantFrom(0, 80, 7001, 7002) }), {
    maxLength: 4,
  }),
  lastPort: fc.constantFrom(7000, 7003, 7019),
  held: fc.constantFrom(-1, -1, -1, 0),
  later: times,
});
export type Scenario = typeof anyScenario extends fc.Arbitrary<infer T> ? T : never;

type Task = Scenario['workloads'][number]['task'];

function shape<T extends PoolBuilder | GroupBuilder>(builder: T, task: Task): T {
  builder.cpu(`${task.cpu}m`).memory(`${task.memory}Mi`);
  if (task.gpus > 0) builder.request('nvidia.com/gpu', String(task.gpus));
  if (task.ssd) builder.nodeSelector('disk', 'ssd');
  if (task.tolerant) builder.tolerate('dedicated').tolerate('node.kubernetes.io/unschedulable');
  if (task.fixedPort > 0) builder.fixedPort(task.fixedPort, 'TCP');
  return builder;
}

type Roles = Scenario['roles'];

/** Nested are lime and moss: both below green, or lime below moss. Only roles at the top have guarantees. */
function quotaRole(name: string, role: NonNullable<Roles[keyof Roles]>, all: Roles, deep: boolean) {
  const { weight, guarantee, limit, reserved } = role;
  const builder = aRole(name).weight(weight);
  const above = name === 'lime' && deep ? 'moss' : 'green';
  const isNested = (name === 'lime' || name === 'moss') && all[above] !== undefined;
  if (isNested) builder.parent(above);
  if (!isNested && guarantee) builder.guarantee(guarantee);
  if (limit) builder.limit(limit);
  if (reserved) {
    builder.reserve('disk', reserved.disk, { cpu: `${reserved.cpu}`, memory: `${reserved.memory}Gi` });
  }
  return builder;
}

/** Builds the cluster of a scenario. */
export function buildScenario({
  nodes,
  workloads,
  roles,
  deep,
  strangers,
  lastPort,
  held,
  later,
}: Scenario): SnapshotBuilder {
  const builder = aSnapshot().hostPorts(7000, lastPort).later(later);
  const node = (n: number) => `n${n % nodes.length}`;
  nodes.forEach(({ cpu, memory, gpus, pods, ssd, trouble }, i) => {
    const made = aNode(`n${i}`)
      .cpu(String(cpu))
      .memory(`${memory}Gi`)
      .pods(pods)
      .label('disk', ssd ? 'ssd' : 'hdd');
    if (gpus > 0) made.resource('nvidia.com/gpu', String(gpus));
    if (trouble === 'taint') made.taint('dedicated');
    if (trouble === 'cordon') made.cordoned();
    builder.with(made);
    if (trouble === 'silent') builder.health(`n${i}`, { unfitMs: 1, cause: 'no heartbeat' });
    if (trouble === 'pressure') builder.health(`n${i}`, { pressures: ['DiskPressure'] });
    if (trouble === 'back') builder.health(`n${i}`, { backMs: 5 });
  });
  for (const [name, role] of Object.entries(roles)) builder.with(quotaRole(name, role, roles, deep));
  strangers.forEach(({ node: n, cpu, port }, i) => {
    const pod = aPod(`stranger-${i}`).on(node(n)).cpu(String(cpu));
    builder.with(port > 0 ? pod.fixedPort(port) : pod);
  });
  workloads.forEach((work, w) => {
    if (work.kind === 'job') {
      const job = aJob(`w${w}`).role(work.role).priority(work.priority);
      job.group(shape(aGroup('main').replicas(Math.min(9, work.replicas + 1)), work.task));
      if (work.second) job.group(shape(aGroup('more').replicas(2), work.second));
      return builder.with(job);
    }
    const pool = shape(aPool(`w${w}`), work.task)
      .role(work.role)
      .priority(work.priority)
      .replicas(work.replicas);
    if (work.spread) pool.distributed();
    for (let p = 0; p < work.ports; p++) pool.port(`p${p}`, p + 1);
    const pods = [
      ...work.servers.map((n, slot) =>
        aPod(`w${w}-${slot}`).ofPool(pool, slot).on(node(n)).cpu(`${work.task.cpu}m`).ready(),
      ),
      ...work.crashes.map((n, i) =>
        aPod(`w${w}-${9 + i}`)
          .ofPool(pool, 9 + i)
          .on(node(n))
          .exited(1, 1, 60),
      ),
    ];
    builder.with(pool, ...pods);
  });
  if (held >= 0) builder.hold('gsp/games/w0', { reason: 'PodRefused', message: 'quota' });
  return builder;
}
