import type { PoolAutoscale } from '../../../api/pool/autoscale.ts';
import { SESSIONS } from '../../../api/group.ts';
import { KIND } from '../../../api/kinds.ts';
import { isProtected } from '../../../recovery/rules.ts';
import { countByNode } from '../../../snapshot/class.ts';
import { createHintReader, sessionsTaken, type Counters } from '../../../snapshot/hints.ts';
import type { TaskPod } from '../../../snapshot/slots.ts';
import type { Workload } from '../../../snapshot/workload.ts';
import { deletionOrder } from '../deletion-order.ts';
import type { PoolFacts } from '../facts.ts';
import { COMING, type Server } from './server.ts';

/** A pool that scales itself. */
export type ScaledPool = PoolFacts & { readonly spec: { readonly autoscale: PoolAutoscale } };

/** Whether a workload is a pool that scales itself, and can be read. */
export const scalesItself = (workload: Workload): workload is ScaledPool =>
  workload.names === KIND.pool &&
  (workload as PoolFacts).spec.autoscale !== undefined &&
  workload.faults.length === 0 &&
  workload.metadata.deletionTimestamp === undefined;

type Sessions = PoolFacts['spec']['sessions'];

/** Some counters, and that of the sessions of a server where it takes several. */
const withSessions = (counters: Counters, sessions: Sessions, count: number): Counters =>
  sessions
    ? { ...counters, [SESSIONS]: { count, capacity: sessionsTaken(counters, sessions.perServer) } }
    : counters;

const serverOf = ({ ready, task }: TaskPod, sessions: Sessions, cordoned: boolean): Server => ({
  held: isProtected(task.session),
  session: task.session,
  ready: ready && task.answers !== false,
  withheld: task.intent === 'Maintenance' || (cordoned && !isProtected(task.session)),
  counters: withSessions(task.counters, sessions, task.session === '' ? 0 : task.sessions.length),
});

/**
 * The servers of a pool, in the order in which it lets them go.
 * @param live those that have a Pod and do not end
 * @param isDrained whether a node is to be empty: nobody new is sent there
 */
export function serversOf(
  { spec }: PoolFacts,
  live: readonly TaskPod[],
  isDrained: (node: string) => boolean,
): Server[] {
  const coming = Math.max(0, spec.replicas - live.length);
  const inOrder = live.toSorted(deletionOrder(spec.scheduling, countByNode(live)));
  const cordoned = ({ node }: TaskPod) => node !== undefined && isDrained(node);
  const own = inOrder.map((pod) => serverOf(pod, spec.sessions, cordoned(pod)));
  return [...Array<Server>(coming).fill(COMING), ...own];
}

const readHints = createHintReader();

/** Counters of a server at its birth, as the pool has them. */
export const templateCounters = ({ spec: { template, sessions } }: PoolFacts): Counters =>
  withSessions(
    readHints({
      metadata: { name: '', annotations: template.metadata?.annotations ?? {} },
      spec: { containers: [] },
    }).counters,
    sessions,
    0,
  );
