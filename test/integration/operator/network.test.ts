import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { jobManifest, poolManifest, type Manifest } from '../../support/workloads.ts';

const NODES = 2;
const RANGES = 'query=7005-7006,voice=9000-9003';
const GAME = { name: 'game', containerPort: 8303 };

let arena: Arena;
let operator: OperatorProcess;

const start = () =>
  OperatorProcess.start({
    kubeconfig: arena.cluster.kubeconfigPath,
    identity: 'network',
    flags: { 'host-ports': '7000-7005', 'port-ranges': RANGES },
  });

beforeAll(async () => {
  const fakeNode = { cpu: '4', memory: '8Gi', pods: '20', zones: 1 };
  arena = await Arena.start({ name: 'it-op-network', fakeNodes: NODES, kwok: true, fakeNode });
  operator = await start();
});
afterEach(() => arena?.clear());
afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

const showLog = () => onTestFailed(() => console.log(operator.tail(20)));

/** Host ports of a server, as its Pod publishes them. */
const published = ({ spec }: ShownPod) => spec.containers.flatMap(({ ports = [] }) => ports);

/** Waits until no two servers of the namespace have one number on a node, and returns their numbers by node. */
function numbers(pods: readonly ShownPod[]): number[][] {
  const byNode = Map.groupBy(pods, ({ spec }) => spec.nodeName);
  return [...byNode.values()].map((all) => {
    const taken = all.flatMap((pod) => [...new Set(published(pod).flatMap(({ hostPort = [] }) => hostPort))]);
    expect(new Set(taken).size).toBe(taken.length);
    return taken.toSorted((a, b) => a - b);
  });
}

test('each port has a number as its policy says, out of its range, also after a restart', async () => {
  showLog();
  const ports = [
    GAME,
    { name: 'query', containerPort: 8304, protocol: 'TCPUDP', range: 'query' },
    { name: 'voice', policy: 'Passthrough', range: 'voice' },
    { name: 'metrics', containerPort: 9090, protocol: 'TCP', policy: 'None' },
  ];
  // Of both ranges that overlap there are seven numbers on a node, and 7006 is in one alone.
  await arena.apply(poolManifest({ name: 'arena', replicas: 2, spec: { ports } }));
  await arena.ready('arena', 2);
  await operator.kill();
  operator = await start();
  await arena.scale('arena', 4);
  const servers = await arena.ready('arena', 4);
  numbers(servers);
  for (const server of servers) {
    const [game, query, both, voice, metrics] = published(server);
    const isIn = (number: number | undefined, first: number, last: number) =>
      number! >= first && number! <= last;
    expect([isIn(game!.hostPort, 7000, 7005), isIn(query!.hostPort, 7005, 7006)]).toEqual([true, true]);
    expect([both!.hostPort, both!.protocol]).toEqual([query!.hostPort, 'TCP']);
    expect(isIn(voice!.hostPort, 9000, 9003) && voice!.containerPort === voice!.hostPort).toBe(true);
    expect(metrics).toEqual({ name: 'metrics', containerPort: 9090, protocol: 'TCP' });
    expect(server.metadata.annotations!['proffer.dev/ports']).toBe(
      `game=${game!.hostPort}/UDP,query=${query!.hostPort}/TCPUDP,voice=${voice!.hostPort}/UDP`,
    );
  }
  // Two query ports are all that a node has, and a fifth server would need one more.
  await arena.scale('arena', 5);
  await until('the fifth to wait for a host port', async () =>
    (await arena.poolStatus('arena')).message?.includes('host ports'),
  );
});

test('a Static port is on each node once, and a range that nobody knows is named', async () => {
  showLog();
  const fixed = { ...GAME, policy: 'Static', hostPort: 27_015 };
  await arena.apply(
    poolManifest({ name: 'fixed', replicas: NODES + 1, spec: { ports: [fixed] } }),
    poolManifest({ name: 'lost', spec: { ports: [{ ...GAME, range: 'admin' }] } }),
  );
  await until('one on each node', async () => (await arena.poolStatus('fixed')).readyReplicas === NODES);
  expect(numbers(await arena.servers('fixed'))).toEqual([[27_015], [27_015]]);
  const words = 'spec.ports[game].range: the operator has no range of host ports named admin';
  const { conditions } = await until('the range to be named', async () => {
    const status = await arena.poolStatus('lost');
    return status.message?.includes(words) ? status : undefined;
  });
  expect(conditions!.find(({ type }) => type === 'Supported')!.status).toBe('False');
});

