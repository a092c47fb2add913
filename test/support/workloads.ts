/** Parts of a manifest, as free as what a user may write. */
export type Manifest = Readonly<Record<string, unknown>>;

/** What a test says of a pool; the rest is a server that asks for 100m cpu and 64Mi. */
export interface PoolWish {
  readonly name: string;
  readonly namespace?: string;
  readonly replicas?: number;
  readonly cpu?: string;
  /** More requests than cpu and memory. */
  readonly requests?: Readonly<Record<string, string>>;
  /** More fields of the container. */
  readonly container?: Manifest;
  /** More fields of the PodSpec. */
  readonly podSpec?: Manifest;
  /** Labels of the Pods. */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** More fields of the pool's spec. */
  readonly spec?: Manifest;
}

const IMAGE = 'localhost/proffer/teeworlds:0.7.5';

const container = ({ cpu = '100m', requests = {}, container: more = {} }: Partial<PoolWish>): Manifest => {
  // Resources that are not cpu and memory must have a limit.
  const resources = { requests: { cpu, memory: '64Mi', ...requests }, limits: requests };
  return { name: 'server', image: IMAGE, resources, ...more };
};

/** A GameServerPool for kubectl. */
export function poolManifest(wish: PoolWish): Manifest {
  const { name, namespace = 'default', replicas = 1, podSpec = {}, podLabels: labels, spec = {} } = wish;
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'GameServerPool',
    metadata: { name, namespace },
    spec: {
      replicas,
      template: {
        ...(labels ? { metadata: { labels } } : {}),
        spec: { containers: [container(wish)], terminationGracePeriodSeconds: 1, ...podSpec },
      },
      ...spec,
    },
  };
}

/** What a test says of a job of one group. */
export type JobWish = Omit<PoolWish, 'replicas'> & { readonly workers: number };

/** A TrainingJob for kubectl, with one group `worker`. */
export function jobManifest(wish: JobWish): Manifest {
  const { name, namespace = 'default', workers, podSpec = {}, spec = {} } = wish;
  const template = {
    spec: { containers: [container(wish)], terminationGracePeriodSeconds: 1, ...podSpec },
  };
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'TrainingJob',
    metadata: { name, namespace },
    spec: { groups: [{ name: 'worker', replicas: workers, template }], ...spec },
  };
}

/** An OfferRole for kubectl that every namespace may draw on, with any priority, unless the spec says otherwise. */
export const roleManifest = (name: string, spec: Manifest): Manifest =>
  ownRoleManifest(name, { namespaces: { selector: {} }, maxPriority: 1000, ...spec });

/** An OfferRole for kubectl with nothing but what the spec says: for the namespace of its name alone. */
export const ownRoleManifest = (name: string, spec: Manifest): Manifest => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'OfferRole',
  metadata: { name },
  spec,
});
