import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { Arena, type ShownPod } from '../../support/arena.ts';
import type { Fault, ProxiedRequest } from '../../support/faults.ts';
import { NONE, violationsOf } from '../../support/invariants.ts';
import type { OperatorProcess } from '../../support/operator.ts';
import { PodLog } from '../../support/pod-log.ts';
import { ProxiedAccess } from '../../support/proxied.ts';
import { until } from '../../support/until.ts';
import { poolManifest } from '../../support/workloads.ts';

const NODES = 4;
const NODE_CPU = 3000;
const SERVERS = 20;
/**
 * Long enough that no pause of the machine costs the lease: whoever gets it anew lists all Pods first, which some of
 * these faults keep it from, and others are to be found out without. Losing the lease is a test of its own.
 */
const LEASE = { 'lease-duration': '60' };

let arena: Arena;
let access: ProxiedAccess;
let operator: OperatorProcess;
let log: PodLog;

beforeAll(async () => {
  const fakeNode = { cpu: `${NODE_CPU}m` };
  arena = await Arena.start({ name: 'it-op-faults', fakeNodes: NODES, kwok: true, fakeNode });
  access = await ProxiedAccess.start(arena.cluster.kubeconfigPath);
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  operator = access.spawn('through-the-proxy', LEASE);
  await operator.up();
  await operator.deciding();
});

afterEach(async () => {
  access.proxy.heal();
  access.proxy.cut();
  // By the operator itself, as soon as it watches again. A pool that is deleted takes its servers along, and while the
  // watch of Pods is back and that of pools is not, each of them would get another in its place.
  await arena.cluster.kubectl('scale', 'gsp', '--all', '--replicas=0');
  await until('no servers', async () => (await arena.pods('')).length === 0);
  await arena.clear();
});

afterAll(async () => {
  await operator?.kill();
  await log?.stop();
  await access?.close();
  await arena?.down();
});

const isPodCreate = ({ verb, resource }: ProxiedRequest) => verb === 'create' && resource === 'pods';
const isCreate = (request: ProxiedRequest) => isPodCreate(request) && !request.query.has('dryRun');
/** What Pods become is asked by dry runs, one at a time. */
const isQuestion = (request: ProxiedRequest) => isPodCreate(request) && request.query.has('dryRun');
const isWatch = ({ verb }: ProxiedRequest) => verb === 'watch';
const isPodWatch = ({ verb, resource }: ProxiedRequest) => verb === 'watch' && resource === 'pods';
const isWrite = ({ verb, resource }: ProxiedRequest) =>
  verb !== 'get' && verb !== 'list' && verb !== 'watch' && resource !== 'leases';
/** Everything but the lease. */
const isWork = ({ resource }: ProxiedRequest) => resource !== 'leases';

interface Case {
  readonly what: string;
  readonly when: (request: ProxiedRequest) => boolean;
  readonly fault: Fault;
  /** How many requests it hits before the API server is well again. */
  readonly times: number;
  /** Break the watches that are open, so that the fault meets the next ones. */
  readonly cut?: boolean;
}

const CASES: readonly Case[] = [
  {
    what: 'watches that break after each event',
    when: isWatch,
    fault: { kind: 'resetWatch', afterEvents: 1 },
    times: 30,
    cut: true,
  },
  {
    what: 'watches that end after each event',
    when: isWatch,
    fault: { kind: 'endWatch', afterEvents: 1 },
    times: 30,
    cut: true,
  },
  {
    what: 'watches that bring half a line',
    when: isWatch,
    fault: { kind: 'truncateWatch', afterEvents: 2 },
    times: 20,
    cut: true,
  },
  {
    what: 'watches that bring a broken line',
    when: isWatch,
    fault: { kind: 'corruptWatch', afterEvents: 2 },
    times: 20,
    cut: true,
  },
  {
    what: 'watches that are too old',
    when: isWatch,
    fault: { kind: 'failWatch', afterEvents: 0, status: 410, reason: 'Expired' },
    times: 15,
    cut: true,
  },
  {
    what: 'watches that cannot be opened',
    when: isWatch,
    fault: { kind: 'answer', status: 410, reason: 'Gone' },
    times: 10,
    cut: true,
  },
  {
    what: 'a Pod watch that goes silent',
    when: isPodWatch,
    fault: { kind: 'stallWatch', afterEvents: 3 },
    times: 1,
    cut: true,
  },
  {
    what: '429 with Retry-After',
    when: isWork,
    fault: { kind: 'answer', status: 429, retryAfterSeconds: 1 },
    times: 30,
  },
  {
    what: '500 to every second thing',
    when: everySecond(isWork),
    fault: { kind: 'answer', status: 500 },
    times: 25,
  },
  { what: 'answers that take 10 s', when: isWrite, fault: { kind: 'delay', ms: 10_000 }, times: 12 },
  {
    what: 'creates that take longer than we wait',
    when: isCreate,
    fault: { kind: 'delay', ms: 40_000 },
    times: 3,
  },
  {
    what: 'connections that break before the API server sees the create',
    when: isCreate,
    fault: { kind: 'resetBefore' },
    times: 15,
  },
  {
    what: 'connections that break after the API server made the Pod',
    when: isCreate,
    fault: { kind: 'resetAfter' },
    times: 15,
  },
  {
    what: 'connections that break while it is asked what Pods become',
    when: isQuestion,
    fault: { kind: 'resetAfter' },
    times: 3,
  },
  {
    what: 'broken answers and broken watches together',
    when: everySecond(isWork),
    fault: { kind: 'resetAfter' },
    times: 30,
    cut: true,
  },
];

