import { expect, test } from 'vitest';
import { aPod, aPool } from '../../test/builders/index.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { serverService } from '../frameworks/pool/server-service.ts';
import { serviceFacts } from '../snapshot/service.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import type { ShownService } from '../snapshot/task-service.ts';
import { exposures, type Exposure } from './expose.ts';

type Fields = Record<string, unknown>;
const arena = (network: Fields, ports: Fields[] = [{ name: 'game', containerPort: 8303, protocol: 'UDP' }]) =>
  poolFacts(aPool('arena').field('network', network).field('ports', ports).build());
const LB = { service: 'LoadBalancer' };
const MARKED = { 'proffer.dev/server': 'arena-0' };

/** The Pod of a server, as its builder has it and with more metadata. */
function server(
  pool = arena(LB),
  metadata: { labels?: Fields; annotations?: Fields; deletionTimestamp?: string } = {},
) {
  const raw = aPod('arena-0').ofPool(aPool('arena'), 0).on('n1').build();
  const { labels = {}, annotations = {}, ...rest } = metadata;
  const revision = { 'proffer.dev/revision': pool.groups[0]!.shape.revision };
  return createPodReader()({
    ...raw,
    metadata: {
      ...raw.metadata,
      ...rest,
      labels: { ...raw.metadata.labels, ...revision, ...labels },
      annotations: { ...raw.metadata.annotations, ...annotations },
    },
  });
}

/** The Service that a create or a patch makes, as the API server shows it. */
function stored({ body }: Exposure, fields: Fields = {}, uid?: string): ShownService {
  const { metadata, spec } = body as { metadata: Fields; spec: Fields };
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'arena-0', uid: uid ?? server().uid };
  const made = {
    name: 'arena-0',
    namespace: 'games',
    uid: 'u1',
    resourceVersion: '7',
    ownerReferences: [owner],
  };
  return serviceFacts({
    ...fields,
    metadata: { ...metadata, ...made },
    spec: { sessionAffinity: 'None', ...spec },
  }).own!;
}

const at = (pod: PodFacts, pool = arena(LB), shown?: ShownService) =>
  exposures({ pod, make: serverService(pool), shown, node: '10.0.0.1' });
const made = (pool = arena(LB), pod = server(pool, { labels: MARKED })) => at(pod, pool).at(-1)!;

test('a server gets a label, and a Service of its own that selects it by that and goes with it', () => {
  const pod = server();
  const [mark, create] = at(pod);
  expect(mark).toMatchObject({
    method: 'PATCH',
    path: '/api/v1/namespaces/games/pods/arena-0',
    body: { metadata: { uid: pod.uid, labels: MARKED } },
  });
  expect(create).toEqual({
    method: 'POST',
    path: '/api/v1/namespaces/games/services',
    body: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'arena-0',
        namespace: 'games',
        labels: { 'proffer.dev/pool': 'arena', ...MARKED },
        annotations: {},
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'arena-0', uid: pod.uid }],
      },
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        allocateLoadBalancerNodePorts: true,
        selector: MARKED,
        publishNotReadyAddresses: true,
        ports: [{ name: 'game', protocol: 'UDP', port: 8303, targetPort: 8303 }],
      },
    },
  });
});

