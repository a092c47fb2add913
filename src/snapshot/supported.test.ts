import { describe, expect, test } from 'vitest';
import { unsupportedFields } from './supported.ts';

const main = { name: 'main' };
const named = (fields: object) => unsupportedFields({ containers: [main], ...fields });
const required = (nodeSelectorTerms: unknown) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
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
    ['the network of the node', { hostNetwork: true }],
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
    ['topologySpreadConstraints', { topologySpreadConstraints: [{ maxSkew: 1 }] }],
    ['runtimeClassName', { runtimeClassName: 'gvisor' }],
    ['resourceClaims', { resourceClaims: [{ name: 'gpu' }] }],
    ['ephemeralContainers', { ephemeralContainers: [{ name: 'debug' }] }],
    ['someFieldOfTomorrow', { someFieldOfTomorrow: true }],
    ['restartPolicy', { restartPolicy: 'Always' }],
    ['affinity.podAffinity', { affinity: { podAffinity: {} } }],
    ['affinity.podAntiAffinity', { affinity: { podAntiAffinity: {} } }],
    [
      'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution',
      { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } } },
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
      'volumes[1].persistentVolumeClaim',
      {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', persistentVolumeClaim: {} },
        ],
      },
    ],
    ['volumes[0].ephemeral', { volumes: [{ name: 'a', ephemeral: {} }] }],
    ['volumes[0].iscsi', { volumes: [{ name: 'a', iscsi: {} }] }],
    [
      'containers[0].resources.claims',
      { containers: [{ ...main, resources: { claims: [{ name: 'gpu' }] } }] },
    ],
    ['initContainers[0].resources.claims', { initContainers: [{ name: 'i', resources: { claims: [] } }] }],
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
