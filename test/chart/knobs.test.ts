import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { type OperatorFlags, operatorFlags, operatorOptions } from '../../src/options.ts';
import { contains, deployment, flag, operator } from './deployment.ts';
import { ofKind, only, render, renderWith, valueSets } from './helm.ts';

test('by default two replicas run the version of the package, apart from each other', async () => {
  const manifests = await render('defaults');
  const { replicas, template } = deployment(manifests);
  expect(replicas).toBe(2);
  expect(operator(manifests).image).toMatch(/^localhost\/proffer\/operator:\d+\.\d+\.\d+/);
  expect(template.spec.affinity).toHaveProperty(
    'podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.podAffinityTerm.topologyKey',
    'kubernetes.io/hostname',
  );
  expect(template.spec.topologySpreadConstraints.length).toBe(2);
  expect(template.spec.tolerations.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([10, 10]);
});

test('values reach the command line', async () => {
  const manifests = await renderWith({
    config: {
      hostPorts: '9000-9100',
      portRanges: { rcon: '28000-28099', query: '27000-27099' },
      logLevel: 'warn',
      leaseDurationSeconds: 20,
      allocationIntervalSeconds: 2.5,
      webhookOrigins: ['https://scaler.example.com', 'http://10.0.0.7:8000'],
    },
  });
  expect(operator(manifests).args[0]).toBe('operator');
  expect(flag(manifests, '--host-ports')).toBe('9000-9100');
  expect(flag(manifests, '--port-ranges')).toBe('query=27000-27099,rcon=28000-28099');
  expect(flag(manifests, '--log-level')).toBe('warn');
  expect(flag(manifests, '--lease-duration')).toBe('20');
  expect(flag(manifests, '--allocation-interval')).toBe('2.5');
  expect(flag(manifests, '--webhook-origins')).toBe('https://scaler.example.com,http://10.0.0.7:8000');
  expect(flag(manifests, '--namespace')).toBe('$(POD_NAMESPACE)');
  expect(flag(manifests, '--identity')).toBe('$(POD_NAME)');
  expect(operator(manifests).env.map(({ name }) => name)).toEqual(['POD_NAME', 'POD_NAMESPACE']);
});

test.each(await valueSets())('the operator takes the command line that %s.yaml makes', async (set) => {
  const [command, ...rest] = operator(await render(set)).args;
  expect(command).toBe('operator');
  const flags = Object.fromEntries(
    Array.from({ length: rest.length / 2 }, (_, at) => [rest[2 * at]?.replace(/^--/, ''), rest[2 * at + 1]]),
  );
  // These two have defaults on the command line and no value in the chart.
  const options = operatorOptions({ 'leader-elect': true, connections: '64', ...flags } as OperatorFlags);
  expect(options).toMatchObject({
    health: { host: '0.0.0.0', port: 8081 },
    http: { host: '0.0.0.0', port: 8080 },
    debug: { host: '127.0.0.1', port: 8082 },
  });
  expect(Object.keys(flags).filter((flag) => !(flag in operatorFlags.shape))).toEqual([]);
});

test('a digest wins over a tag', async () => {
  const manifests = await renderWith({ image: { tag: '9.9.9', digest: `sha256:${'a'.repeat(64)}` } });
  expect(operator(manifests).image).toBe(`localhost/proffer/operator@sha256:${'a'.repeat(64)}`);
});

test('no label of a user displaces one that selectors need', async () => {
  const manifests = await renderWith({ podLabels: { 'app.kubernetes.io/name': 'mine', team: 'a' } });
  const { selector, template } = deployment(manifests);
  expect(contains(template.metadata.labels, selector.matchLabels)).toBe(true);
  expect(template.metadata.labels['team']).toBe('a');
});

test('the Lease is ranked before all other requests of the operator', async () => {
  const schemas = ofKind(await render('defaults'), 'FlowSchema').map(
    ({ spec }) => spec as { matchingPrecedence: number; priorityLevelConfiguration: { name: string } },
  );
  const precedence = (level: string): number =>
    schemas.find(({ priorityLevelConfiguration }) => priorityLevelConfiguration.name === level)!
      .matchingPrecedence;
  expect(schemas.length).toBe(2);
  expect(precedence('leader-election')).toBeLessThan(precedence('workload-high'));
  // Behind both stands the API server's own schema for every service account, which would rank them low.
  expect(precedence('workload-high')).toBeLessThan(9000);
});

test('the admission policies refuse nothing of the operator, nor when they cannot be evaluated, and can be left out', async () => {
  const manifests = await renderWith({ serviceAccount: { name: 'offers' } });
  const specs = manifests
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    .map(
      ({ spec }) => spec as { failurePolicy: string; matchConditions?: { expression: string }[] | undefined },
    );
  expect(specs.map(({ failurePolicy }) => failurePolicy)).toEqual(['Ignore', 'Ignore']);
  const [conditions, ...more] = specs.flatMap(({ matchConditions }) =>
    matchConditions ? [matchConditions] : [],
  );
  expect(more).toEqual([]);
  expect(conditions![0]?.expression).toBe(
    "request.userInfo.username != 'system:serviceaccount:proffer-system:offers'",
  );
  const without = await renderWith({ admissionPolicy: { enabled: false } });
  expect(without.filter(({ kind }) => kind.startsWith('ValidatingAdmission'))).toEqual([]);
});

test('the allocation API is served with the certificate of a Secret, and only where it is enabled', async () => {
  const manifests = await renderWith({
    allocation: { enabled: true, tls: { secretName: 'mine' }, callsPerSecond: 50 },
  });
  expect(flag(manifests, '--allocation-address')).toBe('0.0.0.0:8443');
  expect(flag(manifests, '--allocation-rate')).toBe('50');
  const { spec } = deployment(manifests).template;
  expect(spec.volumes).toEqual([{ name: 'allocation-tls', secret: { secretName: 'mine' } }]);
  expect(ofKind(manifests, 'Service').map(({ metadata }) => metadata.name)).toEqual([
    'proffer',
    'proffer-allocation',
  ]);
  const without = await renderWith({ allocation: { tls: { secretName: 'mine' } } });
  expect(operator(without).args).not.toContain('--allocation-address');
  expect(ofKind(without, 'Service')).toHaveLength(1);
});

test('without a Secret for the allocation API the chart makes one, which its authority has signed for the Service', async () => {
  const manifests = await renderWith({ allocation: { enabled: true } });
  const secret = only(manifests, 'Secret');
  expect(deployment(manifests).template.spec.volumes).toEqual([
    { name: 'allocation-tls', secret: { secretName: secret.metadata.name } },
  ]);
  const data = secret['data'] as Record<string, string>;
  const [ca, certificate] = ['ca.crt', 'tls.crt'].map(
    (key) => new X509Certificate(Buffer.from(data[key]!, 'base64')),
  ) as [X509Certificate, X509Certificate];
  expect(certificate.verify(ca.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(Buffer.from(data['tls.key']!, 'base64')))).toBe(true);
  expect(certificate.checkHost('proffer-allocation.proffer-system.svc')).toBeDefined();
  expect(ca.ca).toBe(true);
  expect(ofKind(await renderWith({}), 'Secret')).toEqual([]);
  expect(
    ofKind(await renderWith({ allocation: { enabled: true, tls: { secretName: 'mine' } } }), 'Secret'),
  ).toEqual([]);
});

test('callers may show certificates where a Secret with their authority is named', async () => {
  const manifests = await renderWith({
    allocation: { enabled: true, tls: { secretName: 'mine', clientCaSecretName: 'callers' } },
  });
  expect(flag(manifests, '--allocation-client-ca')).toBe('/etc/proffer/allocation-clients');
  expect(deployment(manifests).template.spec.volumes).toContainEqual({
    name: 'allocation-clients',
    secret: { secretName: 'callers', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
  });
});
