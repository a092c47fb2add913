import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aPod, aPool } from '../../test/builders/index.ts';
import { LABEL } from '../api/group.ts';
import { admissionOf, countedAs, withAdmission } from './admission.ts';
import type { Pod } from './reading/objects.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';

const pool = aPool('arena').cpu('1');
const sent = aPod('arena-0').ofPool(pool, 0).on('n1').cpu('1').label('game', 'ctf').build();

/** The Pod as the API server might answer it, with some fields changed. */
const changed = (spec: object, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  metadata: { ...sent.metadata, ...metadata },
  spec: { ...sent.spec, ...spec },
});
const [main] = sent.spec.containers;
const sidecar = { name: 'proxy', resources: { requests: { cpu: '500m', memory: '64Mi' } } };
const default300 = (key: string) => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
});
const admission = (...how: Parameters<typeof changed>) => admissionOf(sent, changed(...how));

describe('what the API server gives every Pod is no change', () => {
  test.each<[string, Pod]>([
    ['nothing at all', sent],
    [
      'tolerations of silent nodes',
      changed({ tolerations: [default300('not-ready'), default300('unreachable')] }),
    ],
    [
      'the volume of its service account',
      changed({
        volumes: [{ name: 'kube-api-access-x', projected: { sources: [] } }],
        containers: [
          { ...main!, volumeMounts: [{ name: 'kube-api-access-x', mountPath: '/var/run' }] } as never,
        ],
      }),
    ],
    ['a scheduler and a priority', changed({ schedulerName: 'other', priority: 7, restartPolicy: 'Never' })],
    [
      'an annotation of somebody else',
      changed({}, { annotations: { ...sent.metadata.annotations, injected: 'yes' } }),
    ],
    [
      'labels of its node',
      changed({}, { labels: { ...sent.metadata.labels, 'topology.kubernetes.io/zone': 'a' } }),
    ],
  ])('%s', (_, stored) => {
    const made = admissionOf(sent, stored);
    expect(made.changes).toEqual([]);
    expect(made.fingerprint).toBe(admissionOf(sent, sent).fingerprint);
  });
});

describe('of a class', () => {
  const other = aPod('arena-1').ofPool(pool, 1).on('n2').cpu('1').label('game', 'ctf').build();
  const token = (chance: string) => ({ volumes: [{ name: `kube-api-access-${chance}`, projected: {} }] });
  const stored = (pod: Pod, uid: string, spec: object, labels: object = {}): Pod => ({
    metadata: {
      ...pod.metadata,
      uid,
      resourceVersion: uid,
      creationTimestamp: `2026-01-01T00:00:0${uid}Z`,
      labels: { ...pod.metadata.labels, 'topology.kubernetes.io/zone': `zone-${uid}`, ...labels },
    },
    spec: { ...pod.spec, ...spec },
  });

  test('of which the same is made is read once', () => {
    const first = admissionOf(sent, stored(sent, '1', token('abcde')));
    expect(admissionOf(other, stored(other, '2', token('fghij')), first)).toBe(first);
  });

  test.each<[string, object, object]>([
    ['another node', { nodeName: 'n3' }, {}],
    ['another request', { containers: [{ ...main!, resources: { requests: { cpu: '2' } } }] }, {}],
    ['no containers', { containers: undefined }, {}],
    ['a toleration more', { tolerations: [{ key: 'a', operator: 'Exists' }] }, {}],
    ['a label more', {}, { team: 'a' }],
    ['a label of ours less', {}, { [LABEL.slot]: undefined }],
    ['a label less whose name every object has something under', {}, { constructor: 'x' }],
  ])('with %s is read anew', (_, spec, labels) => {
    const first = admissionOf(sent, stored(sent, '1', {}));
    const answer = stored(other, '2', spec, labels);
    const made = admissionOf(other, answer, first);
    expect(made).not.toBe(first);
    expect(made).toEqual(admissionOf(other, answer));
  });

  test('gives what is read anew, whatever is made of two of them', () => {
    const changes: readonly ((pod: Pod) => Pod)[] = [
      (pod) => pod,
      (pod) => ({ ...pod, spec: { ...pod.spec, nodeName: 'n3' } }),
      (pod) => ({ ...pod, spec: { ...pod.spec, containers: [...pod.spec.containers, sidecar] } }),
      (pod) => ({ ...pod, spec: { ...pod.spec, containers: [sidecar, ...pod.spec.containers] } }),
      (pod) => ({ ...pod, spec: { ...pod.spec, tolerations: [{ key: 'a', operator: 'Exists' }] } }),
      (pod) => ({
        ...pod,
        spec: { ...pod.spec, schedulerName: 'other', enableServiceLinks: true } as Pod['spec'],
      }),
      (pod) => ({
        ...pod,
        spec: { ...pod.spec, ...token(pod.metadata.name.slice(-1).repeat(5)) } as never,
      }),
      (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, game: 'dm' } } }),
      (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { game: 'ctf' } } }),
      (pod) => ({ ...pod, metadata: { ...pod.metadata, annotations: {} } }),
    ];
    const made = fc.array(fc.constantFrom(...changes), { maxLength: 2 });
    const by = (pod: Pod, all: typeof changes): Pod => all.reduce((it, change) => change(it), pod);
    fc.assert(
      fc.property(made, fc.boolean(), made, (ofFirst, alike, others) => {
        const first = admissionOf(sent, by(sent, ofFirst));
        const answer = by(other, alike ? ofFirst : others);
        expect(admissionOf(other, answer, first)).toEqual(admissionOf(other, answer));
      }),
      { numRuns: 500 },
    );
  });

  test('of which something is taken away is read anew', () => {
    const labeled = {
      ...sent,
      metadata: { ...sent.metadata, labels: { ...sent.metadata.labels, constructor: 'x' } },
    };
    const first = admissionOf(labeled, labeled);
    expect(admissionOf(labeled, sent, first)).not.toBe(first);
  });
});

