import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { renderWith, type Manifest as ChartManifest } from '../../chart/helm.ts';
import { Arena } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { until } from '../../support/until.ts';
import { poolManifest, ownRoleManifest, type Manifest } from '../../support/workloads.ts';

/** Two nodes of 4 cpu, and two tenants: each user has the built-in rights of an editor in their own namespace. */
const A = 'tenant-a';
const B = 'tenant-b';

let arena: Arena;
let operator: OperatorProcess | undefined;
let policy: ChartManifest[];

const start = async () => {
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'tenancy' });
};

const editor = (namespace: string): Manifest => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'editor', namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: namespace }],
});

beforeAll(async () => {
  const fakeNode = { cpu: '4', memory: '32Gi' };
  arena = await Arena.start({ name: 'it-op-tenancy', fakeNodes: 2, kwok: true, fakeNode });
  const chart = await renderWith({});
  const aggregated = chart.filter(({ metadata }) => /^proffer-(view|edit)$/.test(metadata.name));
  policy = chart.filter(
    ({ kind, metadata }) => kind.startsWith('ValidatingAdmissionPolicy') && metadata.name === 'proffer-roles',
  );
  expect([aggregated.length, policy.length]).toEqual([2, 2]);
  await arena.apply(...(aggregated as unknown as Manifest[]));
  for (const namespace of [A, B]) await arena.namespace(namespace);
  await arena.apply(editor(A), editor(B));
  for (const namespace of [A, B]) {
    const asked = [
      'auth',
      'can-i',
      'create',
      'gameserverpools.proffer.dev',
      '-n',
      namespace,
      '--as',
      namespace,
    ];
    await until(`the rights of ${namespace}`, () =>
      arena.cluster.kubectl(...asked).then(
        () => true,
        () => false,
      ),
    );
  }
  await start();
});

afterEach(async () => {
  for (const namespace of [A, B]) {
    await arena.cluster.kubectl('delete', 'pods', '--all', '-n', namespace, '--force', '--grace-period=0');
    await arena.clear(namespace);
  }
  await arena.cluster.kubectl('delete', 'or', '--all');
});

afterAll(async () => {
  await operator?.kill();
  await arena?.down();
});

/** Applies objects in the name of a tenant. @returns what was said against it; undefined when they were taken */
const applyAs = (tenant: string, ...items: readonly Manifest[]): Promise<string | undefined> =>
  arena.cluster
    .kubectlWithInput(
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      'apply',
      '-f',
      '-',
      '--as',
      tenant,
    )
    .then(
      () => undefined,
      (error: unknown) => String(error),
    );

/** A pool of servers of a whole cpu. */
const pool = (name: string, namespace: string, replicas: number, spec: Manifest = {}): Manifest =>
  poolManifest({ name, namespace, replicas, cpu: '1', spec });

const pod = (name: string, namespace: string, meta: Manifest, spec: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, ...meta },
  spec: {
    schedulerName: 'proffer',
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'none', resources: { requests: { cpu: '1' } } }],
    ...spec,
  },
});

const NOT_GRANTED =
  'namespace tenant-b may not draw on role tenant-a: let its OfferRole name the namespace in spec.namespaces, or name ' +
  'another role in ';
const label = { labels: { 'proffer.dev/role': A } };
const annotation = { annotations: { 'proffer.dev/role': A } };
/** The pool of s03: it would evict the servers of tenant-a. */
const steal = () => pool('steal', B, 8, { role: A, priority: 1000 });

const uids = async () => (await arena.servers('arena', A)).map(({ metadata }) => metadata.uid).sort();

const placed = async (name: string, namespace: string) => {
  const { conditions = [], message = '' } = await arena.poolStatus(name, namespace);
  const { reason } = conditions.find(({ type }) => type === 'Placed') ?? {};
  return { reason, message };
};

