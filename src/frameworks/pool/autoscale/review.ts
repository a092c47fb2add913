import { record } from '../../../lib/record.ts';
import type { ScaledPool } from './pool.ts';
import type { Server } from './server.ts';

/**
 * What a webhook is asked: the FleetAutoscaleReview of Agones, so that who answers one for a Fleet answers one for a pool.
 * @param uid of this request
 */
export function reviewOf({ metadata, spec }: ScaledPool, servers: readonly Server[], uid: string): object {
  const count = (is: (server: Server) => boolean): number => servers.filter(is).length;
  return {
    request: {
      uid,
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      status: {
        replicas: spec.replicas,
        readyReplicas: count(({ ready, held }) => ready && !held),
        reservedReplicas: count(({ session }) => session === 'Reserved'),
        allocatedReplicas: count(({ held, session }) => held && session !== 'Reserved'),
        counters: countersOf(servers),
      },
    },
    response: null,
  };
}

/** Sums of all counters, by name. */
function countersOf(servers: readonly Server[]): object {
  const sums = record<Record<string, number>>();
  for (const { held, counters } of servers)
    for (const [name, { count, capacity = 0 }] of Object.entries(counters)) {
      const sum = (sums[name] ??= { allocatedCount: 0, allocatedCapacity: 0, count: 0, capacity: 0 });
      sum['count']! += count;
      sum['capacity']! += capacity;
      if (held) sum['allocatedCount']! += count;
      if (held) sum['allocatedCapacity']! += capacity;
    }
  return sums;
}

/** What an answer wants. */
export type Reviewed =
  /** So many servers; undefined wants no change. */
  { readonly replicas: number | undefined } | { readonly failure: string };

/** Reads the answer to a review. @param uid of the request */
export function readReview(answer: unknown, uid: string): Reviewed {
  const said = (answer as { response?: unknown } | null)?.response as
    { readonly uid?: unknown; readonly scale?: unknown; readonly replicas?: unknown } | null | undefined;
  if (typeof said !== 'object' || said === null) return { failure: 'the answer has no "response"' };
  if (said.uid !== uid) return { failure: 'response.uid is not that of the request: copy request.uid' };
  if (typeof said.scale !== 'boolean') return { failure: 'response.scale must be true or false' };
  if (!said.scale) return { replicas: undefined };
  const { replicas } = said;
  return typeof replicas === 'number' && Number.isSafeInteger(replicas) && replicas >= 0
    ? { replicas }
    : { failure: 'response.replicas must be a whole number from 0' };
}