test('a Service reaches the port that the server listens on, by both protocols', () => {
  const pool = arena({ service: 'Headless', annotations: { team: 'red' } }, [
    { name: 'voice', protocol: 'TCPUDP', policy: 'Passthrough' },
    { name: 'metrics', containerPort: 9090, protocol: 'TCP', policy: 'None' },
  ]);
  const pod = server(pool, { annotations: { 'proffer.dev/ports': 'voice=7003/TCPUDP' } });
  expect(made(pool, pod).body).toMatchObject({
    metadata: { annotations: { team: 'red' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      ports: [
        { name: 'voice', protocol: 'UDP', port: 7003, targetPort: 7003 },
        { name: 'voice-tcp', protocol: 'TCP', port: 7003 },
        { name: 'metrics', protocol: 'TCP', port: 9090 },
      ],
    },
  });
});

test('nothing is written when all is as it should be', () => {
  expect(at(server(arena(LB), { labels: MARKED }), arena(LB), stored(made()))).toEqual([]);
  expect(exposures({ pod: server(), make: undefined, shown: undefined, node: '' })).toEqual([]);
});

test.each<[string, Fields, Fields, Fields, string]>([
  ['a load balancer with an IP', LB, {}, { ip: '203.0.113.7' }, 'game=203.0.113.7:8303/UDP'],
  ['a load balancer with a name', LB, {}, { hostname: 'lb.example.com' }, 'game=lb.example.com:8303/UDP'],
  ['an address of IPv6', LB, {}, { ip: '2001:db8::7' }, 'game=[2001:db8::7]:8303/UDP'],
  ['a node port', { service: 'NodePort' }, { nodePort: 31_000 }, {}, 'game=10.0.0.1:31000/UDP'],
  ['a name in the cluster', { service: 'Headless' }, {}, {}, 'game=arena-0.games.svc:8303/UDP'],
])('the address of %s comes onto the Pod', (_, network, port, ingress, address) => {
  const pool = arena(network);
  const create = made(pool);
  const { spec } = create.body as { spec: { ports: Fields[] } };
  const body = { ...create.body, spec: { ...spec, ports: spec.ports.map((each) => ({ ...each, ...port })) } };
  const shown = stored({ ...create, body }, { status: { loadBalancer: { ingress: [ingress] } } });
  const pod = server(pool, { labels: MARKED });
  expect(at(pod, pool, shown)).toMatchObject([
    { body: { metadata: { annotations: { 'proffer.dev/service-address': address } } } },
  ]);
  const told = server(pool, { labels: MARKED, annotations: { 'proffer.dev/service-address': address } });
  expect(at(told, pool, shown)).toEqual([]);
});

test('a Service that somebody changed is changed back, as it was seen', () => {
  const pod = server(arena(LB), { labels: MARKED });
  const shown = stored(made());
  const mixed = { selector: { ...MARKED, app: 'other' } };
  for (const spec of [
    { selector: { app: 'other' } },
    mixed,
    { ports: [] },
    { publishNotReadyAddresses: false },
  ])
    expect(at(pod, arena(LB), { ...shown, spec: { ...shown.spec, ...spec } })).toMatchObject([
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/games/services/arena-0',
        body: { metadata: { uid: 'u1', resourceVersion: '7' }, spec: { selector: MARKED } },
      },
    ]);
  const patch = at(pod, arena(LB), { ...shown, spec: { ...shown.spec, ...mixed } })[0]!;
  expect(patch.body).toMatchObject({ spec: { selector: { ...MARKED, app: null } } });
});

test.each<[string, Fields, Fields]>([
  ['loses its cluster address', LB, { service: 'Headless' }],
  ['gets one', { service: 'Headless' }, LB],
  ['gets another class', LB, { ...LB, loadBalancerClass: 'other' }],
])('a Service that %s is made anew', (_, before, after) => {
  const pod = server(arena(after), { labels: MARKED });
  expect(at(pod, arena(after), stored(made(arena(before)))).at(-1)).toMatchObject({
    method: 'DELETE',
    body: { preconditions: { uid: 'u1', resourceVersion: '7' } },
  });
});

test('a server of an older template keeps the ports of its Service', () => {
  const changed = arena(LB, [{ name: 'game', containerPort: 9000, protocol: 'UDP' }]);
  const older = server(arena(LB), { labels: MARKED });
  expect(at(older, changed, stored(made()))).toEqual([]);
  expect(at(server(changed, { labels: MARKED }), changed, stored(made()))).toMatchObject([
    { method: 'PATCH' },
  ]);
});

test('a server that is going gets no Service and keeps the one that it has; one that ended loses it', () => {
  const going = server(arena(LB), { deletionTimestamp: '2026-01-01T12:00:00Z', labels: MARKED });
  expect(at(going)).toEqual([]);
  expect(at(going, arena(LB), stored(made()))).toEqual([]);
  expect(
    at({ ...server(arena(LB), { labels: MARKED }), terminal: true }, arena(LB), stored(made())),
  ).toMatchObject([
    { method: 'PATCH', body: { metadata: { labels: { 'proffer.dev/server': null } } } },
    { method: 'DELETE' },
  ]);
});

test('a pool without network takes back what it gave', () => {
  expect(serverService(arena({ service: 'None' }))).toBeUndefined();
  const pod = server(arena(LB), { labels: MARKED, annotations: { 'proffer.dev/service-address': 'x' } });
  expect(exposures({ pod, make: undefined, shown: stored(made()), node: '' })).toMatchObject([
    { body: { metadata: { annotations: { 'proffer.dev/service-address': null } } } },
    { method: 'DELETE' },
  ]);
});

test('a Service of a Pod that had the name before is left to the garbage collector', () => {
  const pod = server(arena(LB), { labels: MARKED });
  const other = stored(made(), {}, 'another');
  expect(at(pod, arena(LB), { ...other, spec: { ...other.spec, type: 'NodePort' } })).toEqual([]);
  expect(exposures({ pod, make: undefined, shown: other, node: '' })).not.toContainEqual(
    expect.objectContaining({ method: 'DELETE' }),
  );
});
