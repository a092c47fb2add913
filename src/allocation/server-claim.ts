import {
  CLAIM_SESSION,
  claimedWish,
  type AllocateRequest,
  type ClaimedWish,
  type SessionAnswer,
} from '../api/allocation.ts';
import { CLAIM_REASON, CONDITION, setCondition, type ClaimReason } from '../api/conditions.ts';
import { gameServerClaimStatus, type GameServerClaimStatus } from '../api/gameserverclaim.ts';
import { ANNOTATION } from '../api/group.ts';
import { boundedText } from '../lib/bounded-text.ts';
import { formatTime, parseTime } from '../lib/time.ts';
import type { TaskPod } from '../snapshot/slots.ts';
import { commonFacts, type ObjectFacts, type RawObject } from '../snapshot/workload.ts';
import type { AllocationError } from './errors.ts';

/** A GameServerClaim of the cluster. */
export type ServerClaim = ObjectFacts<ClaimedWish, GameServerClaimStatus>;

/** Reads a GameServerClaim. A spec goes through what the allocation API reads its calls by. */
export const serverClaimFacts = (raw: RawObject): ServerClaim =>
  commonFacts(raw, claimedWish, gameServerClaimStatus, {});

/** The session that a claim is. One that has its name later is another one. */
export const claimSession = ({ metadata }: ServerClaim): string => `${CLAIM_SESSION}${metadata.uid}`;

/** Whether a session, as `namespace/session`, is that of a claim. */
export const isOfClaim = (id: string): boolean => id.startsWith(CLAIM_SESSION, id.indexOf('/') + 1);

/** Until when a claim waits for a server, ms since the epoch. */
const deadlineOf = ({ metadata, spec: { waitSeconds = Infinity } }: ServerClaim): number =>
  parseTime(metadata.creationTimestamp) + waitSeconds * 1000;

/** The longest that one call waits, s; a claim asks again then. */
const LONGEST_WAIT = 86_400;

/** What a claim asks the allocation for, and for how long it waits for that. @param now ms since the epoch */
export function claimRequest(claim: ServerClaim, now: number): AllocateRequest {
  const left = Math.ceil((deadlineOf(claim) - now) / 1000);
  const { next, ttlSecondsAfterFinished: _, ...wish } = claim.spec;
  // On the server, since the claim may be gone when somebody gets to read what is to come after it.
  const after = next === 'Ready' ? {} : { [ANNOTATION.sessionNext]: next };
  return {
    ...wish,
    annotations: { ...wish.annotations, ...after },
    namespace: claim.metadata.namespace ?? '',
    session: claimSession(claim),
    waitSeconds: Math.max(0, Math.min(LONGEST_WAIT, left)),
  };
}

/** Where a claim stands. */
export type ClaimState = NonNullable<GameServerClaimStatus['state']>;

/** Whether anything is to be done for a claim: it has no server yet, or has lost it. @param server that of its session */
export function isDue({ metadata, status }: ServerClaim, server: TaskPod | undefined): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  const { state = 'Pending' } = status;
  return state === 'Pending' || (state === 'Bound' && server === undefined);
}

/** When a claim is to be deleted, ms since the epoch; undefined for one that is not finished, or stays. */
export function expiryOf({ metadata, spec, status }: ServerClaim): number | undefined {
  const { finishedAt } = status;
  const { ttlSecondsAfterFinished: seconds } = spec;
  if (finishedAt === undefined || seconds === undefined || metadata.deletionTimestamp !== undefined)
    return undefined;
  return parseTime(finishedAt) + seconds * 1000;
}

/** What there is to say of a claim. */
export interface ClaimNews {
  readonly state: ClaimState;
  readonly reason: ClaimReason;
  readonly message: string;
}

/** Why a claim has no server, as the allocation says; undefined for what passes by itself. @param now ms since the epoch */
export function refusalOf(
  claim: ServerClaim,
  { code, message }: AllocationError,
  now: number,
): ClaimNews | undefined {
  const late = deadlineOf(claim) <= now;
  const waits = (reason: ClaimReason): ClaimNews =>
    late
      ? { state: 'Failed', reason: CLAIM_REASON.late, message: `waited for as long as it says: ${message}` }
      : { state: 'Pending', reason, message };
  switch (code) {
    case 'PROFFER_ALLOCATION_NONE_FREE':
      return waits(CLAIM_REASON.noneFree);
    case 'PROFFER_ALLOCATION_NOT_FOUND':
      return waits(CLAIM_REASON.noPool);
    case 'PROFFER_ALLOCATION_INVALID':
    case 'PROFFER_ALLOCATION_TOO_LARGE':
      return { state: 'Failed', reason: CLAIM_REASON.refused, message };
    case 'PROFFER_ALLOCATION_UNAUTHENTICATED':
    case 'PROFFER_ALLOCATION_FORBIDDEN':
    case 'PROFFER_ALLOCATION_TOO_MANY':
    case 'PROFFER_ALLOCATION_CONTENTION':
    case 'PROFFER_ALLOCATION_NO_LEADER':
    case 'PROFFER_ALLOCATION_API':
      return undefined;
  }
}

/** What became of the server of a claim. @param server the Pod that bears its name now */
export function lossOf({ status }: ServerClaim, server: TaskPod | undefined): ClaimNews {
  const { server: name, uid } = status;
  const lives = !server?.deleting && !server?.terminal && server?.task.exit === undefined;
  return lives && server?.uid === uid
    ? { state: 'Lost', reason: CLAIM_REASON.released, message: `server ${name} was released` }
    : { state: 'Lost', reason: CLAIM_REASON.ended, message: `server ${name} ended` };
}

/** What there is to say of a claim that has its server. */
export function bindingOf({ server, address, ports, clipped }: SessionAnswer): ClaimNews {
  const port = ports[0] ? `:${ports[0].port}` : '';
  const cut = clipped.length > 0 ? `; not the whole change fitted ${clipped.join(', ')}` : '';
  return {
    state: 'Bound',
    reason: CLAIM_REASON.bound,
    message: `server ${server} at ${address}${port}${cut}`,
  };
}

/**
 * The status of a claim; what it says of the server stays when that is lost.
 * @param now ms since the epoch @param answer the server that it has now, with the UID of its Pod
 */
export function claimStatus(
  claim: ServerClaim,
  { state, reason, message }: ClaimNews,
  now: number,
  answer?: SessionAnswer & { readonly uid: string },
): GameServerClaimStatus {
  const { generation = 0 } = claim.metadata;
  const at = formatTime(now);
  const place = answer && {
    session: answer.session,
    server: answer.server,
    uid: answer.uid,
    pool: answer.pool,
    node: answer.node,
    address: answer.address,
    addresses: answer.addresses,
    ports: answer.ports,
    services: answer.services,
    boundAt: answer.heldSince ?? at,
  };
  const bound = {
    type: CONDITION.bound,
    status: state === 'Bound' ? ('True' as const) : ('False' as const),
    reason,
    message,
    observedGeneration: generation,
  };
  return {
    ...claim.status,
    ...place,
    state,
    message: boundedText(message),
    ...(state === 'Lost' || state === 'Failed' ? { finishedAt: claim.status.finishedAt ?? at } : {}),
    conditions: setCondition(claim.status.conditions ?? [], bound, at),
  };
}
