/** The fields of one kind of value that Proffer knows: it honours them, or they have no say in where a Pod may run. */
export interface Known {
  readonly fields: ReadonlySet<string>;
  /** Of those, the ones whose own fields are looked at, alone or in a list. */
  readonly inner: Readonly<Record<string, Known>>;
}

const known = (fields: string, inner: Readonly<Record<string, Known>> = {}): Known => ({
  fields: new Set([...fields.split(' ').filter(Boolean), ...Object.keys(inner)]),
  inner,
});

const REQUIREMENT = known('key operator values');
const LABEL_SELECTOR = known('matchLabels', { matchExpressions: REQUIREMENT });
const NODE_TERM = known('', { matchExpressions: REQUIREMENT, matchFields: REQUIREMENT });
const NODE_AFFINITY = known('', {
  requiredDuringSchedulingIgnoredDuringExecution: known('', { nodeSelectorTerms: NODE_TERM }),
  preferredDuringSchedulingIgnoredDuringExecution: known('weight', { preference: NODE_TERM }),
});
const POD_TERM = known('topologyKey namespaces matchLabelKeys mismatchLabelKeys', {
  labelSelector: LABEL_SELECTOR,
  namespaceSelector: LABEL_SELECTOR,
});
const POD_AFFINITY = known('', {
  requiredDuringSchedulingIgnoredDuringExecution: POD_TERM,
  preferredDuringSchedulingIgnoredDuringExecution: known('weight', { podAffinityTerm: POD_TERM }),
});
const SPREAD = known(
  'maxSkew topologyKey whenUnsatisfiable minDomains nodeAffinityPolicy nodeTaintsPolicy matchLabelKeys',
  { labelSelector: LABEL_SELECTOR },
);
const CONTAINER = known(
  'name image command args workingDir envFrom env resizePolicy restartPolicy volumeDevices livenessProbe ' +
    'readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy ' +
    'securityContext stdin stdinOnce tty',
  {
    ports: known('name hostPort containerPort protocol hostIP'),
    resources: known('requests limits'),
    restartPolicyRules: known('action exitCodes'),
    volumeMounts: known('name readOnly recursiveReadOnly mountPath subPath mountPropagation subPathExpr'),
  },
);
/** Which sources a volume may have is said in supported.ts; those of tomorrow are not known. */
const VOLUME = known(
  'name awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI emptyDir ephemeral fc ' +
    'flexVolume flocker gcePersistentDisk gitRepo glusterfs hostPath image iscsi nfs persistentVolumeClaim ' +
    'photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret storageos vsphereVolume',
);

/** The PodSpec of Kubernetes 1.37, without the fields that are refused by name. */
export const POD_SPEC: Known = known(
  'activeDeadlineSeconds automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks evictionResponders ' +
    'hostAliases hostIPC ' +
    'hostNetwork hostPID hostUsers hostname hostnameOverride imagePullSecrets nodeSelector os overhead ' +
    'preemptionPolicy priority priorityClassName readinessGates restartPolicy runtimeClassName securityContext ' +
    'serviceAccount serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain ' +
    'terminationGracePeriodSeconds',
  {
    affinity: known('', {
      nodeAffinity: NODE_AFFINITY,
      podAffinity: POD_AFFINITY,
      podAntiAffinity: POD_AFFINITY,
    }),
    containers: CONTAINER,
    initContainers: CONTAINER,
    resources: known('requests limits'),
    tolerations: known('key operator value effect tolerationSeconds'),
    topologySpreadConstraints: SPREAD,
    volumes: VOLUME,
  },
);

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field that is there and says nothing: null, the empty string, an empty list. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Paths of the fields of a PodSpec, at any depth, that are not known and say something. */
export function unknownFields(value: unknown, { fields, inner }: Known = POD_SPEC, path = ''): string[] {
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([field, its]) => {
    const here = path === '' ? field : `${path}.${field}`;
    if (!fields.has(field)) return isEmpty(its) ? [] : [here];
    const within = inner[field];
    if (!within) return [];
    return Array.isArray(its)
      ? its.flatMap((item, i) => unknownFields(item, within, `${here}[${i}]`))
      : unknownFields(its, within, here);
  });
}
