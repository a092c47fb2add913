import { describe, expect, test } from 'vitest';
import { templateSpec } from './reading/pod-spec.ts';
import { read } from './reading/schema.ts';
import { unsupportedFields } from './supported.ts';

const main = { name: 'main' };
const named = (fields: object) => {
  const sent = { containers: [main], ...fields };
  return unsupportedFields(read(templateSpec, sent).value!, sent);
};
const required = (nodeSelectorTerms: unknown) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});

const anti = (term: object) => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', ...term }],
    },
  },
});

describe('fields of a template', () => {
  test.each<[what: string, fields: object]>([
    ['nothing but containers', {}],
    ['restartPolicy Never', { restartPolicy: 'Never' }],
    [
      'selectors, required node affinity and tolerations',
      {
        nodeSelector: { a: 'b' },
        tolerations: [
          { key: 'k', operator: 'Exists' },
          { key: 'l', value: 'v', operator: '' },
        ],
        ...required([
          {
            matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }],
            matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }],
          },
        ]),
      },
    ],
    [
      'preferred node affinity, affinity to other Pods and topology spread',
      {
        affinity: {
          nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] },
          podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] },
          ...anti({ labelSelector: { matchLabels: { app: 'a' } }, namespaceSelector: {} }).affinity,
        },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
      },
    ],
    ['the network of the node', { hostNetwork: true }],
    [
      'users of its own',
      { hostUsers: false, hostnameOverride: 'arena', evictionResponders: [{ name: 'r' }] },
    ],
    [
      'classes and what they make of a Pod',
      { priorityClassName: 'high', priority: 7, preemptionPolicy: 'Never', runtimeClassName: 'gvisor' },
    ],
    ['sidecars', { initContainers: [{ name: 's', restartPolicy: 'Always' }] }],
    [
      'volumes that every node has',
      {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', configMap: { name: 'c' } },
          { name: 'c', hostPath: { path: '/srv' } },
        ],
      },
    ],
    [
      'fields that say nothing',
      { nodeName: '', schedulerName: '', schedulingGates: [], topologySpreadConstraints: null },
    ],
  ])('%s: honoured', (_, fields) => expect(named(fields)).toEqual([]));

  test.each<[field: string, fields: object]>([
    ['nodeName', { nodeName: 'n1' }],
    ['schedulerName', { schedulerName: 'default-scheduler' }],
    ['schedulingGates', { schedulingGates: [{ name: 'g' }] }],
    [
      'topologySpreadConstraints[0].whenUnsatisfiable Sometimes',
      { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'Sometimes' }] },
    ],
    [
      'topologySpreadConstraints[0].labelSelector with proffer.dev/slot',
      {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'zone',
            whenUnsatisfiable: 'DoNotSchedule',
            matchLabelKeys: ['proffer.dev/slot'],
          },
        ],
      },
    ],
    ['resourceClaims', { resourceClaims: [{ name: 'gpu' }] }],
    ['ephemeralContainers', { ephemeralContainers: [{ name: 'debug' }] }],
    ['someFieldOfTomorrow', { someFieldOfTomorrow: true }],
    ['restartPolicy', { restartPolicy: 'Always' }],
    ['affinity.serverAffinity', { affinity: { serverAffinity: {} } }],
    [
      'affinity.podAffinity.requiredDuringSchedulingRequiredDuringExecution',
      { affinity: { podAffinity: { requiredDuringSchedulingRequiredDuringExecution: [{}] } } },
    ],
    [
      'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector operator Gt',
      anti({ labelSelector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] } }),
    ],
    [
      'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector with proffer.dev/slot',
      anti({ labelSelector: { matchLabels: { 'proffer.dev/slot': '0' } } }),
    ],
    [
      'affinity.nodeAffinity operator Far',
      {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'Far' }] } },
            ],
          },
        },
      },
    ],
    [
      'affinity.nodeAffinity operator Near',
      required([{ matchExpressions: [{ key: 'a', operator: 'Near' }] }]),
    ],
    ['affinity.nodeAffinity operator Like', required([{ matchFields: [{ key: 'a', operator: 'Like' }] }])],
    [
      'tolerations[1].operator Gt',
      { tolerations: [{ operator: 'Exists' }, { key: 'a', operator: 'Gt', value: '1' }] },
    ],
    [
      'volumes[1].cinder',
      {
        volumes: [
          { name: 'a', persistentVolumeClaim: { claimName: 'a' } },
          { name: 'b', cinder: {} },
        ],
      },
    ],
    ['volumes[0].ephemeral', { volumes: [{ name: 'a', ephemeral: {} }] }],
    ['volumes[0].awsElasticBlockStore', { volumes: [{ name: 'a', awsElasticBlockStore: {} }] }],
    ['volumes[0].iscsi', { volumes: [{ name: 'a', iscsi: {} }] }],
    [
      'containers[0].resources.claims',
      { containers: [{ ...main, resources: { claims: [{ name: 'gpu' }] } }] },
    ],
    [
      'initContainers[0].resources.claims',
      { initContainers: [{ name: 'i', resources: { claims: [{ name: 'gpu' }] } }] },
    ],
    ['schedulingGroup', { schedulingGroup: { podGroupName: 'g' } }],
    ['resources.claims', { resources: { claims: [{ name: 'gpu' }] } }],
    ['hostUsers with hostNetwork', { hostUsers: false, hostNetwork: true }],
    [
      'containers[0].volumeMounts[0].bindMountOptions',
      {
        containers: [
          { ...main, volumeMounts: [{ name: 'v', mountPath: '/v', bindMountOptions: ['noexec'] }] },
        ],
      },
    ],
    [
      'initContainers[0].restartPolicyRules with RestartAllContainers',
      { initContainers: [{ name: 'i', restartPolicyRules: [{ action: 'RestartAllContainers' }] }] },
    ],
    ['containers[0].fieldOfTomorrow', { containers: [{ ...main, fieldOfTomorrow: 1 }] }],
    ['tolerations[0].until', { tolerations: [{ operator: 'Exists', until: 'noon' }] }],
    ['volumes[0].cloud', { volumes: [{ name: 'v', cloud: {} }] }],
    [
      'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].nearness',
      anti({ nearness: 'rack' }),
    ],
    [
      'topologySpreadConstraints[0].evenness',
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', evenness: 2 },
        ],
      },
    ],
    ['containers[0].restartPolicy', { containers: [{ ...main, restartPolicy: 'OnFailure' }] }],
  ])('%s: named', (field, fields) => expect(named(fields)).toEqual([`template.spec.${field}`]));

  test('all of them are named at once', () => {
    expect(named({ nodeName: 'n', restartPolicy: 'Always', volumes: [{ name: 'v', rbd: {} }] })).toEqual([
      'template.spec.nodeName',
      'template.spec.restartPolicy',
      'template.spec.volumes[0].rbd',
    ]);
  });
});
