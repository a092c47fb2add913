import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { Arena } from '../support/arena.ts';
import type { ForwardedWrite } from '../support/fault-proxy.ts';
import { NONE, violationsOf } from '../support/invariants.ts';
import type { OperatorProcess } from '../support/operator.ts';
import { PodLog } from '../support/pod-log.ts';
import { ProxiedAccess } from '../support/proxied.ts';
import { until } from '../support/until.ts';
import { poolManifest } from '../support/workloads.ts';

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

beforeAll(async () => {
  const fakeNode = { cpu: `${NODE_CPU}m` };
  arena = await Arena.start({ name: 'chaos-leaders', fakeNodes: NODES, kwok: true, fakeNode });
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  // Each replica has a proxy of its own, which knows what that replica wrote.
  for (const identity of ['replica-a', 'replica-b']) {
    const access = await ProxiedAccess.start(arena.cluster.kubeconfigPath);
    const operator = access.spawn(identity);
    replicas.push({ access, operator });
    await operator.up();
  }
});

afterAll(async () => {
  for (const { operator, access } of replicas) {
    await operator.kill();
    await access.close();
  }
  await log?.stop();
  await arena?.down();
});

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
  let replicasWanted = 0;
  for (let round = 1; round <= 4; round++) {
    const old = await leader();
    const heir = replicas.find((replica) => replica !== old)!;
    // Creates are on their way, and each waits a while, so that the leader freezes in the middle of its work.
    const slow = {
      when: ({ verb, resource }: { verb: string; resource: string }) =>
        verb === 'create' && resource === 'pods',
      fault: { kind: 'delay', ms: 300 },
    } as const;
    const hurry = old.access.proxy.inject(slow);
    replicasWanted += 8;
    if (round === 1)
      await arena.apply(poolManifest({ name: 'arena', replicas: replicasWanted, cpu: '500m' }));
    else await arena.scale('arena', replicasWanted);
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