interface Service {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Record<string, string>;
  };
  readonly spec: {
    readonly selector: unknown;
    readonly type: string;
    readonly ports: { readonly nodePort?: number }[];
  };
}

const services = async (): Promise<Service[]> => {
  const text = await arena.cluster.kubectl('get', 'services', '-n', 'default', '-o', 'json');
  return (JSON.parse(text) as { items: Service[] }).items.filter(
    ({ metadata }) => metadata.name !== 'kubernetes',
  );
};
const named = async (name: string) => (await services()).find(({ metadata }) => metadata.name === name);
const addressOf = async (name: string) =>
  (await arena.servers('arena')).find(({ metadata }) => metadata.name === name)?.metadata.annotations?.[
    'proffer.dev/service-address'
  ];
const network = (service: string): Manifest => ({ spec: { ports: [GAME], network: { service } } });
const patched = (kind: string, name: string, patch: Manifest, ...more: string[]) =>
  arena.cluster.kubectl(
    'patch',
    kind,
    name,
    '-n',
    'default',
    '--type=merge',
    '-p',
    JSON.stringify(patch),
    ...more,
  );

test('each server has a Service that goes with it, is repaired, and tells its address', async () => {
  showLog();
  await arena.apply(poolManifest({ name: 'arena', replicas: 2, ...network('LoadBalancer') }));
  await arena.ready('arena', 2);
  await until('a Service for each', async () => (await services()).length === 2);
  const ingress = [{ ip: '203.0.113.7' }];
  await patched('service', 'arena-0', { status: { loadBalancer: { ingress } } }, '--subresource=status');
  await until('its address', async () => (await addressOf('arena-0')) === 'game=203.0.113.7:8303/UDP');

  // Somebody changes one and deletes the other.
  const { metadata } = (await named('arena-1'))!;
  await arena.cluster.kubectl('delete', 'service', 'arena-1', '-n', 'default');
  await patched('service', 'arena-0', { spec: { selector: { app: 'mine' } } });
  const again = await until('another one', async () => {
    const found = await named('arena-1');
    return found && found.metadata.uid !== metadata.uid ? found : undefined;
  });
  expect(again.spec.selector).toEqual({ 'proffer.dev/server': 'arena-1' });
  await until('the selector as it was', async () => {
    const { spec } = (await named('arena-0'))!;
    return JSON.stringify(spec.selector) === '{"proffer.dev/server":"arena-0"}';
  });
  // Endpoints say that it selects its own server alone, and while that is not ready, too.
  const behind = async (service: string) => {
    const text = await arena.cluster.kubectl('get', 'endpointslices', '-n', 'default', '-o', 'json');
    const { items } = JSON.parse(text) as {
      items: { metadata: { labels: Record<string, string> }; endpoints: unknown[] }[];
    };
    return items
      .filter(({ metadata: { labels } }) => labels['kubernetes.io/service-name'] === service)
      .flatMap(({ endpoints }) => endpoints ?? []);
  };
  await expect.poll(() => behind('arena-1')).toMatchObject([{ targetRef: { kind: 'Pod', name: 'arena-1' } }]);

  await arena.scale('arena', 1);
  await until('the other one to be gone', async () => (await services()).length === 1);
});

test('a pool may want another kind of Service, or none, for servers that run', async () => {
  showLog();
  await arena.apply(poolManifest({ name: 'arena', ...network('Headless') }));
  await arena.ready('arena', 1);
  await until('a name', async () => (await addressOf('arena-0')) === 'game=arena-0.default.svc:8303/UDP');
  const [before] = await arena.servers('arena');
  await patched('gsp', 'arena', network('NodePort'));
  await until('a node port', async () =>
    /^game=fake-\d+:3\d{4}\/UDP$/.test((await addressOf('arena-0')) ?? ''),
  );
  for (const service of ['LoadBalancer', 'NodePort']) {
    await patched('gsp', 'arena', network(service));
    await until(`a ${service}`, async () => (await named('arena-0'))?.spec.type === service);
  }
  await patched('gsp', 'arena', { spec: { network: { service: 'None' } } });
  await until('no Service', async () => (await services()).length === 0);
  await until('no address', async () => (await addressOf('arena-0')) === undefined);
  expect((await arena.servers('arena'))[0]!.metadata.uid).toBe(before!.metadata.uid);
});

