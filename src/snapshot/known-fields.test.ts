import { expect, test } from 'vitest';
import { unknownFields } from './known-fields.ts';

/** PodSpec of k8s.io/api v0.37.2. */
const FIELDS =
  'volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds ' +
  'activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken nodeName ' +
  'hostNetwork hostPID hostIPC shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity ' +
  'schedulerName tolerations hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName ' +
  'enableServiceLinks preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates ' +
  'resourceClaims resources hostnameOverride schedulingGroup evictionResponders';

test('of the fields that Kubernetes 1.37 has, those are refused by name that say where a Pod may run or who places it', () => {
  const spec = Object.fromEntries(FIELDS.split(' ').map((field) => [field, { some: 'thing' }]));
  // Selectors and lists of wants that look at their own fields refuse the strange one in them.
  const refused = unknownFields(spec).filter((path) => !path.includes('.'));
  expect(refused).toEqual([
    'ephemeralContainers',
    'nodeName',
    'schedulerName',
    'schedulingGates',
    'resourceClaims',
    'schedulingGroup',
  ]);
});

test('a field that is not known is found at any depth', () => {
  const term = {
    weight: 1,
    preference: { matchExpressions: [{ key: 'a', operator: 'In', values: [], odd: 1 }] },
  };
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term] } };
  const containers = [{ name: 'a' }, { name: 'b', ports: [{ containerPort: 1, odd: 0 }] }];
  expect(unknownFields({ affinity, containers })).toEqual([
    'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].odd',
    'containers[1].ports[0].odd',
  ]);
});

test('what says nothing is nothing, whatever its name; what is no map has no fields', () => {
  expect(unknownFields({ odd: null, strange: '', containers: [{ odd: [] }], tolerations: 'all' })).toEqual(
    [],
  );
});
