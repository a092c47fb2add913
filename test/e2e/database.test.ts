import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import { killContainer } from '../../hack/cluster/kill-container.ts';
import { buildImage } from '../../hack/images/index.ts';
import { Arena, type ShownPod } from '../support/arena.ts';
import { OperatorProcess } from '../support/operator.ts';
import { until } from '../support/until.ts';

const POD = 'database-0';

let arena: Arena;
let operator: OperatorProcess;

beforeAll(async () => {
  const { tar } = await buildImage('postgresql');
  arena = await Arena.start({ name: 'e2e-database', nodes: 2, fast: false });
  await arena.cluster.loadImage(tar);
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'database' });
  await arena.cluster.kubectl('apply', '-f', 'examples/database');
});

beforeEach(() =>
  onTestFailed(async () =>
    console.log(operator.tail(20), await arena.cluster.kubectl('describe', 'pods,pv,pvc')),
  ),
);

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const pod = async (): Promise<ShownPod | undefined> =>
  (await arena.pods('app=database')).find(({ metadata }) => metadata.deletionTimestamp === undefined);

/** The Pod of the database, once it takes connections; another one than `before`, if that is given. */
const ready = (before?: ShownPod): Promise<ShownPod> =>
  until('the database is ready', async () => {
    const now = await pod();
    const isReady = now?.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
    return isReady && now?.metadata.uid !== before?.metadata.uid ? now : undefined;
  });

/** What the database answers, without headings. */
const sql = async (statement: string, ...connection: string[]): Promise<string> => {
  const psql = ['psql', '--no-psqlrc', '--tuples-only', '--no-align', '--quiet', ...connection];
  const out = await arena.cluster.kubectl('exec', POD, '--', ...psql, '--command', statement);
  return out.trim();
};

/** One field of an object. */
const field = (kind: string, name: string, path: string): Promise<string> =>
  arena.cluster.kubectl('get', kind, name, '-o', `jsonpath={${path}}`);

/** How often the server was started again, in this Pod. */
const restarts = async (): Promise<number> =>
  Number(await field('pod', POD, '.status.containerStatuses[0].restartCount'));

/** The node on which the disk of the database lies. */
const nodeOfDisk = async (): Promise<string> => {
  const volume = await field('pvc', `data-${POD}`, '.spec.volumeName');
  const term = '.spec.nodeAffinity.required.nodeSelectorTerms[0]';
  return field('pv', volume, `${term}.matchExpressions[0].values[0]`);
};

test('the example: rows outlive a crash of the server, and its Pod, which is bound where its disk is', async () => {
  const first = await ready();
  expect(first.spec.nodeName).toBe(await nodeOfDisk());
  await sql(
    `CREATE TABLE players (name text PRIMARY KEY, score int); INSERT INTO players VALUES ('ada', 1815)`,
  );

  expect(await killContainer(arena.cluster, 'default', POD)).toBeGreaterThan(0);
  await until('it is started again', async () => (await restarts()) === 1);
  await ready();
  expect(await sql('SELECT score FROM players')).toBe('1815');

  await arena.cluster.kubectl('delete', 'pod', POD);
  const second = await ready(first);
  expect(second.spec.nodeName).toBe(first.spec.nodeName);
  // By its Service, as clients do.
  const url = 'postgresql://app:change-me@database/postgres';
  expect(await sql('SELECT name, score FROM players', url)).toBe('ada|1815');
});

test('without its node it waits and says so; it is back with its rows as soon as the node is', async () => {
  const before = await ready();
  const node = before.spec.nodeName!;
  await arena.cluster.kubectl('cordon', node);
  await arena.cluster.kubectl('delete', 'pod', POD);
  const waiting = await until('the Pod says why it waits', async () => {
    const now = await pod();
    const scheduled = now?.status.conditions?.find(({ type }) => type === 'PodScheduled');
    return scheduled?.status === 'False' ? { now, scheduled } : undefined;
  });
  expect(waiting.scheduled).toMatchObject({ reason: 'Unschedulable' });
  expect(waiting.scheduled.message).toMatch(/0\/2 nodes are available|0 of 2 nodes/);
  expect(waiting.now!.spec.nodeName).toBeUndefined();

  await arena.cluster.kubectl('uncordon', node);
  const after = await ready(before);
  expect(after.spec.nodeName).toBe(node);
  expect(await sql('SELECT name, score FROM players')).toBe('ada|1815');
});

test('a database whose making died half way is made anew', async () => {
  await ready();
  // As after a crash between the first file and the last step, which gives the folder its name.
  await arena.cluster.kubectl('exec', POD, '--', 'sh', '-c', 'mv "$PGDATA" "$PGDATA.new"');
  const before = await restarts();
  await killContainer(arena.cluster, 'default', POD);
  await until('it is started again', async () => (await restarts()) > before);
  await ready();
  expect(await sql(`SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`)).toBe('0');
});
