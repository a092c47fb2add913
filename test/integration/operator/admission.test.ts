import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { IS_OLDEST } from '../../../hack/cluster/index.ts';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { NONE, violationsOf } from '../../support/invariants.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PodLog } from '../../support/pod-log.ts';
import { until } from '../../support/until.ts';
import { jobManifest, poolManifest, roleManifest, type Manifest } from '../../support/workloads.ts';

let arena: Arena;
let operator: OperatorProcess;
let log: PodLog;

beforeAll(async () => {
  const fakeNode = { cpu: '8', pods: '200' };
  arena = await Arena.start({ name: 'it-op-admission', fakeNodes: 2, kwok: true, fakeNode });
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'admission' });
  log = await PodLog.start(arena.cluster.kubeconfigPath);
});

afterEach(async () => {
  await arena?.clear();
  await arena?.cluster.kubectl('delete', 'limitrange', '--all');
  await arena?.cluster.kubectl('delete', 'or', '--all');
});

afterAll(async () => {
  await log?.stop();
  await operator?.kill();
  await arena?.down();
});

/** A server without requests, as in the reports. */
const container: Manifest = { resources: {} };

/** What the API server makes of a Pod now. */
async function probed(): Promise<ShownPod & { readonly spec: { readonly initContainers?: unknown } }> {
  const text = await arena.cluster.kubectl('run', 'probe', '--image=none', '--dry-run=server', '-o', 'json');
  return JSON.parse(text) as ShownPod;
}

/** Gives every container 3 cpu that asks for none; waits until the API server has heard of it. */
async function bringLimitRange(): Promise<void> {
  const three = { cpu: '3', memory: '1Gi' };
  await arena.apply({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'd', namespace: 'default' },
    spec: { limits: [{ type: 'Container', defaultRequest: three, default: three }] },
  });
  await until('the LimitRange to be in force', async () =>
    JSON.stringify((await probed()).spec.containers).includes('"cpu":"3"'),
  );
}

const message = async (pool: string) => (await arena.poolStatus(pool)).message ?? '';

/** How many servers of a pool each node has. */
async function perNode(pool: string): Promise<number[]> {
  const counts = Map.groupBy(await arena.servers(pool), (pod) => pod.spec.nodeName);
  return [...counts.values()].map((pods) => pods.length).sort((a, b) => a - b);
}

const waits = (pool: string, what: string) =>
  until(`${pool}: ${what}`, async () => (await message(pool)).includes(what));

describe('a pool without requests under a LimitRange', () => {
  test('is placed and charged by what its Pods become', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await bringLimitRange();
    await arena.enact(roleManifest('default', { limit: { cpu: '6' } }));
    await arena.apply(poolManifest({ name: 'arena', replicas: 6, container }));
    await waits('arena', '4 of 6 servers waiting');
    await expect.poll(() => arena.servers('arena')).toHaveLength(2);
    await until('the charge', async () => (await arena.roleStatus('default')).allocated?.['cpu'] === '6');

    await arena.enact(roleManifest('default', {}));
    await waits('arena', '2 of 6 servers waiting');
    await expect.poll(() => message('arena')).toContain('needs 3 cpu');
    await expect.poll(() => perNode('arena')).toEqual([2, 2]);
    const made = log.events.filter(({ type, pod }) => type === 'ADDED' && pod.pool === 'arena');
    expect(made, 'none was made that had to go again').toHaveLength(4);
    expect(violationsOf(log, { cpu: 8000, servers: 6 })).toEqual(NONE);
  });

  test('that came while it runs is placed by it from then on, and by its template when the LimitRange is gone', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(poolManifest({ name: 'late', replicas: 1, container }));
    const [first] = await arena.ready('late', 1);
    await bringLimitRange();
    // For a second Pods are made by the answer about the first one, which came before the LimitRange.
    const age = () => Date.now() - Date.parse(first!.metadata.creationTimestamp);
    await until('that answer to be old', () => age() > 3000);
    await arena.scale('late', 7);
    await waits('late', '2 of 7 servers waiting');
    await expect.poll(() => arena.servers('late')).toHaveLength(5);
    expect(violationsOf(log, { cpu: 8000, servers: 7 })).toEqual(NONE);

    await arena.cluster.kubectl('delete', 'limitrange', '--all');
    await arena.ready('late', 7);
  });
});

test('a gang under a LimitRange that does not fit as a whole takes nothing', async () => {
  onTestFailed(() => console.log(operator.tail(20)));
  await bringLimitRange();
  await arena.apply(jobManifest({ name: 'gang', workers: 5, container }));
  await until('the reason', async () =>
    (await arena.jobStatus('gang')).message?.includes('4 of 5 workers fit'),
  );
  const made = log.events.filter(({ pod }) => pod.name.startsWith('gang-'));
  expect(made).toEqual([]);

  await arena.apply(jobManifest({ name: 'fits', workers: 4, container }));
  await until('all four', async () => (await arena.jobStatus('fits')).active === 4);
  expect(violationsOf(log, { cpu: 8000, servers: 7 })).toEqual(NONE);
});

// MutatingAdmissionPolicy is served since Kubernetes 1.36.
describe.skipIf(IS_OLDEST)('a policy that adds a sidecar', () => {
  const admission = (kind: string, spec: Manifest): Manifest => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: 'sidecar' },
    spec,
  });
  const pods = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
  const sidecar = `{
    "name": dyn("proxy"), "image": dyn("none"), "restartPolicy": dyn("Always"),
    "resources": dyn({"requests": {"cpu": "2"}})
  }`;
  const policy = admission('MutatingAdmissionPolicy', {
    failurePolicy: 'Fail',
    reinvocationPolicy: 'Never',
    matchConstraints: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
      resourceRules: [pods],
    },
    mutations: [
      {
        patchType: 'JSONPatch',
        jsonPatch: {
          expression: `[JSONPatch{op: "add", path: "/spec/initContainers", value: [${sidecar}]}]`,
        },
      },
    ],
  });

  afterEach(async () => {
    await arena.cluster.kubectl('delete', 'mutatingadmissionpolicy,mutatingadmissionpolicybinding', '--all');
  });

  test('takes its room, too', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(policy, admission('MutatingAdmissionPolicyBinding', { policyName: 'sidecar' }));
    await until('the policy to be in force', async () => (await probed()).spec.initContainers !== undefined);
    await arena.apply(poolManifest({ name: 'meshed', replicas: 8, cpu: '500m' }));
    await waits('meshed', '2 of 8 servers waiting');
    // Three of 2.5 cpu on a node of 8.
    await expect.poll(() => perNode('meshed')).toEqual([3, 3]);
    await expect.poll(() => message('meshed')).toContain('needs 2500m cpu');
  });
});