function everySecond(when: (request: ProxiedRequest) => boolean): (request: ProxiedRequest) => boolean {
  let count = 0;
  return (request) => when(request) && count++ % 2 === 0;
}

/** Pods of a pool that the API server stored, and how often it did so under each name. */
const stored = (pool: string) => {
  const names = new Map<string, number>();
  for (const { type, pod } of log.events)
    if (type === 'ADDED' && pod.pool === pool) names.set(pod.name, (names.get(pod.name) ?? 0) + 1);
  return names;
};

/** Creates of Pods of a pool that reached the API server, whatever came of them. */
const attempts = (pool: string) =>
  access.proxy.writes.filter(({ verb, resource, object }) => {
    return verb === 'create' && resource === 'pods' && object.startsWith(`default/${pool}-`);
  }).length;

describe('a pool grows from 0 to 20 and nothing is written twice', () => {
  test.each(CASES)('with $what', async ({ what, when, fault, times, cut = false }) => {
    onTestFailed(() => console.log(operator.tail()));
    const name = `faults-${CASES.findIndex((c) => c.what === what)}`;
    await arena.apply(
      poolManifest({
        name,
        replicas: 0,
        cpu: '500m',
        spec: { ports: [{ name: 'game', containerPort: 8303 }] },
      }),
    );
    const rule = { when, fault, times };
    access.proxy.inject(rule);
    if (cut) access.proxy.cut();
    await arena.scale(name, SERVERS);
    const servers = await arena.ready(name, SERVERS);
    expect(access.proxy.hits(rule), 'the fault struck').toBeGreaterThan(0);
    expect(servers).toHaveLength(SERVERS);
    await log.caughtUp();
    const made = stored(name);
    // What hits reading alone must not even make it try twice.
    if (when === isWatch || when === isPodWatch) expect(attempts(name)).toBe(SERVERS);
    expect([...made.keys()]).toHaveLength(SERVERS);
    expect([...made].filter(([, count]) => count !== 1)).toEqual([]);
    expect(violationsOf(log, { cpu: NODE_CPU, servers: SERVERS })).toEqual(NONE);
    expect(operator.running).toBe(true);
  });
});

