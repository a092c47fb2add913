import type { PodSpec } from '../snapshot/reading/objects.ts';

/** Files of a Secret that all containers of a task find. */
export interface SecretMount {
  readonly secret: string;
  /** Folder of the files. */
  readonly path: string;
}

/** Name of the volume in the Pod. */
const VOLUME = 'proffer-secret';

/**
 * A PodSpec whose containers, but init containers, find the files of a Secret. Others than the owner of the files must not be able
 * to read a key, else SSH refuses it; an `fsGroup` in the template gives them to a user who is not root.
 */
export function withSecret<S extends PodSpec>(spec: S, mount: SecretMount | undefined): S {
  if (!mount) return spec;
  const { secret: secretName, path: mountPath } = mount;
  const volume = { name: VOLUME, secret: { secretName, defaultMode: 0o400 } };
  const containers = spec.containers.map((container) => {
    const { volumeMounts = [] } = container as { readonly volumeMounts?: readonly object[] };
    return { ...container, volumeMounts: [...volumeMounts, { name: VOLUME, mountPath, readOnly: true }] };
  });
  return { ...spec, containers, volumes: [...(spec.volumes ?? []), volume] };
}
