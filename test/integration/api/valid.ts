import { container, job, pool, role, template, withResources, type Manifest } from './manifests.ts';

/** A manifest that the API server must take, and what it must have filled in. */
export interface Valid {
  readonly why: string;
  readonly manifest: Manifest;
  /** Fields that the stored object must have, beside others. */
  readonly spec: Manifest;
}

const recovery = { maxBackoffSeconds: 300, nodeLossSeconds: 12 };
const ports = [{ name: 'game', containerPort: 8303 }];

/** A selector of namespaces with every kind of requirement. */
const SELECTOR = {
  matchLabels: { team: 'red' },
  matchExpressions: [
    { key: 'tier', operator: 'In', values: ['gold', 'silver'] },
    { key: 'stage', operator: 'NotIn', values: ['test'] },
    { key: 'example.com/games', operator: 'Exists' },
    { key: 'closed', operator: 'DoesNotExist' },
  ],
};

/** Good manifests near the edges of what is allowed. */
export const VALID: readonly Valid[] = [
  {
    why: 'the least pool',
    manifest: pool({}),
    spec: { replicas: 1, priority: 0, scheduling: 'Packed', ports: [], recovery },
  },
  {
    why: 'a pool of none',
    manifest: pool({ replicas: 0 }, 'a'.repeat(50)),
    spec: { replicas: 0 },
  },
  {
    why: 'half a recovery',
    manifest: pool({ recovery: { nodeLossSeconds: 5 } }),
    spec: { recovery: { ...recovery, nodeLossSeconds: 5 } },
  },
  { why: 'a port', manifest: pool({ ports }), spec: { ports: [{ ...ports[0], protocol: 'UDP' }] } },
  {
    why: 'one number for two protocols',
    manifest: pool({ ports: [...ports, { name: 'query-2', containerPort: 8303, protocol: 'TCP' }] }),
    spec: { ports: [{ protocol: 'UDP' }, { protocol: 'TCP' }] },
  },
  {
    why: 'a container port that stays inside',
    manifest: pool({
      ports,
      template: template({ containers: [container({ ports: [{ containerPort: 9090 }] })] }),
    }),
    spec: { template: { spec: { containers: [{ ports: [{ containerPort: 9090 }] }] } } },
  },
  {
    why: 'a fixed hostPort of another protocol, and a port of the pool written again',
    manifest: pool({
      ports,
      template: template({
        containers: [
          container({
            ports: [
              { containerPort: 8303, hostPort: 8303 },
              { name: 'game', containerPort: 8303, protocol: 'UDP' },
            ],
          }),
        ],
      }),
    }),
    spec: { replicas: 1 },
  },
  {
    why: 'the network of the node without ports',
    manifest: pool({ template: template({ hostNetwork: true }) }),
    spec: { template: { spec: { hostNetwork: true } } },
  },
  {
    why: 'a role of several components',
    manifest: pool({ role: 'studio/arena-2/eu' }),
    spec: { role: 'studio/arena-2/eu' },
  },
  {
    why: 'fields of the PodSpec that the schema does not know',
    manifest: pool({
      template: template({
        restartPolicy: 'Never',
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'spot', operator: 'Exists' }],
        volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }],
      }),
    }),
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          nodeSelector: { disk: 'ssd' },
          tolerations: [{ key: 'spot', operator: 'Exists' }],
          volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '1Gi' } }],
        },
      },
    },
  },
  ...['500m', '.5', '1e3', '0.5Gi', '1Ei', '128974848000m', '+1', 2, 0].map((amount) => ({
    why: `amount ${JSON.stringify(amount)}`,
    manifest: pool({ template: withResources({ memory: amount }) }),
    spec: { template: { spec: { containers: [{ resources: { requests: { memory: amount } } }] } } },
  })),
  {
    why: 'requests at their limits, written otherwise',
    manifest: pool({
      template: withResources(
        { cpu: 1, memory: '1Gi', 'nvidia.com/gpu': 1 },
        { cpu: '1000m', memory: '1024Mi', 'nvidia.com/gpu': '1' },
      ),
    }),
    spec: { replicas: 1 },
  },
  {
    why: 'labels and annotations of its own',
    manifest: pool({
      template: {
        metadata: { labels: { 'example.com/mode': 'ctf', empty: '' }, annotations: { note: 'any text: {}' } },
        ...template(),
      },
    }),
    spec: { template: { metadata: { labels: { 'example.com/mode': 'ctf', empty: '' } } } },
  },
  {
    why: 'annotations that are as long together as they may be',
    manifest: pool({
      template: {
        metadata: { annotations: { a: 'x'.repeat(16_384), b: 'x'.repeat(16_382) } },
        ...template(),
      },
    }),
    spec: { replicas: 1 },
  },
  {
    why: 'the least job',
    manifest: job({}),
    spec: { priority: 0, maxRestarts: 3, recovery, groups: [{ name: 'worker', replicas: 1 }] },
  },
  {
    why: 'the largest job',
    manifest: job({
      maxRestarts: 0,
      groups: [
        { name: 'worker', replicas: 9999, template: template() },
        { name: 'launcher', template: template() },
      ],
    }),
    spec: { maxRestarts: 0, groups: [{ replicas: 9999 }, { replicas: 1 }] },
  },
  { why: 'the least role', manifest: role({}), spec: { weight: 1 } },
  {
    why: 'a role for every namespace',
    manifest: role({ namespaces: { selector: {} }, maxPriority: -1000 }),
    spec: { namespaces: { selector: {} }, maxPriority: -1000 },
  },
  {
    why: 'a role for namespaces by name and by every kind of requirement',
    manifest: role({ namespaces: { names: ['a', 'b'], selector: SELECTOR } }),
    spec: { namespaces: { names: ['a', 'b'], selector: SELECTOR } },
  },
];