test('a Service of somebody else stays as it is, and the pool says so', async () => {
  showLog();
  const theirs = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'arena-0', namespace: 'default' },
    spec: { selector: { app: 'mine' }, ports: [{ port: 80 }] },
  };
  await arena.apply(theirs, poolManifest({ name: 'arena', replicas: 2, ...network('NodePort') }));
  await until('the other Service', () => named('arena-1'));
  const told = await until('an event', async () =>
    (await arena.events('GameServerPool', 'arena')).find(({ reason }) => reason === 'WriteRefused'),
  );
  expect(told.note).toContain('arena-0 does not get its Service: ');
  expect((await named('arena-0'))!.spec.selector).toEqual({ app: 'mine' });
  await arena.cluster.kubectl('delete', 'service', 'arena-0', '-n', 'default');
  await until('its own Service', async () => (await named('arena-0'))?.spec.type === 'NodePort');
});

interface ShownService {
  readonly metadata: { readonly uid: string };
  readonly spec: { readonly selector: Manifest; readonly clusterIP: string };
}

test('the workers of a job have names below one Service of the job, which stays as it is made', async () => {
  showLog();
  const kubectl = (...args: string[]) => arena.cluster.kubectl(...args);
  const service = async (name: string): Promise<ShownService | undefined> => {
    const text = await kubectl('get', 'service', name, '-o', 'json', '--ignore-not-found=true');
    return text === '' ? undefined : (JSON.parse(text) as ShownService);
  };
  const own = (uid?: string) =>
    until('the Service', async () => {
      const shown = await service('learn');
      const isRight = Object.keys(shown?.spec.selector ?? {}).join() === 'proffer.dev/peers';
      return shown && isRight && shown.metadata.uid !== uid ? shown : undefined;
    });
  // Somebody else has the name of one of the two jobs.
  await arena.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'taken', namespace: 'default' },
    spec: { selector: { app: 'mine' }, ports: [{ port: 80 }] },
  });
  for (const name of ['learn', 'taken']) await arena.apply(jobManifest({ name, workers: 2 }));
  const first = await own();
  expect(first.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  const pods = await until('both workers', async () => {
    const all = await arena.pods('proffer.dev/job=learn');
    return all.length === 2 ? all : undefined;
  });
  const names = pods.map(({ spec }) => spec as { hostname?: string; subdomain?: string });
  expect(names.map(({ hostname, subdomain }) => `${hostname}.${subdomain}`).sort()).toEqual([
    'learn-worker-0.learn',
    'learn-worker-1.learn',
  ]);
  const narrow = JSON.stringify({ spec: { selector: { 'proffer.dev/peers': 'learn', app: 'other' } } });
  await kubectl('patch', 'service', 'learn', '--type=merge', '-p', narrow);
  await own();
  await kubectl('delete', 'service', 'learn');
  await own(first.metadata.uid);
  const events = await until('the event', async () => {
    const all = await arena.events('TrainingJob', 'taken');
    return all.filter(({ reason }) => reason === 'WriteRefused').length > 0 ? all : undefined;
  });
  expect(events.find(({ reason }) => reason === 'WriteRefused')!.note).toContain('another one has its name');
  expect((await service('taken'))!.spec.selector).toEqual({ app: 'mine' });
  await kubectl('delete', 'service', 'taken');
});

test('a job with MPI has keys that all of its workers find, and nobody changes', async () => {
  showLog();
  const kubectl = (...args: string[]) => arena.cluster.kubectl(...args);
  await arena.apply(jobManifest({ name: 'pi', workers: 2, spec: { runtime: 'MPI' } }));
  const uid = (await kubectl('get', 'tj', 'pi', '-o', 'jsonpath={.metadata.uid}')).trim();
  const secret = await until('the Secret', async () => {
    const text = await kubectl('get', 'secret', `mpi-${uid}`, '-o', 'json', '--ignore-not-found=true');
    return text === '' ? undefined : (JSON.parse(text) as { immutable: boolean; data: Manifest });
  });
  expect(secret.immutable).toBe(true);
  expect(Buffer.from(String(secret.data['hosts']), 'base64').toString()).toBe(
    'pi-worker-0.pi slots=1\npi-worker-1.pi slots=1\n',
  );
  const pods = await until('both workers', async () => {
    const all = await arena.pods('proffer.dev/job=pi');
    return all.length === 2 ? all : undefined;
  });
  for (const { spec } of pods) expect(JSON.stringify(spec)).toContain(`"secretName":"mpi-${uid}"`);
  await kubectl('delete', 'tj', 'pi');
  await until(
    'it goes with its job',
    async () => !(await kubectl('get', 'secrets', '-o', 'name')).includes(uid),
  );
});
