import type { ObjectMeta } from './types.ts';

/** A coordination.k8s.io/v1 Lease, as far as leader election uses it. */
export interface Lease {
  apiVersion: 'coordination.k8s.io/v1';
  kind: 'Lease';
  metadata: Pick<ObjectMeta, 'name' | 'namespace'> & Partial<ObjectMeta>;
  spec?: LeaseSpec;
}

/** Annotation of a lease: where its holder is reached. */
export const HOLDER_ADDRESS = 'proffer.dev/holder-address';

/** Where the holder of a lease is reached; empty when it does not say. */
export const addressIn = ({ metadata }: Lease): string => metadata.annotations?.[HOLDER_ADDRESS] ?? '';

/** Who holds the lease. Empty or no `holderIdentity`: nobody. */
export interface LeaseSpec {
  holderIdentity?: string | null;
  leaseDurationSeconds?: number;
  /** RFC 3339 with six decimals. Only people read the times: clocks of machines differ. */
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/** A state of the lease, and when we first saw it on our own monotonic clock, in milliseconds. */
export interface Observation {
  lease: Lease;
  seenAtMs: number;
}

/** How long another still holds the lease, judged by our own clock alone; 0 when it can be had. */
export const heldForMs = (seen: Observation, identity: string, nowMs: number): number => {
  const { holderIdentity, leaseDurationSeconds = 0 } = seen.lease.spec ?? {};
  if (!holderIdentity || holderIdentity === identity) return 0;
  return Math.max(0, seen.seenAtMs + leaseDurationSeconds * 1000 - nowMs);
};

/** What was seen before, unless this is another state: then it counts from now. */
export const observe = (before: Observation | undefined, lease: Lease, nowMs: number): Observation =>
  before !== undefined && before.lease.metadata.resourceVersion === lease.metadata.resourceVersion
    ? before
    : { lease, seenAtMs: nowMs };

/** The spec that acquires or renews a lease; `wallMs` is for the people who read it. */
export const acquired = (
  before: LeaseSpec | undefined,
  identity: string,
  leaseDurationMs: number,
  wallMs: number,
): LeaseSpec => {
  const ours = before?.holderIdentity === identity;
  const now = microTime(wallMs);
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
    acquireTime: (ours ? before.acquireTime : undefined) ?? now,
    renewTime: now,
    leaseTransitions: before === undefined ? 0 : (before.leaseTransitions ?? 0) + (ours ? 0 : 1),
  };
};

/** The spec that gives a lease back, so that others need not wait. */
export const released = (before: LeaseSpec, wallMs: number): LeaseSpec => {
  const now = microTime(wallMs);
  return {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: before.leaseTransitions ?? 0,
  };
};

/** Kubernetes' MicroTime, which wants exactly six decimals. */
export const microTime = (wallMs: number): string => new Date(wallMs).toISOString().replace('Z', '000Z');
