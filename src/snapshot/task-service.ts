import { API_VERSION, LABEL } from '../api/group.ts';
import type { Meta } from './reading/objects.ts';
import { textMap } from './reading/meta.ts';
import { flag, list, object, text, type Schema } from './reading/schema.ts';
import type { Labels } from './reading/selector.ts';

/** A port of a Service. */
export interface ServicePort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly targetPort: number;
  /** What the API server gave; not asked for. */
  readonly nodePort?: number;
}

/** The spec of a Service, as far as Proffer has a say in it. */
export interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly selector?: Labels;
  readonly ports?: readonly ServicePort[];
  readonly publishNotReadyAddresses?: boolean;
  readonly externalTrafficPolicy?: string;
  readonly loadBalancerClass?: string;
  readonly allocateLoadBalancerNodePorts?: boolean;
}

/** What the Service of a task, or of all tasks of a workload, should be, beside its name and owner. */
export interface TaskService {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: ServiceSpec;
}

/** Such a Service as the API server shows it. */
export interface ShownService extends TaskService {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly deleting: boolean;
  /** UID of the Pod or workload that owns it. */
  readonly owner: string;
  /** Addresses or host names of its load balancer. */
  readonly ingress: readonly string[];
}

/** A number; anything else is no number of ours, and no fault. */
const number: Schema<number> = (value) => (typeof value === 'number' ? value : undefined);

/** How `spec` of a Service is read. */
export const serviceSpec = object<ServiceSpec>({
  type: text,
  clusterIP: text,
  selector: textMap,
  ports: list(
    object<ServicePort>({ name: text, protocol: text, port: number, targetPort: number, nodePort: number }),
  ),
  publishNotReadyAddresses: flag,
  externalTrafficPolicy: text,
  loadBalancerClass: text,
  allocateLoadBalancerNodePorts: flag,
});

/** `status` of a Service, as far as it is read. */
export interface ServiceStatus {
  readonly loadBalancer?: {
    readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
  };
}

/** How it is read. */
export const serviceStatus = object<ServiceStatus>({
  loadBalancer: object<NonNullable<ServiceStatus['loadBalancer']>>({
    ingress: list(object<{ ip?: string; hostname?: string }>({ ip: text, hostname: text })),
  }),
});

/** A Service that Proffer made for a task, or for a workload; undefined for all others. */
export function taskServiceOf(
  metadata: Meta,
  spec: ServiceSpec = {},
  status: ServiceStatus = {},
): ShownService | undefined {
  const { name, labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  const isOfTask = labels[LABEL.server] === name;
  const owner = ownerReferences.find(
    (each) => each.name === name && (each.apiVersion === API_VERSION || (isOfTask && each.kind === 'Pod')),
  );
  if (owner === undefined) return undefined;
  return {
    name,
    labels,
    annotations,
    spec,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    deleting: metadata.deletionTimestamp !== undefined,
    owner: owner.uid,
    ingress: (status.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
  };
}
