import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Cluster, startCluster } from '../../../hack/cluster/index.ts';
import { CHART, helm } from '../../chart/helm.ts';

const NAMESPACE = 'proffer-system';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ name: 'chart-rights' });
  const where = [`--namespace=${NAMESPACE}`, '--create-namespace', `--kubeconfig=${cluster.kubeconfigPath}`];
  const { ok, stderr } = await helm('install', 'proffer', CHART, '--set=rbac.jobSecrets=true', ...where);
  expect(ok, stderr).toBe(true);
});
afterAll(() => cluster.down());

interface Attributes {
  verb: string;
  group?: string;
  resource: string;
  subresource?: string;
  name?: string;
  namespace?: string;
}

/** Asks the API server's own authorizer what the operator's account may do. */
const allowed = async (resourceAttributes: Attributes): Promise<boolean> => {
  const account = `system:serviceaccount:${NAMESPACE}:proffer`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'];
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: account, groups, resourceAttributes },
  };
  const answer = await cluster.kubectlWithInput(
    JSON.stringify(review),
    'create',
    '--output=json',
    '--filename=-',
  );
  return (JSON.parse(answer) as { status: { allowed: boolean } }).status.allowed;
};

const leases = { group: 'coordination.k8s.io', resource: 'leases' };
const pools = { group: 'proffer.dev', resource: 'gameserverpools', namespace: 'default' };

test.each<[string, Attributes]>([
  ['launch a task in any namespace', { verb: 'create', resource: 'pods', namespace: 'default' }],
  ['watch all nodes', { verb: 'watch', resource: 'nodes' }],
  ['write the status of a pool', { verb: 'patch', ...pools, subresource: 'status' }],
  ['watch the heartbeats of nodes', { verb: 'watch', ...leases, namespace: 'kube-node-lease' }],
  ['make the keys of a job', { verb: 'create', resource: 'secrets', namespace: 'default' }],
  ['renew its own Lease', { verb: 'update', ...leases, namespace: NAMESPACE, name: 'proffer' }],
])('the operator may %s', async (_, attributes) => {
  // The authorizer takes new roles up a moment after they were created.
  await expect.poll(() => allowed(attributes)).toBe(true);
});

test.each<[string, Attributes]>([
  ['renew the Lease of another', { verb: 'update', ...leases, namespace: NAMESPACE, name: 'other' }],
  ["forge a node's heartbeat", { verb: 'update', ...leases, namespace: 'kube-node-lease', name: 'node-1' }],
  ['change what a user wants', { verb: 'patch', ...pools }],
  ['delete a pool', { verb: 'delete', ...pools }],
  ['read a Secret of its own namespace', { verb: 'get', resource: 'secrets', namespace: NAMESPACE }],
  ['read the keys of a job', { verb: 'get', resource: 'secrets', namespace: 'default' }],
  ['list Secrets', { verb: 'list', resource: 'secrets' }],
  ['change a Secret', { verb: 'patch', resource: 'secrets', namespace: 'default' }],
  ['read configuration', { verb: 'list', resource: 'configmaps', namespace: NAMESPACE }],
  ['run a command in a Pod', { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'default' }],
  ['change a node', { verb: 'patch', resource: 'nodes' }],
  ['grant a right', { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' }],
  [
    'change a definition',
    { verb: 'patch', group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  ],
])('the operator may not %s', async (_, attributes) => {
  expect(await allowed(attributes)).toBe(false);
});

interface Named {
  metadata: { name: string; uid: string };
}

/** The priority level that the API server put a request of the operator's account in, by its name. */
const priorityLevel = async (path: string): Promise<string | undefined> => {
  const token = await cluster.kubectl('create', 'token', 'proffer', `--namespace=${NAMESPACE}`);
  const { clusters } = parse(await readFile(cluster.kubeconfigPath, 'utf8')) as {
    clusters: { cluster: { 'certificate-authority-data': string } }[];
  };
  const ca = Buffer.from(clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64');
  const agent = new Agent({ connect: { ca } });
  try {
    const headers = { authorization: `Bearer ${token.trim()}` };
    const answer = await request(`${cluster.server}${path}`, { dispatcher: agent, headers });
    await answer.body.dump();
    const levels = await cluster.kubectl('get', 'prioritylevelconfigurations', '--output=json');
    return (JSON.parse(levels) as { items: Named[] }).items.find(
      ({ metadata }) => metadata.uid === answer.headers['x-kubernetes-pf-prioritylevel-uid'],
    )?.metadata.name;
  } finally {
    await agent.destroy();
  }
};

test.each([
  ['its Lease', 'leader-election', `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/proffer`],
  ['all else', 'workload-high', '/api/v1/pods?limit=1'],
])('the API server ranks the requests for %s as %s', async (_, level, path) => {
  // It takes a new flow schema up a moment after it was created.
  await expect.poll(() => priorityLevel(path)).toBe(level);
});
