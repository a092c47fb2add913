import { REASON, type Reason } from '../api/conditions.ts';
import { RULES } from '../recovery/rules.ts';

/** Parts of a placement cycle that are timed. */
const PHASES = ['snapshot', 'matrices', 'allocate', 'plan', 'record', 'total'] as const;
/** One of them. */
export type Phase = (typeof PHASES)[number];

/** Why Proffer deletes a Pod. */
const DELETE_REASONS = [
  'Replaced',
  'ScaledDown',
  'Outdated',
  'Drained',
  'NodeDrained',
  'Moved',
  'Killed',
  'GangIncomplete',
  'GangRestart',
  'Suspended',
  'Counted',
  'JobEnded',
] as const;

/** What comes of an eviction; blocked: a PodDisruptionBudget forbade it. */
const EVICTION_OUTCOMES = ['evicted', 'blocked'] as const;

/** Signals that can be followed by a recreation. */
const SIGNALS: readonly string[] = Object.keys(RULES.GameServerPool).filter(
  (signal) => signal !== 'Ready' && signal !== 'Starting',
);

/** Reasons of objects of which no task waits for an offer. */
const OF_PLACED = new Set<Reason>([
  REASON.ok,
  REASON.starting,
  REASON.stuck,
  REASON.nodeLost,
  REASON.tooManyRestarts,
]);

/** The layer that holds a waiting task, as in the condition Placed. */
export const LAYERS: readonly Reason[] = Object.values(REASON).filter((reason) => !OF_PLACED.has(reason));

/** One metric: what it counts, and what its labels can hold. */
export interface MetricEntry {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Label -> its values, or a description of them when they are not a fixed list. */
  readonly labels: Readonly<Record<string, readonly string[] | string>>;
  /** Upper bounds of a histogram, seconds. */
  readonly buckets?: readonly number[];
}

const RESOURCES = 'resources of the Kubernetes API that the operator uses, such as pods or leases';

const CALLS = 'allocate, reserve, begin, release, session, counter';

const QUOTA_LABELS = {
  role: 'paths of roles with a guarantee or a limit in effect; the first 500 of them',
  resource: 'resources that are named in it, such as cpu',
};

