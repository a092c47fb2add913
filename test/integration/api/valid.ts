import { claim, container, job, pool, role, template, withResources, type Manifest } from './manifests.ts';

/** A manifest that the API server must take, and what it must have filled in. */
export interface Valid {
  readonly why: string;
  readonly manifest: Manifest;
  /** Fields that the stored object must have, beside others. */
  readonly spec: Manifest;
}

const recovery = { maxBackoffSeconds: 300, nodeLossSeconds: 12 };
const ports = [{ name: 'game', containerPort: 8303 }];

const PASSTHROUGH = { name: 'voice', protocol: 'TCPUDP', policy: 'Passthrough', range: 'voice' };
const EACH_POLICY = [
  { name: 'game', containerPort: 8303, protocol: 'UDP', policy: 'Dynamic', range: 'default' },
  PASSTHROUGH,
  { name: 'query', containerPort: 27_016, hostPort: 27_015, protocol: 'UDP', policy: 'Static' },
  { name: 'metrics', containerPort: 9090, protocol: 'TCP', policy: 'None' },
];

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
  { why: 'a claim of any server', manifest: claim({}), spec: { priority: 0 } },
  {
    why: 'a claim that says it all',
    manifest: claim({
      selectors: Array.from({ length: 16 }, () => ({
        pool: 'arena',
        role: 'studio/ranked',
        labels: { 'example.com/map': 'dm1' },
        matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['test'] }],
        counters: { players: { minCount: 0, maxCount: 8, minAvailable: 4 } },
      })),
      order: { counter: 'players' },
      annotations: { 'example.com/map': 'dm1', mode: '{}' },
      counters: { players: { add: 4 } },
      beginSeconds: 60,
      sessionSeconds: 3600,
      waitSeconds: 0,
      priority: -5,
    }),
    spec: { order: { counter: 'players', by: 'Available', direction: 'Ascending' } },
  },
  {
    why: 'a pool of none',
    manifest: pool({ replicas: 0 }, 'a'.repeat(50)),
    spec: { replicas: 0 },
  },
  {
    why: 'many sessions on one server',
    manifest: pool({ sessions: { perServer: 64 } }),
    spec: { sessions: { perServer: 64 } },
  },
  {
    why: 'a counter that servers begin with',
    manifest: pool({
      template: { metadata: { annotations: { 'proffer.dev/counter.players': '0/64' } }, ...template() },
    }),
    spec: {},
  },
  {
    why: 'half an eviction',
    manifest: pool({ eviction: { drainSeconds: 0 } }),
    spec: { eviction: { policy: 'Never', drainSeconds: 0, replaceFirst: false } },
  },
  {
    why: 'an update by numbers and by parts',
    manifest: pool({
      update: {
        strategy: 'InPlaceIfPossible',
        maxSurge: 3,
        maxUnavailable: '0%',
        paused: true,
        overflow: { labels: { 'studio.example/old': 'yes' } },
      },
    }),
    spec: {
      update: {
        strategy: 'InPlaceIfPossible',
        maxSurge: 3,
        maxUnavailable: '0%',
        paused: true,
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        overflow: { labels: { 'studio.example/old': 'yes' }, annotations: {} },
      },
    },
  },
  {
    why: 'half a recovery',
    manifest: pool({ recovery: { nodeLossSeconds: 5 } }),
    spec: { recovery: { ...recovery, nodeLossSeconds: 5 } },
  },
  {
    why: 'the least pool that scales itself',
    manifest: pool({ autoscale: { maxReplicas: 9, buffer: { servers: 1 } } }),
    spec: { autoscale: { minReplicas: 0, stabilizationSeconds: 60 } },
  },
  {
    why: 'a chain of every policy',
    manifest: pool({
      autoscale: {
        maxReplicas: 9,
        chain: [
          { name: 'asks', webhook: { service: { name: 'scaler' }, caBundle: 'UEVN' } },
          { name: 'elsewhere', webhook: { url: 'https://scaler.example.com/arena?x=1' } },
          {
            name: 'nights',
            minReplicas: 2,
            schedule: {
              timeZone: 'America/Argentina/Buenos_Aires',
              startCron: '*/15 18-23 * * 5L',
              durationSeconds: 60,
              from: '2026-12-01T00:00:00+01:00',
              until: '2027-01-01T00:00:00Z',
              counter: { name: 'players', percent: 20 },
            },
          },
          { name: 'else', buffer: { servers: 1, percent: 5 } },
        ],
      },
    }),
    spec: {
      autoscale: {
        chain: [
          {
            webhook: {
              service: { port: 8000, path: '/' },
              timeoutSeconds: 5,
              intervalSeconds: 30,
              giveUpSeconds: 300,
            },
          },
          {},
          {},
          {},
        ],
      },
    },
  },
  {
    why: 'a crash budget',
    manifest: pool({ crashBudget: { limit: 100 } }),
    spec: { crashBudget: { limit: 100, windowSeconds: 600 } },
  },
  {
    why: 'a query of a port of the pool',
    manifest: pool({ ports, health: { query: { protocol: 'Teeworlds', port: 'game' } } }),
    spec: {
      health: {
        query: { periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3, initialDelaySeconds: 0 },
      },
    },
  },
  {
    why: 'a query of a port that stays inside, with bytes of all kinds',
    manifest: pool({
      template: template({
        containers: [container({ ports: [{ name: 'query', containerPort: 27016, protocol: 'UDP' }] })],
      }),
      health: { query: { protocol: 'UDP', port: 'query', send: '\\xff\\0\\\\ping\\r\\n', expect: 'ä\n' } },
    }),
    spec: { health: { query: { protocol: 'UDP' } } },
  },
  { why: 'a port', manifest: pool({ ports }), spec: { ports: [{ ...ports[0], protocol: 'UDP' }] } },
  {
    why: 'a port of each policy',
    manifest: pool({ ports: EACH_POLICY }),
    spec: { ports: EACH_POLICY },
  },
  {
    why: 'ports that a server on the network of its node can listen on',
    manifest: pool({
      ports: [PASSTHROUGH, { name: 'query', containerPort: 27_015, hostPort: 27_015, policy: 'Static' }],
      template: template({ hostNetwork: true }),
    }),
    spec: { template: { spec: { hostNetwork: true } } },
  },
  {
    why: 'a Service for each server',
    manifest: pool({
      ports,
      network: { service: 'LoadBalancer', annotations: { 'example.com/pool': 'udp' } },
    }),
    spec: { network: { service: 'LoadBalancer', annotations: { 'example.com/pool': 'udp' } } },
  },
  {
    why: 'a name for each server, which needs no port',
    manifest: pool({ network: { service: 'Headless' } }),
    spec: { network: { service: 'Headless' } },
  },
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
  {
    why: 'volumes of servers, with fields of a claim that the schema does not know',
    manifest: pool({
      volumeClaimTemplates: [
        {
          metadata: { name: 'world', labels: { team: 'red' } },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'ssd',
            resources: { requests: { storage: '10Gi' } },
            dataSource: { kind: 'VolumeSnapshot', apiGroup: 'snapshot.storage.k8s.io', name: 'world-1' },
          },
        },
      ],
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
    }),
    spec: {
      volumeClaimTemplates: [
        {
          metadata: { name: 'world', labels: { team: 'red' } },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'ssd',
            resources: { requests: { storage: '10Gi' } },
            dataSource: { kind: 'VolumeSnapshot', apiGroup: 'snapshot.storage.k8s.io', name: 'world-1' },
          },
        },
      ],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Delete' },
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
    spec: {
      priority: 0,
      maxRestarts: 3,
      gangTimeoutSeconds: 120,
      startTimeoutSeconds: 1800,
      recovery,
      suspend: false,
      cleanPodPolicy: 'Running',
      runtime: 'None',
      processesPerWorker: 1,
      groups: [{ name: 'worker', replicas: 1 }],
    },
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
  {
    why: 'a job whose groups wait for each other in turn',
    manifest: job({
      runtime: 'PyTorch',
      processesPerWorker: 8,
      topology: { key: 'topology.kubernetes.io/zone', exclusive: true },
      network: {},
      persistentVolumeClaimRetentionPolicy: { whenComplete: 'Delete' },
      groups: [
        {
          name: 'data',
          runtime: 'None',
          volumeClaimTemplates: [
            {
              metadata: { name: 'shard' },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          ],
          template: template({ volumes: [{ name: 'tmp', emptyDir: {} }] }),
        },
        {
          name: 'worker',
          dependsOn: [{ group: 'data', condition: 'Succeeded' }],
          template: template({ subdomain: 'mine' }),
        },
        { name: 'watch', dependsOn: [{ group: 'data' }, { group: 'worker' }], template: template() },
      ],
    }),
    spec: {
      network: { service: 'Headless' },
      topology: { policy: 'Required', exclusive: true },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenComplete: 'Delete' },
      groups: [{}, { dependsOn: [{ condition: 'Succeeded' }] }, { dependsOn: [{ condition: 'Ready' }, {}] }],
    },
  },
  {
    why: 'a job of Open MPI with two processes in a worker',
    manifest: job({
      runtime: 'MPI',
      processesPerWorker: 2,
      groups: [
        { name: 'worker', template: template() },
        { name: 'launcher', template: template() },
      ],
    }),
    spec: { runtime: 'MPI' },
  },
  {
    why: 'a sweep with all that a job says of its end',
    manifest: job({
      suspend: true,
      activeDeadlineSeconds: 3600,
      ttlSecondsAfterFinished: 0,
      cleanPodPolicy: 'All',
      successPolicy: { groups: ['task', 'launcher'], operator: 'Any', succeededWorkers: 150 },
      groups: [
        { name: 'launcher', template: template() },
        {
          name: 'task',
          completions: 100_000,
          parallelism: 10_000,
          maxRestartsPerIndex: 0,
          maxFailedIndexes: 10,
          template: template(),
        },
      ],
    }),
    spec: {
      suspend: true,
      successPolicy: { operator: 'Any' },
      groups: [{}, { completions: 100_000, replicas: 1 }],
    },
  },
  {
    why: 'an elastic group behind a launcher',
    manifest: job({
      runtime: 'PyTorch',
      groups: [
        { name: 'lead', template: template() },
        { name: 'worker', replicas: 6, minReplicas: 6, growAfterSeconds: 60, template: template() },
      ],
    }),
    spec: { groups: [{}, { minReplicas: 6, growAfterSeconds: 60 }] },
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
