import { describe, expect, test } from 'vitest';
import { contains, deployment, operator } from './deployment.ts';
import { ofKind, render, valueSets } from './helm.ts';

describe.each(await valueSets())('with the values of %s.yaml', (set) => {
  test('the Pods meet the Pod Security Standard "restricted"', async () => {
    const { spec } = deployment(await render(set)).template;
    expect(spec.hostNetwork ?? spec.hostPID ?? spec.hostIPC).toBeUndefined();
    expect((spec.volumes ?? []).every((volume) => 'secret' in (volume as object))).toBe(true);
    expect(spec.initContainers).toBeUndefined();
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec.containers.length).toBe(1);
    for (const { securityContext, ports } of spec.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(ports.every((port) => port.hostPort === undefined)).toBe(true);
    }
  });

  test('requests, a memory limit and the ports of metrics and health are there', async () => {
    const manifests = await render(set);
    const { resources, ports } = operator(manifests);
    const hasApi = ofKind(manifests, 'Service').length > 1;
    expect(Object.keys(resources.requests).sort()).toEqual(['cpu', 'memory']);
    expect(resources.limits['memory']).toMatch(/^\d+[MG]i$/);
    // A CPU limit would throttle the very burst that a recovery needs.
    expect(resources.limits['cpu']).toBeUndefined();
    expect(ports).toEqual([
      { name: 'metrics', containerPort: 8080, protocol: 'TCP' },
      { name: 'health', containerPort: 8081, protocol: 'TCP' },
      ...(hasApi ? [{ name: 'allocation', containerPort: 8443, protocol: 'TCP' }] : []),
    ]);
  });

  test('every selector matches the Pods', async () => {
    const manifests = await render(set);
    const { selector, template } = deployment(manifests);
    const { labels } = template.metadata;
    expect(contains(labels, selector.matchLabels)).toBe(true);
    const services = ofKind(manifests, 'Service');
    for (const service of services)
      expect(contains(labels, (service['spec'] as { selector: Record<string, string> }).selector)).toBe(true);
    for (const kind of ['PodDisruptionBudget', 'NetworkPolicy'])
      for (const manifest of ofKind(manifests, kind)) {
        const { selector, podSelector } = manifest['spec'] as Record<
          string,
          { matchLabels: Record<string, string> }
        >;
        expect(contains(labels, (selector ?? podSelector)!.matchLabels)).toBe(true);
      }
    for (const monitor of ofKind(manifests, 'ServiceMonitor')) {
      const { selector } = monitor['spec'] as { selector: { matchLabels: Record<string, string> } };
      expect(contains(services[0]!.metadata.labels, selector.matchLabels)).toBe(true);
    }
  });

  test('a budget is there just when it lets a node drain and still keeps a replica', async () => {
    const manifests = await render(set);
    const { replicas } = deployment(manifests);
    const budgets = ofKind(manifests, 'PodDisruptionBudget');
    if (replicas === 1 || set === 'bring-your-own') expect(budgets).toEqual([]);
    else {
      expect(budgets.length).toBe(1);
      expect(budgets[0]!['spec']).toMatchObject({ maxUnavailable: 1 });
      expect(replicas).toBeGreaterThan(1);
    }
  });

  test('the Pods run as the account that the roles, flow schemas and bindings name', async () => {
    const manifests = await render(set);
    const name = deployment(manifests).template.spec.serviceAccountName;
    const account = { kind: 'ServiceAccount', name, namespace: 'proffer-system' };
    for (const binding of [...ofKind(manifests, 'ClusterRoleBinding'), ...ofKind(manifests, 'RoleBinding')])
      expect(binding['subjects']).toEqual([account]);
    for (const schema of ofKind(manifests, 'FlowSchema')) {
      const { rules } = schema['spec'] as { rules: { subjects: unknown[] }[] };
      const { kind, ...serviceAccount } = account;
      for (const { subjects } of rules) expect(subjects).toEqual([{ kind, serviceAccount }]);
    }
    expect(ofKind(manifests, 'ServiceAccount').map(({ metadata }) => metadata.name)).toEqual(
      set === 'existing-account' ? [] : [name],
    );
  });
});