/** Every metric of Proffer's own. Metrics are made from this table, and so is docs/reference/metrics.md. */
export const METRICS = {
  cycleDuration: {
    name: 'proffer_cycle_duration_seconds',
    kind: 'histogram',
    help: 'Time that a placement cycle takes, by phase; total is the whole cycle without record.',
    labels: { phase: PHASES },
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  cycles: {
    name: 'proffer_cycles_total',
    kind: 'counter',
    help: 'Placement cycles that were run.',
    labels: {},
  },
  cyclesFailed: {
    name: 'proffer_cycles_failed_total',
    kind: 'counter',
    help: 'Placement cycles that failed, whoever is to blame. When they keep failing /healthz fails as well.',
    labels: {},
  },
  quarantined: {
    name: 'proffer_quarantined_total',
    kind: 'counter',
    help: 'Frameworks that were left out since a cycle fails with them; each is a fault of Proffer to be reported.',
    labels: {},
  },
  unreadable: {
    name: 'proffer_unreadable_total',
    kind: 'counter',
    help: 'Objects that came with something in them that cannot be read; the log names it.',
    labels: { resource: RESOURCES },
  },
  offers: {
    name: 'proffer_offers_total',
    kind: 'counter',
    help: 'Offers made, by the answer of the framework.',
    labels: { answer: ['accepted', 'declined'] },
  },
  podsCreated: {
    name: 'proffer_pods_created_total',
    kind: 'counter',
    help: 'Pods created, each bound to its node.',
    labels: {},
  },
  podsBound: {
    name: 'proffer_pods_bound_total',
    kind: 'counter',
    help: 'Pods of others that name this scheduler and were bound to their node.',
    labels: {},
  },
  podsDeleted: {
    name: 'proffer_pods_deleted_total',
    kind: 'counter',
    help: 'Pods deleted, by why.',
    labels: { reason: DELETE_REASONS },
  },
  evictions: {
    name: 'proffer_evictions_total',
    kind: 'counter',
    help: 'Pods that were to be evicted for others, by what came of it.',
    labels: { outcome: EVICTION_OUTCOMES },
  },
  recoveries: {
    name: 'proffer_recoveries_total',
    kind: 'counter',
    help: 'Tasks recreated, by what ended the task before.',
    labels: { signal: SIGNALS },
  },
  lostSteps: {
    name: 'proffer_training_steps_lost_total',
    kind: 'counter',
    help: 'Steps of jobs that were done and lost: those since the last checkpoint when workers went down.',
    labels: {},
  },
  probes: {
    name: 'proffer_probes_total',
    kind: 'counter',
    help: 'Questions to servers with a health.query, by what came of them; unasked: a fault on the side of the operator.',
    labels: { outcome: ['answered', 'refused', 'silent', 'unasked'] },
  },
  pending: {
    name: 'proffer_pending_tasks',
    kind: 'gauge',
    help: 'Tasks that wait for an offer, by the layer that holds them: the reason of the condition Placed.',
    labels: { layer: LAYERS },
  },
  roleShare: {
    name: 'proffer_role_dominant_share',
    kind: 'gauge',
    help: 'Largest part, 0 to 1, of any cluster resource that the role and those below it hold; the 500 roles that hold most.',
    labels: { role: 'paths of roles that exist or are in use, such as studio/arena' },
  },
  roleGuarantee: {
    name: 'proffer_role_guarantee',
    kind: 'gauge',
    help: 'What the role is guaranteed of a resource, in cores, bytes or pieces.',
    labels: QUOTA_LABELS,
  },
  roleLimit: {
    name: 'proffer_role_limit',
    kind: 'gauge',
    help: 'Most that the role and those below it can hold of a resource, in cores, bytes or pieces.',
    labels: QUOTA_LABELS,
  },
  leader: {
    name: 'proffer_leader',
    kind: 'gauge',
    help: '1 while this replica leads, else 0.',
    labels: {},
  },
  requests: {
    name: 'proffer_api_requests_total',
    kind: 'counter',
    help: 'Requests to the API server, by HTTP status; code none when no answer came.',
    labels: {
      verb: 'get, list, watch, create, update, patch, delete',
      resource: RESOURCES,
      code: 'HTTP status, or none',
    },
  },
  requestDuration: {
    name: 'proffer_api_request_duration_seconds',
    kind: 'histogram',
    help: 'Time until a request to the API server was answered in full; of a watch, until it was open.',
    labels: { verb: 'get, list, watch, create, update, patch, delete', resource: RESOURCES },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  calls: {
    name: 'proffer_allocation_calls_total',
    kind: 'counter',
    help: 'Calls of the allocation API that this replica answered, those that it passed on to the leader too.',
    labels: { call: CALLS, code: 'HTTP status' },
  },
  callDuration: {
    name: 'proffer_allocation_call_duration_seconds',
    kind: 'histogram',
    help: 'Time until a call of the allocation API was answered, with the time that its caller was willing to wait.',
    labels: { call: CALLS },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  relists: {
    name: 'proffer_reflector_relists_total',
    kind: 'counter',
    help: 'Full lists that a cache has read; a cache reads one when it starts and after its watch was too old.',
    labels: { resource: 'resources that are watched' },
  },
  events: {
    name: 'proffer_reflector_events_total',
    kind: 'counter',
    help: 'Changes that the watch of a cache has brought.',
    labels: { resource: 'resources that are watched' },
  },
  eventsFolded: {
    name: 'proffer_events_folded_total',
    kind: 'counter',
    help: 'Kubernetes Events that have none of their own because one object had too many, or too many waited: one on the owner counts them.',
    labels: {},
  },
  eventsDropped: {
    name: 'proffer_events_dropped_total',
    kind: 'counter',
    help: 'Kubernetes Events that are lost: those of too many owners waited to be counted.',
    labels: {},
  },
  nodes: {
    name: 'proffer_nodes',
    kind: 'gauge',
    help: 'Nodes, by whether monitoring lets them take new tasks: unfit is a fault grade (C) of 1.',
    labels: { state: ['fit', 'unfit'] },
  },
} as const satisfies Record<string, MetricEntry>;
