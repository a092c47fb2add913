import type { V1Status } from '@kubernetes/client-node';
import { boundedText } from '../lib/bounded-text.ts';
import { ProfferError, messageOf } from '../lib/errors.ts';

/** Everything that a request to the API server can end in, by what the caller can do about it. */
export type KubeErrorKind =
  | 'conflict'
  | 'alreadyExists'
  | 'notFound'
  | 'gone'
  | 'invalid'
  | 'forbidden'
  | 'unauthorized'
  | 'throttled'
  | 'server'
  | 'network'
  | 'timeout'
  | 'tooLarge'
  | 'fenced';

const codes = {
  conflict: 'PROFFER_KUBE_CONFLICT',
  alreadyExists: 'PROFFER_KUBE_ALREADY_EXISTS',
  notFound: 'PROFFER_KUBE_NOT_FOUND',
  gone: 'PROFFER_KUBE_GONE',
  invalid: 'PROFFER_KUBE_INVALID',
  forbidden: 'PROFFER_KUBE_FORBIDDEN',
  unauthorized: 'PROFFER_KUBE_UNAUTHORIZED',
  throttled: 'PROFFER_KUBE_THROTTLED',
  server: 'PROFFER_KUBE_SERVER',
  network: 'PROFFER_KUBE_NETWORK',
  timeout: 'PROFFER_KUBE_TIMEOUT',
  tooLarge: 'PROFFER_KUBE_TOO_LARGE',
  fenced: 'PROFFER_KUBE_FENCED',
} as const satisfies Record<KubeErrorKind, string>;

const retryableKinds: ReadonlySet<KubeErrorKind> = new Set(['throttled', 'server', 'network', 'timeout']);

/** Most fields of one answer that are kept. */
const MOST_CAUSES = 32;

/** One field that the API server complains of. */
export interface KubeErrorCause {
  field: string;
  message: string;
  reason?: string;
}

/** What a KubeError is made of. */
export interface KubeErrorInit {
  kind: KubeErrorKind;
  message: string;
  status?: number | undefined;
  reason?: string | undefined;
  retryAfterMs?: number | undefined;
  causes?: KubeErrorCause[] | undefined;
  mayHaveApplied?: boolean;
  cause?: unknown;
}

/** A request to the API server that failed. */
export class KubeError extends ProfferError {
  override readonly code: (typeof codes)[KubeErrorKind];
  readonly kind: KubeErrorKind;
  /** HTTP status, or undefined when no answer came. */
  readonly status: number | undefined;
  /** `reason` of the Status body, for example `AlreadyExists`. */
  readonly reason?: string;
  /** How long the server asks us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The same request may succeed later without any change to it. */
  readonly retryable: boolean;
  /** Fields that the server complains of. */
  readonly causes?: KubeErrorCause[];
  /**
   * The write may have taken effect although it failed: the answer was lost, or the server gave up half-way.
   * Repeating a create after such an error may yield `alreadyExists`, which then means "done".
   */
  readonly mayHaveApplied: boolean;

  constructor(init: KubeErrorInit) {
    // Webhooks answer with texts of any length, which end in statuses and logs.
    super(boundedText(init.message), { cause: init.cause });
    this.kind = init.kind;
    this.code = codes[init.kind];
    this.status = init.status;
    if (init.reason !== undefined) this.reason = init.reason;
    this.retryAfterMs = init.retryAfterMs;
    this.retryable = retryableKinds.has(init.kind);
    if (init.causes !== undefined) this.causes = init.causes;
    this.mayHaveApplied = init.mayHaveApplied ?? false;
  }
}

/** True for a KubeError of one of these kinds. */
export const isKubeError = (thrown: unknown, ...kinds: KubeErrorKind[]): thrown is KubeError =>
  thrown instanceof KubeError && (kinds.length === 0 || kinds.includes(thrown.kind));

/** A failed HTTP answer: status code, `Retry-After` header if any, and the body as text. */
export interface FailedResponse {
  status: number;
  retryAfter?: string | undefined;
  body: string;
}

/**
 * Maps whatever ended a request - a failed answer, a Status object (an ERROR line of a watch), or what undici
 * threw - to a KubeError. `what` names the request in the message: `create pods default/a`.
 */
export const toKubeError = (
  what: string,
  failure: { response: FailedResponse } | { status: V1Status } | { thrown: unknown },
): KubeError => {
  if ('thrown' in failure) return fromThrown(what, failure.thrown);
  if ('status' in failure) return fromStatus(what, failure.status.code ?? 500, failure.status, undefined);
  const { status, body, retryAfter } = failure.response;
  return fromStatus(what, status, parseStatus(body), retryAfter);
};

const parseStatus = (body: string): V1Status => {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Proxies and the server's own outer layers answer in plain text; the text is the message.
  }
  return { message: body.slice(0, 300).trim() };
};

const kindOfStatus = (code: number, reason: string | undefined): KubeErrorKind => {
  switch (code) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'notFound';
    case 408:
    case 504:
      return 'timeout';
    case 409:
      return reason === 'AlreadyExists' ? 'alreadyExists' : 'conflict';
    case 410:
      return 'gone';
    case 429:
      return 'throttled';
    default:
      return code >= 500 ? 'server' : 'invalid';
  }
};

const fromStatus = (
  what: string,
  code: number,
  status: V1Status,
  retryAfter: string | undefined,
): KubeError => {
  const kind = kindOfStatus(code, status.reason);
  const seconds = retryAfter === undefined ? status.details?.retryAfterSeconds : Number(retryAfter);
  const causes = status.details?.causes?.slice(0, MOST_CAUSES).map((cause) => ({
    field: boundedText(cause.field ?? ''),
    message: boundedText(cause.message ?? ''),
    ...(cause.reason === undefined ? {} : { reason: cause.reason }),
  }));
  return new KubeError({
    kind,
    message: `${what}: ${status.message ?? status.reason ?? 'no message'} (HTTP ${code})`,
    status: code,
    reason: status.reason,
    retryAfterMs:
      seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
    causes,
    mayHaveApplied: kind === 'server' || kind === 'timeout',
  });
};

/** Errors from before a byte was sent: the request cannot have taken effect. */
const notSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

const fromThrown = (what: string, thrown: unknown): KubeError => {
  if (thrown instanceof KubeError) return thrown;
  const code = codeOf(thrown);
  return new KubeError({
    kind: timeouts.has(code) ? 'timeout' : 'network',
    message: `${what}: ${messageOf(thrown)}${code === '' ? '' : ` (${code})`}`,
    mayHaveApplied: !notSent.has(code) && !code.startsWith('ERR_TLS') && !code.includes('CERT'),
    cause: thrown,
  });
};

const codeOf = (thrown: unknown): string => {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
};
