import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import type { Fault, ProxiedRequest, Rule } from '../../support/faults.ts';
import { until } from '../../support/until.ts';
import { Churn } from './churn.ts';
import { serverState, startMirror, stateOf, type Mirror } from './mirror.ts';

const path = '/api/v1/namespaces/default/configmaps';
const quietPath = '/api/v1/namespaces/kube-public/configmaps';

let cluster: Cluster;
let admin: KubeClient;
let proxy: FaultProxy;
/** A second one, which is never made to break anything. */
let quietProxy: FaultProxy;
let mirror: Mirror | undefined;
let churn: Churn | undefined;
/** A mirror of what nobody writes; the server's bookmarks to it come once a minute. */
let quiet: Mirror;
let quietSince: number;

beforeAll(async () => {
  cluster = await startCluster({ name: 'it-kube-reflector' });
  admin = KubeClient.load({ kubeconfig: cluster.kubeconfigPath });
  proxy = await FaultProxy.start(cluster.kubeconfigPath);
  await until('the controllers to be done', () =>
    admin.request({ method: 'GET', path: `${quietPath}/kube-root-ca.crt` }).catch(() => false),
  );
  quietProxy = await FaultProxy.start(cluster.kubeconfigPath);
  quiet = startMirror(quietProxy, quietPath);
  await quiet.reflector.whenSynced();
  quietSince = quiet.reflector.lastEventAt;
});

afterEach(async () => {
  await churn?.stop();
  await mirror?.stop();
  churn = undefined;
  mirror = undefined;
  proxy.heal();
});

afterAll(async () => {
  await quiet?.stop();
  await quietProxy?.close();
  await proxy?.close();
  await admin?.close();
  await cluster?.down();
});

const isWatch = (request: ProxiedRequest) => request.verb === 'watch' && request.resource === 'configmaps';
const isList = (request: ProxiedRequest) => request.verb === 'list' && request.resource === 'configmaps';

/** Ends the churn and waits until the store is what the server has. */
const converge = async (mirror: Mirror, churn: Churn) => {
  await churn.stop();
  const want = await serverState(admin, path);
  await until('the store to equal the server', () => stateOf(mirror.store.values()).join() === want.join());
  expect(stateOf(mirror.store.values())).toEqual(want);
};

interface Case {
  name: string;
  fault: Fault;
  when?: (request: ProxiedRequest) => boolean;
  times?: number;
  /** The fault must not cost a list. */
  resumes?: boolean;
  /** The fault must cost a list. */
  relists?: boolean;
  stallMs?: number;
}

const cases: Case[] = [
  {
    name: 'watches that the server ends every 7 lines',
    fault: { kind: 'endWatch', afterEvents: 7 },
    resumes: true,
  },
  { name: 'watches that break every 7 lines', fault: { kind: 'resetWatch', afterEvents: 7 }, resumes: true },
  { name: 'watches that end amid a line', fault: { kind: 'truncateWatch', afterEvents: 5 }, resumes: true },
  { name: 'lines of which half is lost', fault: { kind: 'corruptWatch', afterEvents: 5 }, resumes: true },
  {
    name: 'watches that report an expired version',
    fault: { kind: 'failWatch', afterEvents: 5, status: 410, reason: 'Expired' },
    relists: true,
  },
  {
    name: 'watches that report an internal error',
    fault: { kind: 'failWatch', afterEvents: 5, status: 500, reason: 'InternalError' },
    resumes: true,
  },
  {
    name: 'watches that fall silent',
    fault: { kind: 'stallWatch', afterEvents: 5 },
    stallMs: 300,
    resumes: true,
  },
  {
    name: 'a watch refused with 410',
    fault: { kind: 'answer', status: 410, reason: 'Expired' },
    relists: true,
  },
  {
    name: 'watches refused with 429',
    fault: { kind: 'answer', status: 429, reason: 'TooManyRequests', retryAfterSeconds: 0 },
    resumes: true,
  },
  { name: 'watches refused with 500', fault: { kind: 'answer', status: 500 }, resumes: true },
  { name: 'watches whose connection breaks at once', fault: { kind: 'resetBefore' }, resumes: true },
  { name: 'watches that open late', fault: { kind: 'delay', ms: 700 }, times: 1, resumes: true },
];

describe('a reflector under a churn of ConfigMaps converges despite', () => {
  test.each(cases)('$name', async ({ fault, times = 5, resumes, relists, stallMs }) => {
    const rule: Rule = { when: isWatch, fault, times };
    proxy.inject(rule);
    churn = new Churn(admin, 'default');
    churn.start();
    mirror = startMirror(proxy, path, stallMs === undefined ? {} : { stallMs });
    const { reflector } = mirror;
    await until('the fault to have struck', () => proxy.hits(rule) >= times);
    await converge(mirror, churn);
    if (resumes) expect(reflector.counters.relists).toBe(1);
    if (relists) expect(reflector.counters.relists).toBeGreaterThan(1);
    expect(reflector.counters.failures).toBe(0);
    expect(mirror.sawManagedFields).toBe(false);
  });

  test.each<{ name: string; fault: Fault }>([
    { name: 'lists refused with 500', fault: { kind: 'answer', status: 500 } },
    { name: 'lists refused with 429', fault: { kind: 'answer', status: 429, retryAfterSeconds: 0 } },
    { name: 'lists whose connection breaks', fault: { kind: 'resetBefore' } },
    { name: 'lists whose answer is lost', fault: { kind: 'resetAfter' } },
  ])('$name', async ({ fault }) => {
    const rule: Rule = { when: isList, fault, times: 4 };
    proxy.inject(rule);
    churn = new Churn(admin, 'default');
    churn.start();
    mirror = startMirror(proxy, path);
    expect(mirror.reflector.synced).toBe(false);
    await mirror.reflector.whenSynced();
    expect(proxy.hits(rule)).toBe(4);
    await converge(mirror, churn);
    expect(mirror.reflector.counters.relists).toBe(1);
  });

  test('a continue token that expires between the pages of a list', async () => {
    churn = new Churn(admin, 'default');
    churn.start();
    await until('something to list', async () => (await serverState(admin, path)).length > 10);
    const rule: Rule = {
      when: (request) => isList(request) && request.query.has('continue'),
      fault: { kind: 'answer', status: 410, reason: 'Expired' },
      times: 2,
    };
    proxy.inject(rule);
    mirror = startMirror(proxy, path, { pageSize: 2 });
    await mirror.reflector.whenSynced();
    expect(proxy.hits(rule)).toBe(2);
    await converge(mirror, churn);
    expect(mirror.reflector.counters.relists).toBe(1);
  });
});

