import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { AllocationClient } from '../../../clients/typescript/src/client.ts';
import type { SessionAnswer } from '../../../src/api/allocation.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { sessionsIn } from '../../../src/snapshot/sessions.ts';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PodLog } from '../../support/pod-log.ts';
import { until } from '../../support/until.ts';
import { jobManifest, poolManifest } from '../../support/workloads.ts';

const STATE = 'proffer.dev/state';
const SESSION = 'proffer.dev/session';

let arena: Arena;
let replicas: OperatorProcess[] = [];
let started = 0;
let log: PodLog;
/** Tokens of accounts of the namespace default: one may allocate, one may read, one may do nothing. */
const tokens = { maker: '', reader: '', stranger: '' };

const enlist = async (): Promise<OperatorProcess> => {
  const operator = await OperatorProcess.start({
    kubeconfig: arena.cluster.kubeconfigPath,
    identity: `replica-${started++}`,
    flags: { 'allocation-address': '127.0.0.1:0' },
  });
  replicas.push(operator);
  return operator;
};

beforeAll(async () => {
  arena = await Arena.start({
    name: 'it-op-allocation',
    fakeNodes: 4,
    kwok: true,
    fakeNode: { cpu: '32', pods: '110' },
  });
  const right = (name: string, verbs: string[]) => [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name, namespace: 'default' },
      rules: [{ apiGroups: ['proffer.dev'], resources: ['gameserverpools/allocate'], verbs }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace: 'default' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
    },
  ];
  await arena.apply(...right('maker', ['create', 'get']), ...right('reader', ['get']));
  for (const name of Object.keys(tokens) as (keyof typeof tokens)[]) {
    await arena.cluster.kubectl('create', 'serviceaccount', name);
    tokens[name] = (await arena.cluster.kubectl('create', 'token', name)).trim();
  }
  await enlist();
  await replicas[0]!.deciding();
  await enlist();
  log = await PodLog.start(arena.cluster.kubeconfigPath);
});

afterEach(() => arena?.clear());

afterAll(async () => {
  await log?.stop();
  for (const operator of replicas) await operator.kill();
  await arena?.down();
});

interface Answer {
  readonly status: number;
  readonly body: SessionAnswer & {
    readonly code?: string;
    readonly field?: string;
    readonly released?: boolean;
  };
}

