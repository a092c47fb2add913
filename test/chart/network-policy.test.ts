import { expect, test } from 'vitest';
import { operator } from './deployment.ts';
import { only, renderWith, type Manifest } from './helm.ts';

interface Rule {
  ports?: { port: number; protocol: string }[];
  from?: unknown[];
  to?: unknown[];
}
interface Spec {
  policyTypes: string[];
  ingress: Rule[];
  egress?: Rule[];
}

const policy = (manifests: Manifest[]): Spec => only(manifests, 'NetworkPolicy')['spec'] as Spec;
const probes = (manifests: Manifest[]): { port: string; path: string }[] => {
  const container = operator(manifests) as unknown as Record<
    string,
    { httpGet: { port: string; path: string } }
  >;
  return ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => container[probe]!.httpGet);
};

test('by default everybody may reach metrics and health, nobody anything else, and the operator everything', async () => {
  const spec = policy(await renderWith({}));
  expect(spec.policyTypes).toEqual(['Ingress']);
  expect(spec.egress).toBeUndefined();
  expect(spec.ingress).toEqual([
    { ports: [{ port: 8081, protocol: 'TCP' }] },
    { ports: [{ port: 8080, protocol: 'TCP' }] },
  ]);
});

test('peers restrict who reads metrics, and no kubelet', async () => {
  const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
  const manifests = await renderWith({ networkPolicy: { ingressFrom: from } });
  expect(policy(manifests).ingress).toEqual([
    { ports: [{ port: 8081, protocol: 'TCP' }] },
    { ports: [{ port: 8080, protocol: 'TCP' }], from },
  ]);
  expect(probes(manifests)).toEqual([
    { port: 'health', path: '/healthz' },
    { port: 'health', path: '/healthz' },
    { port: 'health', path: '/readyz' },
  ]);
});

test('the ways out are closed on demand, but for the API server, kubelets, servers of pools and DNS', async () => {
  const spec = policy(await renderWith({ networkPolicy: { restrictEgress: true, apiServerPorts: [6443] } }));
  expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  const ports = spec.egress!.map((rule) => rule.ports?.map(({ port, protocol }) => `${port}/${protocol}`));
  expect(ports).toEqual([['6443/TCP'], ['10250/TCP'], undefined, ['53/UDP', '53/TCP']]);
  expect(spec.egress![2]).toEqual({
    to: [
      {
        namespaceSelector: {},
        podSelector: { matchExpressions: [{ key: 'proffer.dev/pool', operator: 'Exists' }] },
      },
    ],
  });
});

test('it can be left out', async () => {
  const manifests = await renderWith({ networkPolicy: { enabled: false } });
  expect(manifests.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
});
