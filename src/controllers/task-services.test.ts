import { afterEach, beforeEach, expect, test } from 'vitest';
import { aNode, aPod, aPool } from '../../test/builders/index.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import type { KubeClient, KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import type { RecordedEvent } from '../kube/events.ts';
import { Store } from '../kube/store.ts';
import { agentFacts, type AgentFacts } from '../snapshot/agent.ts';
import { serviceFacts, type ServiceFacts } from '../snapshot/service.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import type { Workload } from '../snapshot/workload.ts';
import { TaskServices } from './task-services.ts';

const arena = (service = 'NodePort', name = 'arena') =>
  aPool(name).field('network', { service }).port('game', 8303);
const PODS = '/api/v1/namespaces/games/pods';
const SERVICES = '/api/v1/namespaces/games/services';

let now: number;
let leading: boolean;
let sent: KubeRequest[];
let events: RecordedEvent[];
let refusal: KubeError | undefined;
let stores: {
  nodes: Store<AgentFacts>;
  pods: Store<PodFacts>;
  services: Store<ServiceFacts>;
  workloads: Map<'GameServerPool', Store<Workload>>;
};
let end: AbortController;
/** Lets the loop look once more. */
let tick: () => void;

beforeEach(() => {
  [now, leading, sent, events, refusal] = [0, true, [], [], undefined];
  const pools = new Store<Workload>();
  stores = {
    nodes: new Store(),
    pods: new Store(),
    services: new Store(),
    workloads: new Map([['GameServerPool', pools]]),
  };
  stores.nodes.put(agentFacts(aNode('n1').build()));
  end = new AbortController();
  const quiet = () => {};
  const loop = new TaskServices({
    client: {
      request: (request: KubeRequest) => {
        sent.push(request);
        return refusal && request.method === 'POST' ? Promise.reject(refusal) : Promise.resolve({});
      },
    } as unknown as KubeClient,
    drivers: DRIVERS,
    stores,
    events: { record: (event) => void events.push(event) },
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: () => new Promise<void>((resolve) => (tick = resolve)),
    },
    random: () => 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    mayDecide: () => leading,
    mayWrite: () => leading,
  });
  void loop.run(end.signal);
});
afterEach(() => {
  end.abort();
  tick();
});

/** Time passes, and the loop looks. */
async function later(ms = 0): Promise<void> {
  now += ms;
  tick();
  await new Promise((resolve) => setImmediate(resolve));
}
const pool = (service?: string, name?: string) =>
  stores.workloads.get('GameServerPool')!.put(poolFacts(arena(service, name).build()));
const read = createPodReader();
const server = (slot = 0, name = 'arena') =>
  stores.pods.put(read(aPod(`${name}-${slot}`).ofPool(arena('NodePort', name), slot).on('n1').build()));
const requests = () => sent.map(({ method, path }) => `${method} ${path}`);
/** The API server stores a Service that was sent. */
function stored(at = sent.findIndex(({ method }) => method === 'POST'), fields: object = {}) {
  const { metadata, spec } = sent[at]!.body as { metadata: object; spec: object };
  const shown = { metadata: { ...metadata, uid: 'u', resourceVersion: '1' }, spec: { ...spec, ...fields } };
  stores.services.put(serviceFacts(shown));
}

test('a server gets its Service once, and another one when somebody deletes that', async () => {
  pool();
  server();
  await later();
  expect(requests()).toEqual([`PATCH ${PODS}/arena-0`, `POST ${SERVICES}`]);
  await later(1000);
  stored();
  await later(1000);
  expect(sent.length).toBe(2);
  stores.services.delete('games/arena-0');
  await later();
  expect(requests().slice(2)).toContain(`POST ${SERVICES}`);
});

test('what the watch does not show is sent again', async () => {
  pool();
  server();
  await later();
  await later(31_000);
  expect(requests().filter((text) => text.startsWith('POST')).length).toBe(2);
});

test('who does not lead writes nothing, and begins when it does', async () => {
  leading = false;
  pool();
  server();
  await later();
  expect(sent).toEqual([]);
  leading = true;
  await later(10_000);
  expect(sent.length).toBe(2);
});

test('a refused Service is told on the pool, and tried again more and more seldom', async () => {
  refusal = new KubeError({ kind: 'forbidden', message: 'services is forbidden' });
  pool();
  server();
  await later();
  expect(events).toMatchObject([
    { reason: 'WriteRefused', note: 'arena-0 does not get its Service: services is forbidden' },
  ]);
  for (let second = 0; second < 120; second++) await later(1000);
  const tries = requests().filter((text) => text.startsWith('POST')).length;
  expect([tries > 3, tries < 10]).toEqual([true, true]);
});

test('a Service that another wrote first is no trouble until it is seen to be of somebody else', async () => {
  refusal = new KubeError({ kind: 'alreadyExists', message: 'services "arena-0" already exists' });
  pool();
  server();
  await later();
  expect(events).toEqual([]);
  const theirs = { metadata: { name: 'arena-0', namespace: 'games' }, spec: { selector: { app: 'mine' } } };
  stores.services.put(serviceFacts(theirs));
  await later();
  expect(events).toMatchObject([
    { note: 'arena-0 does not get its Service: services "arena-0" already exists' },
  ]);
});

test('a pool that wants none takes its Services back, one that is gone leaves them to the garbage collector', async () => {
  pool();
  server();
  await later();
  stored();
  pool('None');
  await later();
  expect(requests()).toContain(`DELETE ${SERVICES}/arena-0`);
  sent.length = 0;
  stores.workloads.get('GameServerPool')!.delete('games/arena');
  await later(60_000);
  expect(sent).toEqual([]);
});

test('a Pod of another namespace that says it is of the pool gets none', async () => {
  pool();
  const forged = aPod('arena-0').namespace('else').ofPool(arena(), 0).on('n1').build();
  stores.pods.put(read({ ...forged, metadata: { ...forged.metadata, namespace: 'else' } }));
  await later();
  expect(sent).toEqual([]);
});

test('pools without network cost nothing', async () => {
  pool('None');
  server();
  await later(60_000);
  expect(sent).toEqual([]);
});