describe('a reflector', () => {
  test('tells of what was deleted and created while it could not watch', async () => {
    const create = (name: string) => admin.request({ method: 'POST', path, body: { metadata: { name } } });
    await create('goes');
    await create('stays');
    mirror = startMirror(proxy, path);
    const { reflector, store, changes } = mirror;
    await reflector.whenSynced();
    // Its version expires, and it cannot list until the heal: what happens meanwhile no watch will ever tell.
    const blind: Rule = { when: isList, fault: { kind: 'answer', status: 500 } };
    proxy.inject({ when: isWatch, fault: { kind: 'answer', status: 410 }, times: 1 });
    proxy.inject(blind);
    proxy.cut();
    await until('the mirror to be blind', () => proxy.hits(blind) > 0);
    await admin.request({ method: 'DELETE', path: `${path}/goes` });
    await create('comes');
    proxy.heal();
    await until('the store to catch up', () => store.get('default/comes') && !store.get('default/goes'));
    expect(changes.filter((change) => /goes|stays|comes/.test(change)).toSorted()).toEqual(
      ['+default/goes', '+default/stays', '-default/goes', '+default/comes'].toSorted(),
    );
    for (const name of ['stays', 'comes']) await admin.request({ method: 'DELETE', path: `${path}/${name}` });
  });

  test('resumes a quiet watch that ends regularly', async () => {
    mirror = startMirror(proxy, quietPath, { watchSeconds: 1 });
    const { reflector, store } = mirror;
    await reflector.whenSynced();
    await until('three watches to have ended', () => reflector.counters.reconnects >= 3);
    expect(reflector.counters).toMatchObject({ relists: 1, events: 0 });
    expect(store.size).toBeGreaterThan(0);
  });

  test('holds, after a resync, all that was written before it', async () => {
    mirror = startMirror(proxy, path);
    const { reflector, store } = mirror;
    await reflector.whenSynced();
    // The watch brings nothing: only a list can.
    proxy.inject({ when: isWatch, fault: { kind: 'stallWatch', afterEvents: 0 } });
    proxy.cut();
    const names = Array.from({ length: 5 }, (_, n) => `resync-${n}`);
    for (const name of names) {
      await admin.request({ method: 'POST', path, body: { metadata: { name } } });
      await Promise.all([reflector.resync(), reflector.resync()]);
      expect(store.get(`default/${name}`)).toBeDefined();
    }
    for (const name of names) await admin.request({ method: 'DELETE', path: `${path}/${name}` });
  });

  test('loses nothing of a burst of 2,000 Pods', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await until('the service account', () =>
      admin
        .request({ method: 'GET', path: '/api/v1/namespaces/default/serviceaccounts/default' })
        .catch(() => false),
    );
    mirror = startMirror(proxy, pods);
    const { reflector, store, changes } = mirror;
    await reflector.whenSynced();
    const body = (n: number) => ({
      metadata: { name: `burst-${n}`, annotations: { filling: 'x'.repeat(3000) } },
      spec: { containers: [{ name: 'c', image: 'none' }] },
    });
    const creates = Array.from({ length: 2000 }, (_, n) =>
      admin.request({ method: 'POST', path: pods, body: body(n) }),
    );
    await Promise.all(creates);
    await until('all Pods to be seen', () => store.size === 2000);
    expect(stateOf(store.values())).toEqual(await serverState(admin, pods));
    expect(new Set(changes).size).toBe(2000);
    expect(reflector.counters.relists).toBe(1);
    // The API server ends a request after a minute, however much of it is left to do.
    const clear = () => admin.request({ method: 'DELETE', path: pods, query: { gracePeriodSeconds: 0 } });
    await until('all Pods to be deleted', () =>
      clear().then(
        () => true,
        () => false,
      ),
    );
    await until('all Pods to be gone', () => store.size === 0);
    expect(changes).toHaveLength(4000);
  });

  test('says that it may not read, and goes on asking', async () => {
    const warnings: object[] = [];
    const log = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (fields: object) => warnings.push(fields),
    };
    const refused: Rule = {
      when: isList,
      fault: { kind: 'answer', status: 403, reason: 'Forbidden' },
      times: 3,
    };
    proxy.inject(refused);
    mirror = startMirror(proxy, path, { log });
    await mirror.reflector.whenSynced();
    expect(proxy.hits(refused)).toBe(3);
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toMatchObject({ path, failures: 1 });
  });

  test('hears bookmarks on a watch that is quiet, so that neither does it seem stalled nor its version age', async () => {
    const { reflector } = quiet;
    await until('a bookmark', () => reflector.lastEventAt > quietSince);
    expect(reflector.counters).toMatchObject({ relists: 1, events: 0, reconnects: 0 });
  });
});
