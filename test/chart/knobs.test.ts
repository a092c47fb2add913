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
      logLevel: 'warn',
      leaseDurationSeconds: 20,
      allocationIntervalSeconds: 2.5,
    },
  });
  expect(operator(manifests).args[0]).toBe('operator');
  expect(flag(manifests, '--host-ports')).toBe('9000-9100');
  expect(flag(manifests, '--log-level')).toBe('warn');
  expect(flag(manifests, '--lease-duration')).toBe('20');
  expect(flag(manifests, '--allocation-interval')).toBe('2.5');
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

test('the admission policy refuses nothing of the operator, nor when it cannot be evaluated, and can be left out', async () => {
  const manifests = await renderWith({ serviceAccount: { name: 'offers' } });
  const { failurePolicy, matchConditions } = only(manifests, 'ValidatingAdmissionPolicy')['spec'] as {
    failurePolicy: string;
    matchConditions: { expression: string }[];
  };
  expect(failurePolicy).toBe('Ignore');
  expect(matchConditions[0]?.expression).toBe(
    "request.userInfo.username != 'system:serviceaccount:proffer-system:offers'",
  );
  const without = await renderWith({ admissionPolicy: { enabled: false } });
  expect(without.filter(({ kind }) => kind.startsWith('ValidatingAdmission'))).toEqual([]);
});
