import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { Arena } from '../support/arena.ts';
import type { ForwardedWrite } from '../support/fault-proxy.ts';
import type { ProxiedRequest } from '../support/faults.ts';
import { NONE, violationsOf } from '../support/invariants.ts';
import type { OperatorProcess } from '../support/operator.ts';
import { PodLog } from '../support/pod-log.ts';
import { ProxiedAccess } from '../support/proxied.ts';
import { until } from '../support/until.ts';
import { poolManifest, roleManifest } from '../support/workloads.ts';

const NODES = 6;
/** Eight servers of 500m on a node, and nothing more. */
const NODE_CPU = 4100;

interface Replica {
  readonly access: ProxiedAccess;
  readonly operator: OperatorProcess;
}

let arena: Arena;
let log: PodLog;
let replicas: Replica[] = [];

/** Starts a replica behind a proxy of its own, which knows what that replica wrote. */
async function enlist(identity: string): Promise<Replica> {
  const access = await ProxiedAccess.start(arena.cluster.kubeconfigPath);
  // No pause of the machine is to cost the heir its lease: only what the test does.
  const replica = { access, operator: access.spawn(identity, { 'lease-duration': '6' }) };
  replicas.push(replica);
  await replica.operator.up();
  return replica;
}

beforeAll(async () => {
  const fakeNode = { cpu: `${NODE_CPU}m` };
  arena = await Arena.start({ name: 'chaos-leaders', fakeNodes: NODES, kwok: true, fakeNode });
});

afterEach(async () => {
  for (const { operator, access } of replicas) {
    await operator.kill();
    await access.close();
  }
  replicas = [];
  await log?.stop();
  await arena.clear();
});

afterAll(() => arena?.down());

async function leader(): Promise<Replica> {
  return until('a leader', async () => {
    const holder = await arena.cluster.kubectl(
      'get',
      'lease',
      'proffer',
      '-o',
      'jsonpath={.spec.holderIdentity}',
    );
    return replicas.find(({ operator }) => operator.identity === holder);
  });
}

/** What a replica wrote with effect; the lease too, since only a leader renews it. */
const effects = ({ access }: Replica): ForwardedWrite[] =>
  access.proxy.writes.filter(({ status }) => status >= 200 && status < 300);

const losses = ({ operator }: Replica): number =>
  operator.lines.filter(({ msg }) => msg === 'leading no more').length;

test('a leader that stands still for longer than its lease, and goes on, writes nothing more', async () => {
  onTestFailed(() => console.log(replicas.map(({ operator }) => operator.tail(15)).join('\n\n')));
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  for (const identity of ['replica-a', 'replica-b']) await enlist(identity);
  let replicasWanted = 0;
  for (let round = 1; round <= 4; round++) {
    const old = await leader();
    const heir = replicas.find((replica) => replica !== old)!;
    // Creates are on their way, and each waits a while, so that the leader freezes in the middle of its work.
    const slow = {
      when: ({ verb, resource, query }: ProxiedRequest) =>
        verb === 'create' && resource === 'pods' && !query.has('dryRun'),
      fault: { kind: 'delay', ms: 300 },
    } as const;
    const hurry = old.access.proxy.inject(slow);
    replicasWanted += 8;
    if (round === 1)
      await arena.apply(poolManifest({ name: 'arena', replicas: replicasWanted, cpu: '500m' }));
    else await arena.scale('arena', replicasWanted);
    // Some are on their way, the connections of others are still being opened.
    await until('creates on their way', () => old.access.proxy.hits(slow) >= 2);
    const lost = losses(old);
    old.operator.pause();
    try {
      await until('the other leads', async () => (await leader()) === heir);
      await arena.ready('arena', replicasWanted);
      // Work that the old leader, still believing, would find when it wakes: more wanted, and a server gone.
      replicasWanted += 4;
      await arena.scale('arena', replicasWanted);
    } finally {
      hurry();
    }
    const before = effects(old).length;
    old.operator.resume();
    await until('the old leader knows', () => losses(old) > lost);
    await arena.ready('arena', replicasWanted);
    const late = effects(old).slice(before);
    expect(late.map(({ verb, resource, object }) => `${verb} ${resource} ${object}`)).toEqual([]);
    expect(await old.operator.metric('proffer_leader')).toBe(0);
    expect((await leader()).operator.identity).toBe(heir.operator.identity);
  }
  await log.caughtUp();
  expect(violationsOf(log, { cpu: NODE_CPU, servers: replicasWanted })).toEqual(NONE);
  const made = log.events.filter(({ type }) => type === 'ADDED');
  expect(made).toHaveLength(replicasWanted);
});

test('a standby whose view of the Pods is old looks anew before it decides', async () => {
  onTestFailed(() => console.log(replicas.map(({ operator }) => operator.tail(15)).join('\n\n')));
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  const first = await enlist('first');
  await first.operator.deciding();
  const standby = await enlist('standby');
  await arena.enact(roleManifest('default', {}));
  // Eight servers fill a node. The standby sees those of the pool that goes first, and nothing after them.
  await arena.apply(poolManifest({ name: 'known', replicas: 8, cpu: '500m', spec: { priority: 10 } }));
  await arena.ready('known', 8);
  const silent = {
    when: ({ verb, resource }: { verb: string; resource: string }) => verb === 'watch' && resource === 'pods',
    fault: { kind: 'stallWatch', afterEvents: 0 },
    times: 1,
  } as const;
  standby.access.proxy.inject(silent);
  standby.access.proxy.cut();
  await until('its watch of Pods is silent', () => standby.access.proxy.hits(silent) === 1);
  await arena.apply(poolManifest({ name: 'unseen', replicas: 8, cpu: '500m' }));
  await arena.ready('unseen', 8);
  await first.operator.kill();
  // By an old view the next node is empty, and this pool is served before the one that fills it.
  await arena.scale('known', 16);
  await arena.ready('known', 16);
  await log.caughtUp();
  expect(violationsOf(log, { cpu: NODE_CPU, servers: 16 })).toEqual(NONE);
});
