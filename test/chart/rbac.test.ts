import { describe, expect, test } from 'vitest';
import { type Manifest, ofKind, render, renderWith, valueSets } from './helm.ts';
import { flat, operatorRoles, rules } from './rights.ts';

describe.each(await valueSets())('with the values of %s.yaml', (set) => {
  test('no rule of any role has a wildcard, touches Secrets, or could raise rights', async () => {
    const manifests = await render(set);
    for (const role of [...ofKind(manifests, 'ClusterRole'), ...ofKind(manifests, 'Role')])
      for (const { apiGroups, resources, verbs } of rules(role)) {
        expect([...apiGroups, ...resources, ...verbs].filter((word) => word.includes('*'))).toEqual([]);
        expect(
          resources.filter((resource) => /secrets|pods\/exec|serviceaccounts|nodes\//.test(resource)),
        ).toEqual([]);
        expect(apiGroups).not.toContain('rbac.authorization.k8s.io');
        expect(verbs.filter((verb) => ['escalate', 'bind', 'impersonate'].includes(verb))).toEqual([]);
      }
  });

  test('each binding grants a role of this release', async () => {
    const manifests = await render(set);
    const bindings = [...ofKind(manifests, 'ClusterRoleBinding'), ...ofKind(manifests, 'RoleBinding')];
    expect(operatorRoles(manifests).length).toBe(bindings.length);
    expect(bindings.length).toBe(set === 'bring-your-own' ? 0 : 3);
  });
});

test('the rights of the operator are these and no others', async () => {
  const manifests = await render('defaults');
  const got = Object.fromEntries(
    operatorRoles(manifests).map((role) => [
      `${role.metadata.namespace ?? 'cluster'}/${role.metadata.name}`,
      flat(role),
    ]),
  );
  expect(got).toEqual({
    'cluster/proffer': [
      'create controllerrevisions.apps',
      'create events.events.k8s.io',
      'create persistentvolumeclaims',
      'create poddisruptionbudgets.policy',
      'create pods',
      'create pods/binding',
      'create pods/eviction',
      'create services',
      'delete controllerrevisions.apps',
      'delete gameserverclaims.proffer.dev',
      'delete persistentvolumeclaims',
      'delete pods',
      'delete services',
      'delete trainingjobs.proffer.dev',
      'get pods',
      'list controllerrevisions.apps',
      'list csidrivers.storage.k8s.io',
      'list csinodes.storage.k8s.io',
      'list csistoragecapacities.storage.k8s.io',
      'list gameserverclaims.proffer.dev',
      'list gameserverpools.proffer.dev',
      'list namespaces',
      'list nodes',
      'list offerroles.proffer.dev',
      'list persistentvolumeclaims',
      'list persistentvolumes',
      'list poddisruptionbudgets.policy',
      'list pods',
      'list priorityclasses.scheduling.k8s.io',
      'list runtimeclasses.node.k8s.io',
      'list services',
      'list storageclasses.storage.k8s.io',
      'list trainingjobs.proffer.dev',
      'list volumeattachments.storage.k8s.io',
      'patch controllerrevisions.apps',
      'patch events.events.k8s.io',
      'patch gameserverclaims/status.proffer.dev',
      'patch gameserverpools/scale.proffer.dev',
      'patch gameserverpools/status.proffer.dev',
      'patch offerroles/status.proffer.dev',
      'patch persistentvolumeclaims',
      'patch persistentvolumes',
      'patch poddisruptionbudgets.policy',
      'patch pods',
      'patch pods/resize',
      'patch pods/status',
      'patch services',
      'patch trainingjobs/status.proffer.dev',
      'watch controllerrevisions.apps',
      'watch csidrivers.storage.k8s.io',
      'watch csinodes.storage.k8s.io',
      'watch csistoragecapacities.storage.k8s.io',
      'watch gameserverclaims.proffer.dev',
      'watch gameserverpools.proffer.dev',
      'watch namespaces',
      'watch nodes',
      'watch offerroles.proffer.dev',
      'watch persistentvolumeclaims',
      'watch persistentvolumes',
      'watch poddisruptionbudgets.policy',
      'watch pods',
      'watch priorityclasses.scheduling.k8s.io',
      'watch runtimeclasses.node.k8s.io',
      'watch services',
      'watch storageclasses.storage.k8s.io',
      'watch trainingjobs.proffer.dev',
      'watch volumeattachments.storage.k8s.io',
    ],
    'proffer-system/proffer-leader-election': [
      'create leases.coordination.k8s.io',
      'get leases.coordination.k8s.io/proffer',
      'update leases.coordination.k8s.io/proffer',
    ],
    'kube-node-lease/proffer-node-heartbeats': [
      'list leases.coordination.k8s.io',
      'watch leases.coordination.k8s.io',
    ],
  });
});

test('finalizers of owners may be updated only where the API server asks for that right', async () => {
  const extra = (manifests: Manifest[]): string[] =>
    operatorRoles(manifests)
      .flatMap(flat)
      .filter((right) => right.includes('/finalizers'));
  expect(extra(await render('defaults'))).toEqual([]);
  expect(extra(await render('owner-enforcement'))).toEqual([
    'update gameserverpools/finalizers.proffer.dev',
    'update trainingjobs/finalizers.proffer.dev',
  ]);
});

test('OfferRoles are for the groups that may read them, and for nobody by default', async () => {
  const readers = (manifests: Manifest[]) =>
    ofKind(manifests, 'ClusterRoleBinding').filter(({ metadata }) => metadata.name.endsWith('-reader'));
  expect(readers(await render('defaults'))).toEqual([]);
  const open = await renderWith({ rbac: { offerRoleReaders: ['system:authenticated'] } });
  expect(readers(open)).toMatchObject([
    {
      roleRef: { name: 'proffer-offerroles-reader' },
      subjects: [{ kind: 'Group', name: 'system:authenticated' }],
    },
  ]);
  const role = ofKind(open, 'ClusterRole').find(
    ({ metadata }) => metadata.name === 'proffer-offerroles-reader',
  )!;
  expect(flat(role)).toEqual(
    ['get', 'list', 'watch'].flatMap((verb) => [
      `${verb} offerroles.proffer.dev`,
      `${verb} offerroles/status.proffer.dev`,
    ]),
  );
});

test('people get the rights over game workloads that they have over the rest of a namespace', async () => {
  const labels = ofKind(await render('defaults'), 'ClusterRole').flatMap(({ metadata }) =>
    Object.keys(metadata.labels).filter((label) => label.includes('aggregate-to-')),
  );
  expect(labels.map((label) => label.replace(/.*\//, '')).sort()).toEqual([
    'aggregate-to-admin',
    'aggregate-to-edit',
    'aggregate-to-view',
  ]);
  const others = ofKind(await render('owner-enforcement'), 'ClusterRole');
  expect(others.map(({ metadata }) => metadata.name)).toEqual(['proffer-claimant', 'proffer']);
  expect(flat(others[0]!)).toEqual(
    ['create', 'delete', 'get', 'list', 'watch'].map((verb) => `${verb} gameserverclaims.proffer.dev`),
  );
});

test.each([
  ['serverServices', ['create services', 'delete services', 'patch services']],
  ['serverVolumes', ['create persistentvolumeclaims', 'delete persistentvolumeclaims']],
])('the value rbac.%s takes rights away', async (value, rights) => {
  const of = async (values: object) => operatorRoles(await renderWith(values)).flatMap(flat);
  const less = await of({ rbac: { [value]: false } });
  expect((await of({})).filter((right) => !less.includes(right))).toEqual(rights);
});

test('the value rbac.jobSecrets gives the right to create Secrets, and none to read them', async () => {
  const of = async (values: object) => operatorRoles(await renderWith(values)).flatMap(flat);
  const some = await of({});
  const more = await of({ rbac: { jobSecrets: true } });
  expect(more.filter((right) => !some.includes(right))).toEqual(['create secrets']);
});
