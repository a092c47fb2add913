import type { Cluster } from '../cluster/index.ts';

const SCHEDULER = 'proffer';

/** Sends every Pod that the stock scheduler would place to Proffer instead, which so stands in its place. */
const ROUTE = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: { name: 'scheduled-by-proffer' },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      matchConditions: [
        { name: 'not-placed', expression: '!has(object.spec.nodeName) || object.spec.nodeName == ""' },
        { name: 'stock', expression: 'object.spec.schedulerName == "default-scheduler"' },
      ],
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: `Object{spec: Object.spec{schedulerName: "${SCHEDULER}"}}` },
        },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name: 'scheduled-by-proffer' },
    spec: { policyName: 'scheduled-by-proffer' },
  },
];

/**
 * The suite waits a minute in each test for a health checker on each node, and takes any Pod of kube-system for one whose
 * name holds these words and the node's.
 */
const healthChecker = (node: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `kube-proxy-fluentd-elasticsearch-node-problem-detector-${node}`,
    namespace: 'kube-system',
  },
  spec: { nodeName: node, containers: [{ name: 'none', image: 'none' }] },
});

/** Makes fake nodes look like those that the suite was written for: each has an address and a health checker. */
export async function prepareNodes(cluster: Cluster): Promise<void> {
  const names = (await cluster.kubectl('get', 'nodes', '-o', 'name')).trim().split('\n');
  for (const [index, name] of names.entries()) {
    const addresses = [{ type: 'InternalIP', address: `240.255.0.${index + 1}` }];
    const patch = JSON.stringify({ status: { addresses } });
    await cluster.kubectl('patch', name, '--subresource=status', '--type=merge', '-p', patch);
  }
  const items = names.map((name) => healthChecker(name.replace('node/', '')));
  await applyAll(cluster, items);
  // No scheduler placed them, and the suite takes a Pod without this condition for one that waits for a node.
  const conditions = [{ type: 'PodScheduled', status: 'True' }];
  for (const { metadata } of items) {
    const status = ['--subresource=status', '-p', JSON.stringify({ status: { conditions } })];
    await cluster.kubectl('patch', 'pod', metadata.name, '-n', metadata.namespace, ...status);
  }
}

/** Makes the API server give all Pods of the stock scheduler to Proffer, and waits until it does. */
export async function routeToProffer(cluster: Cluster): Promise<void> {
  await applyAll(cluster, ROUTE);
  const probe = ['run', 'probe', '--image=none', '--dry-run=server', '-o', 'jsonpath={.spec.schedulerName}'];
  const deadline = Date.now() + 60_000;
  while ((await cluster.kubectl(...probe)) !== SCHEDULER) {
    if (Date.now() > deadline) throw new Error('the API server does not apply the MutatingAdmissionPolicy');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const applyAll = (cluster: Cluster, items: readonly object[]): Promise<string> =>
  cluster.kubectlWithInput(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), 'apply', '-f', '-');
