import { ProfferError } from '../lib/errors.ts';

/** Why a call of the allocation API is not served, with the status of its answer. */
const STATUS = {
  PROFFER_ALLOCATION_INVALID: 400,
  PROFFER_ALLOCATION_UNAUTHENTICATED: 401,
  PROFFER_ALLOCATION_FORBIDDEN: 403,
  PROFFER_ALLOCATION_NOT_FOUND: 404,
  PROFFER_ALLOCATION_CONTENTION: 409,
  PROFFER_ALLOCATION_TOO_LARGE: 413,
  PROFFER_ALLOCATION_NONE_FREE: 429,
  PROFFER_ALLOCATION_TOO_MANY: 429,
  PROFFER_ALLOCATION_NO_LEADER: 503,
  PROFFER_ALLOCATION_API: 503,
} as const;

/** Codes of errors of the allocation API. */
export type AllocationCode = keyof typeof STATUS;

/** A call of the allocation API that is not served. */
export class AllocationError extends ProfferError {
  readonly code: AllocationCode;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Field of the request that is wrong. */
  readonly field: string | undefined;
  /** When to ask again, s; undefined when asking again is of no use. */
  readonly retryAfter: number | undefined;

  constructor(
    code: AllocationCode,
    message: string,
    more: { readonly field?: string; readonly retryAfter?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.status = STATUS[code];
    this.field = more.field;
    this.retryAfter = more.retryAfter;
  }
}