/** Waits until a pool is held for a reason. @returns its message */
const held = (name: string, namespace: string, why: string) =>
  until(`${name} to be held by ${why}`, async () => {
    const { reason, message } = await placed(name, namespace);
    return reason === why ? message : undefined;
  });

/** Waits until the cpu that a role is charged is so much. */
const charged = (role: string, cpu: string | undefined) =>
  until(
    `${cpu} cpu to be charged to ${role}`,
    async () => (await arena.roleStatus(role)).allocated?.['cpu'] === cpu,
  );

describe('with the admission policy', () => {
  beforeAll(() => arena.apply(...(policy as unknown as Manifest[])));

  /** The API server hears of policies and roles by watches, too. */
  const refused = (tenant: string, manifest: Manifest) =>
    until('the API server to refuse it', async () => {
      const said = await applyAs(tenant, manifest);
      if (said === undefined)
        await arena.cluster.kubectlWithInput(JSON.stringify(manifest), 'delete', '-f', '-');
      return said;
    });

  test('a role is for the namespace of its name, which alone may name it', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    await arena.enact(ownRoleManifest(A, { guarantee: { cpu: '4' } }));
    expect(await refused(B, steal())).toContain(`${NOT_GRANTED}spec.role`);
    expect(await refused(B, pod('p', B, label))).toContain(`${NOT_GRANTED}the label proffer.dev/role`);
    expect(await applyAs(A, pool('arena', A, 1, { role: A }), pod('p', A, label))).toBeUndefined();
    expect(
      await applyAs(B, pool('own', B, 1), pool('named', B, 1, { role: B }), pod('p', B, {})),
    ).toBeUndefined();
    // What names another role from now on is refused as well, and any other change is not.
    expect(await applyAs(B, pool('own', B, 1, { role: A }))).toContain(NOT_GRANTED);
    expect(await applyAs(B, pool('own', B, 2))).toBeUndefined();
    await arena.ready('arena', 1, A);
    await arena.ready('own', 2, B);
  });

  test('names and a selector let others in, and nobody but an administrator writes them', async () => {
    const selector = {
      matchLabels: { team: 'blue' },
      matchExpressions: [{ key: 'closed', operator: 'DoesNotExist' }],
    };
    await arena.enact(
      ownRoleManifest('studio', { namespaces: { names: [A] } }),
      ownRoleManifest('blue', { parent: 'studio', namespaces: { selector } }),
    );
    const draws = (name: string, role: string) => pool(name, B, 1, { role });
    expect(await refused(B, draws('by-name', 'studio'))).toContain('may not draw on role studio');
    expect(await refused(B, draws('by-label', 'studio/blue'))).toContain('may not draw on role blue');
    await arena.cluster.kubectl('label', 'namespace', B, 'team=blue');
    await until(
      'the label to be known',
      async () => (await applyAs(B, draws('by-label', 'studio/blue'))) === undefined,
    );
    await arena.ready('by-label', 1, B);
    await arena.cluster.kubectl('label', 'namespace', B, 'closed=yes');
    expect(await refused(B, draws('again', 'blue'))).toContain('may not draw on role blue');
    // What was made before stays, and takes nothing more.
    await arena.scale('by-label', 2, B);
    await held('by-label', B, 'RoleNotGranted');
    await expect.poll(() => arena.servers('by-label', B)).toHaveLength(1);
    await arena.cluster.kubectl('label', 'namespace', B, 'team-', 'closed-');
    expect(await applyAs(B, ownRoleManifest(B, { namespaces: { selector: {} } }))).toContain('forbidden');
  });
});

