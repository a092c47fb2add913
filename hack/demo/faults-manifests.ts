/** Steps of the training. */
export const STEPS = 300;
/** How long a Pod of the plain Job stays on a node that is lost, s; Kubernetes gives it 300 when it says nothing. */
export const TOLERATION_SECONDS = 10;

const WORKERS = 3;

/** The Pod of a worker: the example's program, with its checkpoints in a folder that all nodes share. */
const podSpec = (folder: string, labels: object, more: object, env: readonly object[]): object => ({
  automountServiceAccountToken: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  terminationGracePeriodSeconds: 5,
  // One on each node, while there are three: so that the loss of one is the loss of a worker.
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: labels },
    },
  ],
  containers: [
    {
      name: 'train',
      image: 'localhost/proffer/pytorch:1.13',
      imagePullPolicy: 'IfNotPresent',
      args: ['/app/train.py', '--steps', String(STEPS), '--pause', '0.1', '--checkpoint', '/state'],
      env,
      resources: { requests: { cpu: '100m', memory: '384Mi' }, limits: { memory: '1Gi' } },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      volumeMounts: [
        { name: 'state', mountPath: '/state' },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    },
  ],
  volumes: [
    { name: 'state', hostPath: { path: folder } },
    { name: 'tmp', emptyDir: {} },
  ],
  ...more,
});

/** The training as Proffer runs it. */
export const trainingJob = (name: string, folder: string): object[] => [
  {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'TrainingJob',
    metadata: { name },
    spec: {
      runtime: 'PyTorch',
      groups: [
        {
          name: 'worker',
          replicas: WORKERS,
          template: { spec: podSpec(folder, { 'proffer.dev/job': name }, {}, []) },
        },
      ],
    },
  },
];

/** The same by what Kubernetes has: an Indexed Job, and a Service for the names of its Pods. */
export function indexedJob(name: string, folder: string): object[] {
  const labels = { 'batch.kubernetes.io/job-name': name };
  const index = { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" };
  const env = [
    { name: 'RANK', valueFrom: { fieldRef: index } },
    { name: 'WORLD_SIZE', value: String(WORKERS) },
    { name: 'MASTER_ADDR', value: `${name}-0.${name}` },
    { name: 'MASTER_PORT', value: '29500' },
  ];
  const tolerations = ['not-ready', 'unreachable'].map((taint) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: TOLERATION_SECONDS,
  }));
  const spec = podSpec(folder, labels, { subdomain: name, restartPolicy: 'OnFailure', tolerations }, env);
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { clusterIP: 'None', selector: labels, publishNotReadyAddresses: true },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: {
        completionMode: 'Indexed',
        completions: WORKERS,
        parallelism: WORKERS,
        backoffLimit: 100,
        template: { spec },
      },
    },
  ];
}