describe('what a fault must not do', () => {
  test('a cache that syncs last does not leave the pool waiting', async () => {
    const late = {
      when: ({ verb, resource }: ProxiedRequest) => verb === 'list' && resource === 'offerroles',
      fault: { kind: 'delay', ms: 4000 },
      times: 1,
    } as const;
    await operator.stop();
    await arena.apply(poolManifest({ name: 'late', replicas: 3 }));
    access.proxy.inject(late);
    operator = access.spawn('late', LEASE);
    await arena.ready('late', 3);
    expect(access.proxy.hits(late)).toBe(1);
  });

  test("a watch of the nodes' heartbeats that goes silent costs nobody a server", async () => {
    onTestFailed(() => console.log(operator.tail()));
    await arena.apply(poolManifest({ name: 'calm', replicas: 4, spec: { scheduling: 'Distributed' } }));
    const before = await arena.ready('calm', 4);
    const silent = {
      when: ({ path, verb }: ProxiedRequest) => verb === 'watch' && path.includes('kube-node-lease'),
      // Three of the four nodes are heard once more, so that the fourth is silent by itself for a while.
      fault: { kind: 'stallWatch', afterEvents: 3 },
      times: 1,
    } as const;
    access.proxy.inject(silent);
    access.proxy.cut();
    await until('the watch is silent', () => access.proxy.hits(silent) === 1);
    const from = await heartbeats();
    // That is longer than any node may be silent.
    await until('every node has beaten again and again', async () => {
      const now = await heartbeats();
      return [...from].every(([node, at]) => now.get(node)! - at >= 15_000);
    });
    const uids = (pods: readonly ShownPod[]) => pods.map((pod) => pod.metadata.uid).sort();
    expect(uids(await arena.servers('calm'))).toEqual(uids(before));
    expect((await arena.poolStatus('calm')).recovered).toBe(0);
  });

  test('a Pod watch that goes silent is found out by the writes that it does not show', async () => {
    onTestFailed(() => console.log(operator.tail()));
    const found = () => operator.lines.filter(({ msg }) => msg.startsWith('watch of Pods is silent')).length;
    await arena.apply(poolManifest({ name: 'unheard', replicas: 1 }));
    await arena.ready('unheard', 1);
    for (const replicas of [3, 2]) {
      const before = found();
      const silent = { when: isPodWatch, fault: { kind: 'stallWatch', afterEvents: 0 }, times: 1 } as const;
      access.proxy.inject(silent);
      access.proxy.cut();
      await until('the watch is silent', () => access.proxy.hits(silent) === 1);
      await arena.scale('unheard', replicas);
      await until(`it is found out with ${replicas} servers`, () => found() > before);
      await arena.ready('unheard', replicas);
    }
  });

  test('launches that the watch has not shown hold their room', async () => {
    onTestFailed(() => console.log(operator.tail()));
    const isPodList = ({ verb, resource }: ProxiedRequest) => verb === 'list' && resource === 'pods';
    const silent = { when: isPodWatch, fault: { kind: 'stallWatch', afterEvents: 0 } } as const;
    access.proxy.inject(silent);
    access.proxy.inject({ when: isPodList, fault: { kind: 'answer', status: 500 } });
    access.proxy.cut();
    await until('the watch is silent', () => access.proxy.hits(silent) > 0);
    // Of 24 places the first pool takes 20, and the store of Pods shows none of them.
    await arena.apply(poolManifest({ name: 'early', replicas: SERVERS, cpu: '500m' }));
    await until('all are stored', () => stored('early').size === SERVERS);
    await arena.apply(poolManifest({ name: 'later', replicas: SERVERS, cpu: '500m' }));
    await until('the rest waits', async () =>
      (await arena.poolStatus('later')).message?.includes('servers waiting'),
    );
    access.proxy.heal();
    access.proxy.cut();
    await arena.ready('early', SERVERS);
    await until('four are ready', async () => (await arena.poolStatus('later')).readyReplicas === 4);
    await log.caughtUp();
    expect(violationsOf(log, { cpu: NODE_CPU, servers: SERVERS })).toEqual(NONE);
    expect([attempts('early'), attempts('later')]).toEqual([SERVERS, 4]);
  });

  test('a Pod watch that goes silent does not make it delete over and over', async () => {
    await arena.apply(poolManifest({ name: 'lagging', replicas: 2 }));
    const [server] = await arena.ready('lagging', 2);
    access.proxy.inject({ when: isPodWatch, fault: { kind: 'stallWatch', afterEvents: 0 } });
    access.proxy.cut();
    // Changed behind its back: every delete of the state that it knows is refused with a conflict.
    await arena.cluster.kubectl('annotate', 'pods', '-l', 'proffer.dev/pool=lagging', 'example.com/seen=yes');
    const before = access.proxy.writes.length;
    await arena.scale('lagging', 0);
    await until('ten deletes', () => deletes(before).length >= 10);
    const [from, first] = [performance.now(), deletes(before).length];
    await until('ten more', () => deletes(before).length >= first + 10);
    const perSecond = (1000 * (deletes(before).length - first)) / (performance.now() - from);
    expect(perSecond, `deletes a second of ${server?.metadata.name} and another`).toBeLessThan(15);
    access.proxy.heal();
    access.proxy.cut();
    await until('both are gone', async () => (await arena.servers('lagging')).length === 0);
  });
});

/** When each node last renewed its lease, ms since the epoch, as the API server has it. */
async function heartbeats(): Promise<Map<string, number>> {
  const text = await arena.cluster.kubectl('get', 'leases', '-n', 'kube-node-lease', '-o', 'json');
  const { items } = JSON.parse(text) as {
    items: { metadata: { name: string }; spec: { renewTime: string } }[];
  };
  return new Map(items.map(({ metadata, spec }) => [metadata.name, Date.parse(spec.renewTime)]));
}

const deletes = (from: number) =>
  access.proxy.writes.slice(from).filter(({ verb, resource }) => verb === 'delete' && resource === 'pods');