async function call(
  operator: OperatorProcess,
  path: string,
  body?: object,
  token = tokens.maker,
  signal: AbortSignal | null = null,
  method = body ? 'POST' : 'GET',
): Promise<Answer> {
  const answer = await fetch(`${operator.allocationUrl}/v1/${path}`, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal,
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const wish = (session: string, more: object = {}) => ({ namespace: 'default', session, ...more });
const held = (pods: readonly ShownPod[]) =>
  pods.filter(({ metadata }) => metadata.labels[STATE] !== undefined);

test('a session gets a server and gives it back, by whichever replica it asks', async () => {
  onTestFailed(() => console.log(replicas.map((operator) => operator.tail(15)).join('\n\n')));
  const [leader, follower] = replicas as [OperatorProcess, OperatorProcess];
  await arena.apply(
    poolManifest({
      name: 'arena',
      replicas: 2,
      spec: { ports: [{ name: 'game', containerPort: 8303, protocol: 'UDP' }] },
    }),
  );
  await arena.ready('arena', 2);

  const first = await call(
    follower,
    'allocate',
    wish('match-1', { annotations: { 'example.com/map': 'dust' } }),
  );
  expect(first).toMatchObject({
    status: 200,
    body: {
      session: 'match-1',
      state: 'Allocated',
      isNew: true,
      pool: 'arena',
      ports: [{ name: 'game', protocol: 'UDP' }],
    },
  });
  const again = await call(leader, 'allocate', wish('match-1'));
  expect(again).toMatchObject({ status: 200, body: { isNew: false, server: first.body.server } });
  const [pod] = held(await arena.servers('arena'));
  expect(pod!.metadata).toMatchObject({
    name: first.body.server,
    labels: { [STATE]: 'Allocated', [SESSION]: 'match-1' },
    annotations: { 'example.com/map': 'dust' },
  });
  expect(first.body.address).not.toBe('');

  // One server is left, and cordoned nodes give out none.
  const nodes = (await arena.cluster.kubectl('get', 'nodes', '-o', 'name')).trim().split('\n');
  await arena.cluster.kubectl('cordon', ...nodes);
  await until('the cordon to be known', async () => {
    const { status, body } = await call(leader, 'allocate', wish('match-2'));
    if (status === 200) await call(leader, 'release', wish('match-2'));
    return status === 429 && body.code === 'PROFFER_ALLOCATION_NONE_FREE';
  });
  const waits = call(follower, 'allocate', wish('match-2', { waitSeconds: 30 }));
  await arena.cluster.kubectl('uncordon', ...nodes);
  expect(await waits).toMatchObject({ status: 200 });
  expect(await call(leader, 'allocate', wish('match-3'))).toMatchObject({ status: 429 });

  expect(await call(follower, 'release', wish('match-1'))).toMatchObject({ body: { released: true } });
  expect(await call(leader, 'allocate', wish('match-3'))).toMatchObject({
    status: 200,
    body: { server: first.body.server, annotations: {} },
  });
  expect(await call(leader, 'sessions/match-1?namespace=default')).toMatchObject({ status: 404 });
});

test('callers are who their token says, and may what their roles say', async () => {
  const [leader, follower] = replicas as [OperatorProcess, OperatorProcess];
  await arena.apply(poolManifest({ name: 'arena', replicas: 1 }));
  await arena.ready('arena', 1);
  const statuses = async (...of: Parameters<typeof call>) => (await call(...of)).status;
  expect(await statuses(leader, 'allocate', wish('a'), '')).toBe(401);
  expect(await statuses(follower, 'allocate', wish('a'), 'nonsense')).toBe(401);
  expect(await statuses(leader, 'allocate', wish('a'), tokens.stranger)).toBe(403);
  expect(await statuses(follower, 'allocate', wish('a'), tokens.reader)).toBe(403);
  expect(await statuses(leader, 'allocate', { ...wish('a'), namespace: 'kube-system' })).toBe(403);
  expect(held(await arena.servers('arena'))).toEqual([]);
  expect(await statuses(leader, 'allocate', wish('a'))).toBe(200);
  expect(await statuses(follower, 'sessions/a?namespace=default', undefined, tokens.reader)).toBe(200);
  expect(await statuses(leader, 'release', wish('a'), tokens.reader)).toBe(403);
  expect(await call(leader, 'allocate', wish('b', { selectors: [{ pool: 'none' }] }))).toMatchObject({
    status: 404,
  });
  expect(await call(leader, 'allocate', wish('b', { waitSeconds: 'x' }))).toMatchObject({
    status: 400,
    body: { field: 'waitSeconds' },
  });
});

test('a server says what it counts by the token of its own Pod, and nobody else does', async () => {
  const [leader, follower] = replicas as [OperatorProcess, OperatorProcess];
  const sources = [
    { serviceAccountToken: { path: 'token', audience: 'proffer.dev', expirationSeconds: 3600 } },
    { configMap: { name: 'proffer-ca' } },
  ];
  const volumes = [{ name: 'proffer', projected: { sources } }];
  await arena.apply(poolManifest({ name: 'arena', replicas: 1, podSpec: { volumes } }));
  const [server] = await arena.ready('arena', 1);
  const { name, uid } = server!.metadata;
  const mine = ['--bound-object-kind', 'Pod', '--bound-object-name', name, '--bound-object-uid', uid];
  const tokenOf = async (...more: string[]) =>
    (await arena.cluster.kubectl('create', 'token', 'default', ...more)).trim();
  const own = await tokenOf('--audience', 'proffer.dev', ...mine);
  const count = (operator: OperatorProcess, body: object, token: string) =>
    call(operator, 'self/counters/players', body, token, null, 'PUT');

  expect(await count(leader, { count: 3, capacity: 16 }, own)).toMatchObject({
    status: 200,
    body: { count: 3 },
  });
  await until('the pool to sum it up', async () => (await arena.poolStatus('arena')).players === 3);
  expect(await count(follower, { count: 4, capacity: 16 }, own)).toMatchObject({ status: 200 });
  const told = async () =>
    (await arena.servers('arena'))[0]?.metadata.annotations?.['proffer.dev/counter.players'];
  await expect.poll(() => told()).toBe('4/16');

  const forApiServer = await tokenOf(...mine);
  const ofNoPod = await tokenOf('--audience', 'proffer.dev');
  const statuses = [forApiServer, tokens.maker, ofNoPod].map(
    async (token) => (await count(leader, { count: 9 }, token)).status,
  );
  expect(await Promise.all(statuses)).toEqual([401, 401, 403]);
  expect((await call(leader, 'allocate', wish('a'), own)).status).toBe(401);
  await expect.poll(() => told()).toBe('4/16');
});

test('a worker says how far it is by the token of its own Pod; steps since its checkpoint are lost with it', async () => {
  const [leader] = replicas as [OperatorProcess];
  await arena.apply(jobManifest({ name: 'learn', workers: 1 }));
  const worker = () =>
    until('the worker', async () => (await arena.pods('proffer.dev/job=learn'))[0]?.metadata);
  const { name, uid } = await worker();
  const bound = ['--bound-object-kind', 'Pod', '--bound-object-name', name, '--bound-object-uid', uid];
  const token = (
    await arena.cluster.kubectl('create', 'token', 'default', '--audience', 'proffer.dev', ...bound)
  ).trim();
  const tell = (counter: string, body: object) =>
    until(`${counter} is taken`, async () => {
      const { status } = await call(leader, `self/counters/${counter}`, body, token, null, 'PUT');
      return status === 200 ? true : undefined;
    });
  const progress = (wanted: object) =>
    until(`progress ${JSON.stringify(wanted)}`, async () => {
      const { progress: told } = await arena.jobStatus('learn');
      return Object.entries(wanted).every(([field, value]) => told?.[field as 'step'] === value);
    });
  await tell('checkpoint', { count: 40 });
  await tell('step', { count: 47, capacity: 100 });
  await progress({ step: 47, steps: 100, checkpointStep: 40 });
  const before = await leader.metric('proffer_training_steps_lost_total');
  await arena.cluster.kubectl('delete', 'pod', name, '--wait=false');
  await progress({ step: 40, steps: 100, checkpointStep: 40, lostSteps: 7 });
  await until(
    'the metric',
    async () => (await leader.metric('proffer_training_steps_lost_total')) === before + 7,
  );
});

test('the client of matchmakers asks again until somebody leads, for the same session', async () => {
  const [leader, follower] = replicas as [OperatorProcess, OperatorProcess];
  await arena.apply(poolManifest({ name: 'arena', replicas: 1 }));
  await arena.ready('arena', 1);
  const folder = await mkdtemp(join(tmpdir(), 'proffer-client-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, tokens.maker);
  const client = new AllocationClient({ url: follower.allocationUrl, namespace: 'default', tokenFile });
  const first = await client.allocate({ session: 'match-1', selectors: [{ pool: 'arena' }] });
  expect(first).toMatchObject({ pool: 'arena', isNew: true });
  await leader.kill();
  replicas = [follower];
  const again = await client.allocate({ session: 'match-1' });
  expect(again).toMatchObject({ server: first.server, isNew: false });
  await expect(client.allocate({ session: 'match-2' }, { patienceMs: 0 })).rejects.toMatchObject({
    code: 'PROFFER_ALLOCATION_NONE_FREE',
  });
  expect(await client.release({ session: 'match-1' })).toBe(true);
  expect(await client.session('match-1')).toBeUndefined();
  await rm(folder, { recursive: true });
  await enlist();
});

test('a claim has a server while it exists, whoever leads and whatever becomes of the server', async () => {
  onTestFailed(() => console.log(replicas.map((operator) => operator.tail(15)).join('\n\n')));
  const kubectl = (...args: string[]) => arena.cluster.kubectl(...args);
  const claim = (name: string, spec: object = {}) => ({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'GameServerClaim',
    metadata: { name, namespace: 'default' },
    spec,
  });
  const bound = (name: string) => kubectl('wait', `gsc/${name}`, '--for=condition=Bound', '--timeout=300s');
  const told = async (name: string, path: string) =>
    (await kubectl('get', 'gsc', name, '-o', `jsonpath={${path}}`)).trim();
  await arena.apply(
    poolManifest({
      name: 'arena',
      replicas: 1,
      spec: { ports: [{ name: 'game', containerPort: 8303, protocol: 'UDP' }] },
    }),
  );
  await arena.ready('arena', 1);
  await arena.apply(
    claim('first', { selectors: [{ pool: 'arena' }], annotations: { 'example.com/map': 'dust' } }),
  );
  await bound('first');
  const [server] = held(await arena.servers('arena'));
  expect(server!.metadata.annotations).toMatchObject({ 'example.com/map': 'dust' });
  const [head, row] = (await kubectl('get', 'gsc', 'first')).split('\n');
  expect(head?.split(/\s+/)).toEqual('NAME POOL SERVER ADDRESS PORT STATE AGE MESSAGE'.split(' '));
  const address = await told('first', '.status.address');
  const port = /game=(\d+)/.exec(server!.metadata.annotations!['proffer.dev/ports']!)![1];
  expect(row).toMatch(new RegExp(`^first +arena +${server!.metadata.name} +${address} +${port} +Bound`));

  // The next one waits until the first is gone, deleted while nobody leads; no finalizer holds it.
  await arena.apply(claim('second'));
  await until('it to stand in line', async () => (await told('second', '.status.state')) === 'Pending');
  for (const operator of replicas.splice(0)) await operator.kill();
  await kubectl('delete', 'gsc', 'first');
  expect(held(await arena.servers('arena'))).toHaveLength(1);
  await enlist();
  await bound('second');
  await enlist();
  await expect.poll(() => told('second', '.status.server')).toBe(server!.metadata.name);

  await kubectl('delete', 'pod', server!.metadata.name);
  await until('it to be lost', async () => (await told('second', '.status.state')) === 'Lost');
  await expect.poll(() => told('second', '.status.conditions[0].reason')).toBe('ServerEnded');
  await arena.ready('arena', 1);
  expect(held(await arena.servers('arena'))).toEqual([]);

  // One has its server replaced, one that gets none goes by itself; events tell of both.
  await arena.apply(
    claim('third', { next: 'Drain' }),
    claim('none', { selectors: [{ pool: 'none' }], waitSeconds: 0, ttlSecondsAfterFinished: 1 }),
  );
  await bound('third');
  const [used] = held(await arena.servers('arena'));
  await kubectl('delete', 'gsc', 'third');
  await expect
    .poll(async () => (await arena.servers('arena')).map(({ metadata }) => metadata.uid))
    .not.toContain(used!.metadata.uid);
  await expect.poll(() => kubectl('get', 'gsc', '-o', 'name')).not.toContain('/none');
  const events = () => kubectl('get', 'events', '-o', 'jsonpath={.items[*].reason}');
  for (const reason of ['ServerBound', 'ServerEnded', 'WaitedTooLong', 'ClaimExpired', 'SessionReleased'])
    await expect.poll(events).toContain(reason);
  await kubectl('delete', 'gsc', '--all');
});

test('what is given for a time comes back by itself', async () => {
  const [leader] = replicas as [OperatorProcess];
  await arena.apply(poolManifest({ name: 'arena', replicas: 3 }));
  await arena.ready('arena', 3);
  // The one that begins is given first: its time to begin is over when the others are released.
  const given = [
    await call(leader, 'allocate', wish('begun', { beginSeconds: 4 })),
    await call(leader, 'begin', wish('begun')),
    await call(leader, 'reserve', wish('reserved', { seconds: 4 })),
    await call(leader, 'allocate', wish('forgotten', { beginSeconds: 4 })),
  ];
  expect(given.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const sessions = async () =>
    held(await arena.servers('arena')).map(({ metadata }) => metadata.labels[SESSION] ?? '');
  await until('the others to be released', async () => (await sessions()).join() === 'begun');
});

test('a session that lasts too long is told to end, then its server is replaced', async () => {
  const [leader] = replicas as [OperatorProcess];
  await arena.apply(
    poolManifest({ name: 'arena', replicas: 1, spec: { noticeSeconds: 2 } }),
    poolManifest({ name: 'rooms', replicas: 1, spec: { noticeSeconds: 2, sessions: { perServer: 2 } } }),
  );
  const [server] = await arena.ready('arena', 1);
  const [room] = await arena.ready('rooms', 1);
  const of = (pool: string, session: string, more: object = {}) =>
    wish(session, { selectors: [{ pool }], ...more });
  await call(leader, 'allocate', of('arena', 'endless', { sessionSeconds: 1 }));
  await call(leader, 'allocate', of('rooms', 'other'));
  await call(leader, 'allocate', of('rooms', 'long', { sessionSeconds: 1 }));
  const both = [server!, room!].map(({ metadata }) => metadata.uid);
  const told = new Set<string>();
  await until('both to be told, and the one that is free again to be replaced', async () => {
    await log.caughtUp();
    for (const { pod } of log.events) if (pod.asked && both.includes(pod.uid)) told.add(pod.uid);
    const [pod] = await arena.servers('arena');
    return told.size === 2 && pod !== undefined && pod.metadata.uid !== both[0];
  });
  // The other session has its server until it ends.
  await until('the long one to end', async () => {
    return (await call(leader, 'sessions/long?namespace=default')).status === 404;
  });
  expect(await call(leader, 'sessions/other?namespace=default')).toMatchObject({
    status: 200,
    body: { server: room!.metadata.name },
  });
  await call(leader, 'release', wish('other'));
  await until('another server', async () => {
    const [pod] = await arena.servers('rooms');
    return pod !== undefined && pod.metadata.uid !== both[1];
  });
  await expect
    .poll(() => arena.cluster.kubectl('get', 'events', '-o', 'jsonpath={.items[*].reason}'))
    .toContain('SessionOverlong');
});

test('ten clients get a hundred servers, and a hundred places on shared ones, each once, while pools shrink and leaders die', async () => {
  onTestFailed(() => console.log(replicas.map((operator) => operator.tail(10)).join('\n\n')));
  const PER_SERVER = 8;
  await arena.apply(
    poolManifest({ name: 'arena', replicas: 150 }),
    poolManifest({ name: 'rooms', replicas: 20, spec: { sessions: { perServer: PER_SERVER } } }),
  );
  await arena.ready('arena', 150);
  await arena.ready('rooms', 20);
  const given = new Map<string, SessionAnswer>();
  const take = async (session: string, pool: string, at: number): Promise<void> => {
    for (let tries = 0; !given.has(session); tries++) {
      const up = replicas.filter(({ running }) => running);
      const operator = up[(at + tries) % up.length]!;
      const patience = AbortSignal.timeout(3000);
      const asked = wish(session, { selectors: [{ pool }] });
      const answer = await call(operator, 'allocate', asked, tokens.maker, patience).catch(() => undefined);
      if (answer?.status === 200) given.set(session, answer.body);
      else await systemClock.sleep(100);
    }
  };
  const client = async (name: number): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      const session = `client-${name}-match-${i}`;
      await Promise.all([take(session, 'arena', name + i), take(`${session}-room`, 'rooms', name + i + 1)]);
      await systemClock.sleep(200);
    }
  };
  const clients = Promise.all(Array.from({ length: 10 }, (_, name) => client(name)));
  await arena.scale('arena', 130);
  await arena.scale('rooms', 13);
  for (const enough of [40, 120]) {
    await until('some to be served', () => given.size >= enough);
    const leader = await until('one of them to lead', async () => {
      const path = 'jsonpath={.spec.holderIdentity}';
      const holder = await arena.cluster.kubectl('get', 'lease', 'proffer', '-o', path);
      return replicas.find(({ identity, running }) => running && identity === holder);
    });
    const heir = enlist();
    await leader.kill();
    replicas = replicas.filter((operator) => operator !== leader);
    await heir;
  }
  await clients;
  await until('the pools to shrink', async () => {
    const [servers, rooms] = await Promise.all([arena.servers('arena'), arena.servers('rooms')]);
    return servers.length === 130 && rooms.length === 13;
  });
  const pods = [...held(await arena.servers('arena')), ...held(await arena.servers('rooms'))];
  const stands = new Map(
    pods.flatMap(({ metadata: { name, labels, annotations } }) =>
      sessionsIn(labels, annotations).map(({ id }) => [id, name]),
    ),
  );
  const ofPool = (wanted: string) => [...given.values()].filter(({ pool }) => pool === wanted);
  expect([given.size, ofPool('arena').length, ofPool('rooms').length]).toEqual([200, 100, 100]);
  expect(new Set(ofPool('arena').map(({ server }) => server)).size).toBe(100);
  expect([stands.size, pods.filter(({ metadata }) => metadata.labels[SESSION]).length]).toEqual([200, 100]);
  for (const [session, { server }] of given) expect(stands.get(session)).toBe(server);
  // A server never had, at any time, more sessions than it takes, and no session had two servers. One whose caller hung up,
  // as all do here after three seconds, may have got one, lost it, and got another when it asked again.
  await log.caughtUp();
  const serversOf = new Map<string, Set<string>>();
  const wrong: string[] = [];
  const had = new Map<string, readonly string[]>();
  for (const { type, pod } of log.events) {
    const ours = type === 'DELETED' ? [] : pod.sessions.filter((id) => given.has(id));
    for (const id of had.get(pod.uid) ?? []) serversOf.get(id)?.delete(pod.name);
    had.set(pod.uid, ours);
    if (ours.length > (pod.pool === 'rooms' ? PER_SERVER : 1)) wrong.push(`${pod.name}: ${ours.join()}`);
    for (const id of ours) {
      const servers = (serversOf.get(id) ?? new Set()).add(pod.name);
      serversOf.set(id, servers);
      if (servers.size > 1) wrong.push(`${id}: ${[...servers].join()} at version ${pod.version}`);
    }
  }
  expect(wrong).toEqual([]);

  // When the last one has left, the server is free.
  const up = replicas.find(({ running }) => running)!;
  const rooms = [...given].filter(([, { pool }]) => pool === 'rooms');
  const released = await Promise.all(rooms.map(([session]) => call(up, 'release', wish(session))));
  expect(released.every(({ status, body }) => status === 200 && body.released)).toBe(true);
  expect(held(await arena.servers('rooms'))).toEqual([]);
});
