import type { RequestKind } from '../../src/kube/request-kind.ts';

/** A request on its way through the proxy. */
export interface ProxiedRequest extends RequestKind {
  method: string;
  /** Path with the query. */
  path: string;
  query: URLSearchParams;
}

/** What can go wrong with a request. */
export type Fault =
  /** The proxy answers in the API server's place. */
  | { kind: 'answer'; status: number; reason?: string; message?: string; retryAfterSeconds?: number }
  /** Nothing happens for a while, then the request is forwarded. */
  | { kind: 'delay'; ms: number }
  /** The same, but the request is forwarded even when the client is gone by then: it was in a buffer on its way. */
  | { kind: 'late'; ms: number }
  /** The connection breaks before the API server sees the request. */
  | { kind: 'resetBefore' }
  /** The API server carries the request out, and the connection breaks before its answer gets back. */
  | { kind: 'resetAfter' }
  | WatchFault;

/** What can go wrong with a watch, after so many of its lines. */
export type WatchFault = { afterEvents: number } & (
  | /** A normal end, as the API server itself ends watches. */ { kind: 'endWatch' }
  | /** The connection breaks. */ { kind: 'resetWatch' }
  | /** A normal end in the middle of a line. */ { kind: 'truncateWatch' }
  | /** A line that is only half there, then the rest of the watch. */ { kind: 'corruptWatch' }
  | /** An ERROR line with this code, then the end. */ { kind: 'failWatch'; status: number; reason: string }
  | /** The connection stays open, but nothing comes any more. */ { kind: 'stallWatch' }
);

/** A fault and whom it hits. */
export interface Rule {
  /** Which requests. */
  when: (request: ProxiedRequest) => boolean;
  fault: Fault;
  /** How many of them; all when left out. */
  times?: number;
}

const watchFaults: ReadonlySet<Fault['kind']> = new Set<WatchFault['kind']>([
  'endWatch',
  'resetWatch',
  'truncateWatch',
  'corruptWatch',
  'failWatch',
  'stallWatch',
]);

/** Whether a fault strikes in the midst of a watch. */
export const isWatchFault = (fault: Fault): fault is WatchFault => watchFaults.has(fault.kind);

/** A Status body. */
export const statusBody = (status: number, reason: string, message: string, retryAfterSeconds?: number) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code: status,
  reason,
  message,
  ...(retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } }),
});