describe('without the policy', () => {
  beforeAll(async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: policy };
    await arena.cluster.kubectlWithInput(JSON.stringify(list), 'delete', '--ignore-not-found', '-f', '-');
    await arena.apply(ownRoleManifest(A, {}));
    const tried = ['--as', B, '--dry-run=server', '-f', '-'];
    await until('the policy to be gone', () =>
      arena.cluster.kubectlWithInput(JSON.stringify(steal()), 'create', ...tried).then(
        () => true,
        () => false,
      ),
    );
  });

  beforeEach(async () => {
    await arena.enact(ownRoleManifest(A, { limit: { cpu: '8' } }));
    expect(await applyAs(A, pool('arena', A, 6))).toBeUndefined();
    await arena.ready('arena', 6, A);
    await charged(A, '6');
  });

  test('a pool that names the role of another namespace is held and told so, and evicts nobody', async () => {
    onTestFailed(() => console.log(operator?.tail(20)));
    const before = await uids();
    expect(await applyAs(B, steal())).toBeUndefined();
    expect(await held('steal', B, 'RoleNotGranted')).toContain(`${NOT_GRANTED}spec.role`);
    expect([await uids(), await arena.servers('steal', B)]).toEqual([before, []]);
    await charged(A, '6');
    // The cure that the message names.
    await arena.apply(ownRoleManifest(A, { limit: { cpu: '8' }, namespaces: { names: [A, B] } }));
    await until('it to draw on the role', async () => (await arena.servers('steal', B)).length === 2);
  });

  test('Pods that bear the role of another namespace are charged to their own', async () => {
    const ghost = pod('ghost', B, label, {
      nodeName: 'no-such-node',
      containers: [{ name: 'main', image: 'none', resources: { requests: { cpu: '1000' } } }],
    });
    const bound = { nodeName: (await arena.servers('arena', A))[0]?.spec.nodeName };
    await arena.enact(ownRoleManifest(B, {}));
    expect(
      await applyAs(B, ghost, pod('by-label', B, label, bound), pod('by-annotation', B, annotation, bound)),
    ).toBeUndefined();
    await charged(B, '2');
    await charged(A, '6');
    // One that waits says why.
    expect(await applyAs(B, pod('waits', B, label))).toBeUndefined();
    const message = await until('the Pod to say why it waits', async () => {
      const text = await arena.cluster.kubectl('get', 'pod', 'waits', '-n', B, '-o', 'json');
      const { status } = JSON.parse(text) as {
        status: { conditions?: { type: string; reason?: string; message?: string }[] };
      };
      const said = status.conditions?.find(({ type }) => type === 'PodScheduled');
      return said?.reason === 'RoleNotGranted' ? said.message : undefined;
    });
    expect(message).toContain(`${NOT_GRANTED}the label proffer.dev/role`);
  });

  test('a priority counts as far as its role says, so that it evicts nobody of another', async () => {
    await arena.scale('arena', 8, A);
    await arena.ready('arena', 8, A);
    const before = await uids();
    expect(await applyAs(B, pool('urgent', B, 2, { priority: 1000 }))).toBeUndefined();
    expect(await held('urgent', B, 'InsufficientResources')).toContain(
      'spec.priority 1000 counts as 0, the value of its PriorityClass',
    );
    expect(await uids()).toEqual(before);
    // Whoever may write the OfferRole may let it count.
    await arena.apply(ownRoleManifest(B, { maxPriority: 10 }));
    await arena.ready('urgent', 2, B);
  });

  test('invented roles give no larger share', async () => {
    await arena.clear(A);
    await operator!.kill();
    const invented = ['w', 'x', 'y', 'z'].map((role) => pool(role, B, 8, { role }));
    expect(await applyAs(B, ...invented)).toBeUndefined();
    expect(await applyAs(A, pool('arena', A, 8))).toBeUndefined();
    await start();
    const all = async () => {
      const theirs = await Promise.all(['w', 'x', 'y', 'z'].map((name) => arena.servers(name, B)));
      return [(await arena.servers('arena', A)).length, theirs.flat().length] as const;
    };
    await until('the cluster to be full', async () => (await all()).reduce((sum, n) => sum + n) === 8);
    expect(await all()).toEqual([4, 4]);
  });
});
