/** Parts of a manifest, as free as what a user may write. */
export type Manifest = Record<string, unknown>;

/** A container that the API server accepts; `extra` adds fields or replaces them. */
export function container(extra: Manifest = {}): Manifest {
  return { name: 'server', image: 'localhost/proffer/teeworlds:0.7.5', ...extra };
}

/** A template of one container; `extra` adds fields of the PodSpec or replaces them. */
export function template(extra: Manifest = {}): Manifest {
  return { spec: { containers: [container()], ...extra } };
}

/** A template whose one container has these resources. */
export function withResources(requests: Manifest, limits?: Manifest): Manifest {
  const resources = limits ? { requests, limits } : { requests };
  return template({ containers: [container({ resources })] });
}

/** A GameServerPool; `spec` adds fields to a spec that is good as it stands, or replaces them. */
export function pool(spec: Manifest, name = 'arena'): Manifest {
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'GameServerPool',
    metadata: { name },
    spec: { template: template(), ...spec },
  };
}

/** A TrainingJob of one group; `spec` as for a pool. */
export function job(spec: Manifest, name = 'train'): Manifest {
  return {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'TrainingJob',
    metadata: { name },
    spec: { groups: [{ name: 'worker', template: template() }], ...spec },
  };
}

/** A GameServerClaim. */
export function claim(spec: Manifest, name = 'smoke'): Manifest {
  return { apiVersion: 'proffer.dev/v1alpha1', kind: 'GameServerClaim', metadata: { name }, spec };
}

/** An OfferRole. */
export function role(spec: Manifest, name = 'studio'): Manifest {
  return { apiVersion: 'proffer.dev/v1alpha1', kind: 'OfferRole', metadata: { name }, spec };
}
