import type { GameServerPoolStatus } from '../../api/gameserverpool.ts';
import { PLAYERS } from '../../api/group.ts';
import { isProtected } from '../../recovery/rules.ts';
import type { Judged } from '../../snapshot/slots.ts';
import { serverState } from './state.ts';

/** What the servers of a pool come to, as its status tells it. */
export type Sums = Pick<
  GameServerPoolStatus,
  | 'freeReplicas'
  | 'allocatedReplicas'
  | 'reservedReplicas'
  | 'unhealthyReplicas'
  | 'updatedReplicas'
  | 'players'
  | 'playerCapacity'
>;

/** The sums, and what is said of single servers. */
export interface Tally {
  readonly sums: Sums;
  /** Servers that are kept although they are not well: `arena-3 (NodeLost)`. */
  readonly unhealthy: readonly string[];
  /** Servers that somebody looks after, and that are not on a lost node. */
  readonly maintained: number;
}

/**
 * Sums up the live servers of a pool.
 * @param revision of its template as it is now
 * @param isDrained whether a node takes no new Pods
 */
export function tallyOf(
  live: readonly Judged[],
  revision: string,
  isDrained: (node: string) => boolean,
): Tally {
  let [free, allocated, reserved, updated, maintained] = [0, 0, 0, 0, 0];
  let players: number | undefined;
  let capacity: number | undefined;
  const unhealthy: string[] = [];
  for (const { pod, signal } of live) {
    const { name, node, phase, inverseOffer, task } = pod;
    const cordoned = node !== undefined && isDrained(node);
    const { to, cause } = serverState({ signal, phase, inverseOffer, task, cordoned });
    if (to === 'Ready') free++;
    if (to === 'Unhealthy') unhealthy.push(`${name} (${cause})`);
    if (task.session === 'Reserved') reserved++;
    else if (isProtected(task.session)) allocated++;
    if (task.intent === 'Maintenance' && to !== 'Unhealthy') maintained++;
    if (task.revision === revision) updated++;
    const counter = task.counters[PLAYERS];
    if (!counter) continue;
    players = (players ?? 0) + counter.count;
    if (counter.capacity !== undefined) capacity = (capacity ?? 0) + counter.capacity;
  }
  const sums: Sums = {
    freeReplicas: free,
    allocatedReplicas: allocated,
    reservedReplicas: reserved,
    updatedReplicas: updated,
    ...(unhealthy.length === 0 ? {} : { unhealthyReplicas: unhealthy.length }),
    ...(players === undefined ? {} : { players }),
    ...(capacity === undefined ? {} : { playerCapacity: capacity }),
  };
  return { sums, unhealthy, maintained };
}
