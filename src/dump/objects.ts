import { GROUP } from '../api/group.ts';
import { DUMP_KINDS, KIND } from '../api/kinds.ts';
import { STORAGE } from '../snapshot/volumes/storage.ts';
import type { RawObject } from '../snapshot/workload.ts';
import type { Document } from './documents.ts';
import { DumpError } from './dump-error.ts';

/** An object of a cluster, and where it stands. */
export interface Found<T = RawObject> {
  readonly object: T;
  /** File, document, kind and name, for messages. */
  readonly where: string;
}

/** The kinds that are read, by the field of ClusterObjects that holds them. */
const KINDS = {
  nodes: { group: '', kind: 'Node' },
  pods: { group: '', kind: 'Pod' },
  /** Their labels are what selectors of placement rules go by. */
  namespaces: { group: '', kind: 'Namespace' },
  /** They spread the Pods that they select. */
  services: { group: '', kind: 'Service' },
  /** What Pods that name them are worth, and what is added to them. */
  priorityClasses: { group: 'scheduling.k8s.io', kind: 'PriorityClass' },
  runtimeClasses: { group: 'node.k8s.io', kind: 'RuntimeClass' },
  pools: { group: GROUP, kind: KIND.pool.kind },
  jobs: { group: GROUP, kind: KIND.job.kind },
  roles: { group: GROUP, kind: KIND.role.kind },
  /** What volumes are made of. */
  ...STORAGE,
  /** The heartbeats of kubelets, those in kube-node-lease. */
  leases: { group: 'coordination.k8s.io', kind: 'Lease' },
} as const;

/** A kind of objects that explain and replay work on. */
export type Collection = keyof typeof KINDS;

const NAMESPACED: ReadonlySet<Collection> = new Set([
  'pods',
  'pools',
  'jobs',
  'leases',
  'claims',
  'csiCapacities',
  'services',
]);
const COLLECTIONS = Object.keys(KINDS) as Collection[];

/** The objects of one cluster, as the API server sends them, by key: namespace/name, or name. */
export type ClusterObjects = Readonly<Record<Collection, Map<string, Found>>>;

/** A cluster without objects. */
export const noObjects = (): ClusterObjects => ({
  nodes: new Map(),
  pods: new Map(),
  namespaces: new Map(),
  services: new Map(),
  priorityClasses: new Map(),
  runtimeClasses: new Map(),
  pools: new Map(),
  jobs: new Map(),
  roles: new Map(),
  claims: new Map(),
  volumes: new Map(),
  classes: new Map(),
  csiNodes: new Map(),
  csiDrivers: new Map(),
  csiCapacities: new Map(),
  attachments: new Map(),
  leases: new Map(),
});

/** The key of an object in ClusterObjects. */
const keyOf = ({ metadata: { namespace, name } }: RawObject): string =>
  namespace ? `${namespace}/${name}` : name;

/** What a file says that need not be said, for people. */
export interface Notes {
  /** Number of objects of each kind that nobody here reads. */
  readonly ignored: Map<string, number>;
  /** Objects that came again, of which the last counts. */
  readonly repeated: string[];
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the user should have given; ends most messages. */
const ADVICE = `give what kubectl get ${DUMP_KINDS} -A -o yaml wrote`;

/**
 * Sorts documents into the objects of a cluster; Lists are opened. An object that is there already is replaced.
 * @param namespace of objects that name none
 * @param options.templates an object with a Pod template, such as a Deployment, stands for the next Pod that is made of it
 * @throws DumpError
 */
export function addDocuments(
  into: ClusterObjects,
  documents: Iterable<Document>,
  namespace: string,
  { templates = false }: { readonly templates?: boolean } = {},
): Notes {
  const notes: Notes = { ignored: new Map(), repeated: [] };
  for (const { value, where } of documents) add(into, value, where, { namespace, templates, notes });
  return notes;
}

/** What is the same for all documents of one call. */
interface Reading {
  readonly namespace: string;
  readonly templates: boolean;
  readonly notes: Notes;
}

function add(
  into: ClusterObjects,
  value: unknown,
  where: string,
  reading: Reading,
  list?: { readonly apiVersion: string; readonly kind: string },
): void {
  const { namespace, templates, notes } = reading;
  if (!isMap(value)) throw new DumpError(`${where}: must be a Kubernetes object, a map with kind: ${ADVICE}`);
  // Items of a typed list, as the API server sends it, bear no kind of their own.
  const { apiVersion = list?.apiVersion, kind = list?.kind, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const missing = typeof kind === 'string' ? 'apiVersion' : 'kind';
    throw new DumpError(`${where}: ${missing} is missing, so this is no Kubernetes object: ${ADVICE}`);
  }
  if (kind.endsWith('List') && (kind === 'List' || items !== undefined)) {
    // A list without items is null in Go.
    const each: unknown = items === null ? [] : items;
    if (!Array.isArray(each)) throw new DumpError(`${where}: ${kind} must have items, a list: ${ADVICE}`);
    const typed = kind === 'List' ? undefined : { apiVersion, kind: kind.slice(0, -'List'.length) };
    each.forEach((item, i) => add(into, item, `${where}, item ${i + 1}`, reading, typed));
    return;
  }
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const collection = COLLECTIONS.find((c) => KINDS[c].kind === kind && KINDS[c].group === group);
  const made = collection === undefined && templates ? podOf(value) : undefined;
  if (made) return add(into, made, `${where}, ${kind}`, reading);
  if (collection === undefined) {
    notes.ignored.set(kind, (notes.ignored.get(kind) ?? 0) + 1);
    return;
  }
  const object = checked(value, kind, where, NAMESPACED.has(collection) ? namespace : undefined);
  const key = keyOf(object);
  if (into[collection].has(key)) notes.repeated.push(`${kind} ${key}`);
  into[collection].set(key, { object, where: `${where}, ${kind} ${key}` });
}

/** The next Pod of an object with a Pod template: in its spec, or in that of the Jobs which it makes. */
function podOf({ metadata, spec, template: own }: Readonly<Record<string, unknown>>): object | undefined {
  const within = (outer: unknown, field: string): unknown => (isMap(outer) ? outer[field] : undefined);
  const jobs = within(within(spec, 'jobTemplate'), 'spec');
  const template = within(spec, 'template') ?? within(jobs, 'template') ?? own;
  if (!isMap(template) || !isMap(template['spec']) || !isMap(metadata)) return undefined;
  const { name, namespace } = metadata;
  const about = isMap(template['metadata']) ? template['metadata'] : {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...about, name: typeof name === 'string' && name !== '' ? `${name}-next` : '', namespace },
    spec: template['spec'],
  };
}

/** Checks what every object must have. @param namespace when it names none; undefined for a kind without namespaces */
function checked(
  value: Readonly<Record<string, unknown>>,
  kind: string,
  where: string,
  namespace: string | undefined,
): RawObject {
  const { metadata } = value;
  if (!isMap(metadata) || typeof metadata['name'] !== 'string' || metadata['name'] === '') {
    throw new DumpError(`${where}, ${kind}: metadata.name is missing: name the object`);
  }
  const named = typeof metadata['namespace'] === 'string' && metadata['namespace'] !== '';
  if (namespace === undefined || named) return value as unknown as RawObject;
  return { ...value, metadata: { ...metadata, namespace } } as unknown as RawObject;
}