describe('what admission changes', () => {
  test('requests: of a LimitRange, of a sidecar', () => {
    expect(admission({ containers: [main!, sidecar] })).toMatchObject({
      demand: { cpu: 1500, memory: 64 * 2 ** 20, pods: 1 },
      changes: ['resource requests'],
    });
  });

  test('where the Pod may live', () => {
    expect(admission({ nodeSelector: { disk: 'ssd' } })).toMatchObject({
      constraints: { nodeSelector: { disk: 'ssd' } },
      changes: ['node selector, affinity or tolerations'],
    });
  });

  test('rules about other Pods, claims and host ports', () => {
    const term = { topologyKey: 'zone', labelSelector: { matchLabels: { game: 'ctf' } } };
    const made = admission({
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
      volumes: [{ name: 'maps', persistentVolumeClaim: { claimName: 'maps' } }],
      containers: [main!, { name: 'proxy', ports: [{ containerPort: 9000, hostPort: 9000 }] }],
    });
    expect(made.changes).toEqual(['rules about other Pods', 'volume claims', 'host ports']);
    expect(made.rules.antiAffinity).toHaveLength(1);
    expect(made.addedClaims).toEqual([{ name: 'maps', owner: undefined }]);
    expect(made.addedPorts).toEqual([{ port: 9000, protocol: 'TCP', ip: '' }]);
  });

  test('ports of the offer are not added ones', () => {
    const ports = [{ containerPort: 7777, hostPort: 7000, protocol: 'UDP' }];
    const offered = changed({ containers: [{ ...main!, ports }] });
    expect(admissionOf(offered, offered).addedPorts).toEqual([]);
  });

  test('labels, which are no reason to place anew: each Pod may get its own', () => {
    const made = admission({}, { labels: { ...sent.metadata.labels, team: 'red' } });
    expect(made).toMatchObject({ labels: { team: 'red', game: 'ctf' }, changes: ['labels'] });
    expect(made.labels).not.toHaveProperty([LABEL.slot]);
    expect(made.fingerprint).toBe(admissionOf(sent, sent).fingerprint);
  });
});

describe('what cannot be honoured is named', () => {
  test.each<[string, Pod]>([
    ['spec.nodeName', changed({ nodeName: 'n2' })],
    ['spec.restartPolicy', changed({ restartPolicy: 'Always' })],
    ['spec.resourceClaims', changed({ resourceClaims: [{ name: 'gpu' }] } as never)],
    ['spec.volumes[0].ephemeral', changed({ volumes: [{ name: 'scratch', ephemeral: {} }] })],
    [`metadata.labels[${LABEL.slot}]`, changed({}, { labels: {} })],
    ['metadata.annotations[proffer.dev/role]', changed({}, { annotations: {} })],
    ['metadata.ownerReferences', changed({}, { ownerReferences: [] })],
    ['not a quantity', changed({ containers: [{ name: 'main', resources: { requests: { cpu: 'much' } } }] })],
  ])('%s', (name, stored) => {
    const { unsupported, changes } = admissionOf(sent, stored);
    expect(unsupported.join()).toContain(name === 'not a quantity' ? 'much' : `${name} (by admission)`);
    expect(changes).not.toEqual([]);
  });

  test('a label that bears the name of a property of every object is read as any other', () => {
    const labels = { ...sent.metadata.labels, constructor: 'x' };
    expect(admission({}, { labels }).changes).toEqual(['labels']);
  });
});

describe('equal answers', () => {
  const a = { key: 'a', operator: 'Exists', effect: 'NoSchedule' };
  const b = { key: 'b', operator: 'Exists', effect: 'NoSchedule' };

  test('tolerations in another order, or twice', () => {
    const one = admission({ tolerations: [a, b] });
    expect(admission({ tolerations: [b, a, b] }).fingerprint).toBe(one.fingerprint);
    expect(admission({ tolerations: [a] }).fingerprint).not.toBe(one.fingerprint);
  });
});

describe('a shape with an admission', () => {
  const shape = poolFacts(pool.build()).groups[0]!.shape;
  const heavy = admission({ containers: [main!, sidecar], nodeSelector: { disk: 'ssd' } });

  test('is placed by what was made, and sent as the template says', () => {
    const laid = withAdmission(shape, heavy);
    expect(laid).toMatchObject({
      demand: { cpu: 1500, memory: 64 * 2 ** 20, pods: 1 },
      constraints: { nodeSelector: { disk: 'ssd' } },
    });
    expect(laid.template).toBe(shape.template);
    expect(withAdmission(shape, heavy), 'is made once').toBe(laid);
  });

  test('is itself when nothing was changed', () => {
    expect(withAdmission(shape, admissionOf(sent, sent))).toBe(shape);
  });

  test('counts as what it becomes while it is on its way', () => {
    expect(countedAs(sent, heavy)).toMatchObject({ requests: { cpu: 1500, memory: 64 * 2 ** 20, pods: 1 } });
    expect(countedAs(sent, undefined)).toBeUndefined();
    expect(countedAs(sent, admissionOf(sent, sent))).toBeUndefined();
  });
});
