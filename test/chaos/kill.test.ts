import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Arena } from '../support/arena.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { NONE, violationsOf } from '../support/invariants.ts';
import { OperatorProcess } from '../support/operator.ts';
import { PodLog } from '../support/pod-log.ts';
import { seeded } from '../support/seeded.ts';
import { until } from '../support/until.ts';
import { poolManifest } from '../support/workloads.ts';

const NODES = 10;
const SERVERS = 60;
/** Six servers of 500m fit on a node, and nothing more: one server in a wrong place and sixty do not fit. */
const NODE_CPU = 3200;
/** Longer than a restart and the first list of Pods take, shorter than a lease lasts. */
const LATE_MS = 2500;
/** A kill comes at one of so many requests: about as many as an operator makes to read the cluster and take its lease. */
const MOST_REQUESTS = 16;
const PORT = { name: 'game', containerPort: 8303, protocol: 'UDP' };
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_125);

let arena: Arena;
let proxy: FaultProxy;
let folder: string;
let log: PodLog;

beforeAll(async () => {
  const fakeNode = { cpu: `${NODE_CPU}m` };
  arena = await Arena.start({ name: 'chaos-kill', fakeNodes: NODES, kwok: true, fakeNode });
  proxy = await FaultProxy.start(arena.cluster.kubeconfigPath);
  folder = mkdtempSync(join(tmpdir(), 'chaos-kill-'));
  writeFileSync(join(folder, 'kubeconfig'), proxy.kubeconfig);
  // At the API server's own pace all sixty writes fall between two looks of the test. With each on its way for so long
  // a kill finds some done and some half-way, and those land when the next life has already listed the Pods.
  proxy.inject({
    when: ({ verb, resource, query }) => verb === 'create' && resource === 'pods' && !query.has('dryRun'),
    fault: { kind: 'late', ms: LATE_MS },
  });
});

afterEach(async () => {
  await log?.stop();
  await arena?.clear();
});

afterAll(async () => {
  await proxy?.close();
  await arena?.down();
  if (folder) rmSync(folder, { recursive: true });
});

const start = (identity: string): OperatorProcess =>
  OperatorProcess.spawn({
    kubeconfig: join(folder, 'kubeconfig'),
    identity,
    flags: { connections: '4' },
  });

const applyPool = (name: string) =>
  arena.apply(poolManifest({ name, replicas: SERVERS, cpu: '500m', spec: { ports: [PORT] } }));

const made = (): number => log.events.filter(({ type }) => type === 'ADDED').length;

/** Resolves when `count` more Pods were made, or all of them. */
const progress = (count: number): Promise<boolean> => {
  const goal = Math.min(made() + count, SERVERS);
  return until(`${goal} Pods to be made`, () => made() >= goal, { everyMs: 1 });
};

/** What must hold at the end: sixty servers in sixty slots, as they were always allowed to be on the way. */
async function judge(pool: string): Promise<void> {
  const servers = await arena.ready(pool, SERVERS);
  await log.caughtUp();
  const slots = new Set(servers.map((pod) => pod.metadata.labels['proffer.dev/slot']));
  expect(slots.size).toBe(SERVERS);
  expect(violationsOf(log, { cpu: NODE_CPU, servers: SERVERS })).toEqual(NONE);
  expect(made(), 'a Pod was made, removed and made again').toBe(SERVERS);
}

describe('kill -9 while a pool grows from 0 to 60', () => {
  test('twenty times, each time restarted at once as the same replica', async () => {
    const random = seeded(SEED);
    log = await PodLog.start(arena.cluster.kubeconfigPath);
    await applyPool('restarted');
    let midway = 0;
    for (let life = 1; life <= 20; life++) {
      const operator = start('replica-0');
      // Some lives end in the middle of the writes, some while the operator starts, lists and elects itself.
      if (random() < 0.7) await progress(1 + Math.floor(random() * 3));
      await proxy.requests(1 + Math.floor(random() * MOST_REQUESTS));
      await operator.kill();
      const pods = log.pods().size;
      if (pods > 0 && pods < SERVERS) midway++;
      expect(operator.stray).toBe('');
    }
    const last = start('replica-0');
    try {
      await judge('restarted');
    } finally {
      await last.stop();
    }
    console.log(`seed ${SEED}: ${midway} of 20 kills came when some Pods were there and some not`);
    expect(midway).toBeGreaterThanOrEqual(10);
  });

  test('eight times the leader of two replicas', async () => {
    const random = seeded(SEED + 1);
    log = await PodLog.start(arena.cluster.kubeconfigPath);
    let replicas = [start('replica-a'), start('replica-b')];
    try {
      for (const replica of replicas) await replica.up();
      await applyPool('failover');
      for (let kill = 1; kill <= 8; kill++) {
        await progress(1 + Math.floor(random() * 7));
        await proxy.requests(1 + Math.floor(random() * MOST_REQUESTS));
        const leader = await until('a leader', () => leaderOf(replicas));
        await leader.kill();
        replicas = replicas.map((r) => (r === leader ? start(r.identity) : r));
      }
      await judge('failover');
    } finally {
      for (const replica of replicas) await replica.kill();
    }
  });
});

async function leaderOf(replicas: readonly OperatorProcess[]): Promise<OperatorProcess | undefined> {
  const path = 'jsonpath={.spec.holderIdentity}';
  const holder = await arena.cluster.kubectl('get', 'lease', 'proffer', '-o', path);
  return replicas.find((replica) => replica.identity === holder);
}
