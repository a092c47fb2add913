import { record } from '../lib/record.ts';
import type { NamedObject } from './reading/objects.ts';
import { HOST, ZONE, type SpreadRule } from './pod-rules.ts';
import { readerOf } from './reading/meta.ts';
import type { Faulty } from './reading/schema.ts';
import { compileSelector, selects, type Labels } from './reading/selector.ts';
import {
  serviceSpec,
  serviceStatus,
  taskServiceOf,
  type ServiceSpec,
  type ServiceStatus,
  type ShownService,
} from './task-service.ts';
import type { TaskShape } from './workload.ts';

/** A Service as the API server sends it. */
export interface RawService extends NamedObject {
  readonly spec?: ServiceSpec;
  readonly status?: ServiceStatus;
}

/** What Proffer keeps of a Service: which Pods it selects, and all of one that it made itself. */
export interface ServiceFacts extends Faulty {
  /** Store key: namespace/name. */
  readonly key: string;
  readonly namespace: string;
  /** Undefined selects no Pod. */
  readonly selector: Labels | undefined;
  /** One that Proffer made: it says nothing about how others are spread. */
  readonly own: ShownService | undefined;
  /** The address that the API server gave it; undefined for one that has none, such as a headless or external one. */
  readonly clusterIP: string | undefined;
}

const readService = readerOf<RawService>({ spec: serviceSpec, status: serviceStatus });

/** Reads a Service. */
export function serviceFacts(raw: object): ServiceFacts {
  const { object: service, faults } = readService(raw);
  const { metadata, spec, status } = service;
  const { name, namespace = '' } = metadata;
  const own = taskServiceOf(metadata, spec, status);
  const { selector, clusterIP = '', type } = spec ?? {};
  const hasAddress = !['', 'None'].includes(clusterIP) && type !== 'ExternalName';
  return {
    key: `${namespace}/${name}`,
    namespace,
    selector,
    own,
    clusterIP: hasAddress ? clusterIP : undefined,
    faults,
  };
}

/** Services by the namespace of the Pods that they select. */
export type Services = ReadonlyMap<string, readonly ServiceFacts[]>;

/** How far apart kube-scheduler likes to have the Pods of a Service. */
const SPREAD = { [HOST]: 3, [ZONE]: 5 };

/**
 * How Pods are spread that have no topology spread constraints and that Services select: over nodes and zones, among all
 * that all these Services select (kube-scheduler, PodTopologySpread with defaultingType System).
 */
export function serviceSpread(
  { namespace, labels, rules }: TaskShape,
  services: Services,
): readonly SpreadRule[] {
  if (rules.spread.length + rules.softSpread.length > 0) return [];
  const matchLabels = record<string>();
  for (const { selector } of services.get(namespace) ?? [])
    if (selector && selects(compileSelector({ matchLabels: selector }), labels))
      Object.assign(matchLabels, selector);
  if (Object.keys(matchLabels).length === 0) return [];
  return Object.entries(SPREAD).map(([topologyKey, maxSkew]): SpreadRule => ({
    topologyKey,
    selector: compileSelector({ matchLabels }),
    maxSkew,
    minDomains: 1,
    honoursAffinity: true,
    honoursTaints: false,
    lenient: true,
  }));
}
