import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AllocationError } from '../../allocation/errors.ts';
import type { Problem } from '../../api/allocation.ts';
import { messageOf } from '../../lib/errors.ts';

/** Titles by status, as RFC 9110 has them. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** A field as its reader wrote it: `selectors[0].pool`. */
const fieldOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text && '.'}${String(part)}`),
    '',
  );

/** The first thing that a schema does not allow. */
export function invalid({ issues }: z.ZodError): AllocationError {
  const { path, message } = issues[0]!;
  const field = fieldOf(path);
  const text = `${field || 'the request'}: ${message}`;
  return new AllocationError('PROFFER_ALLOCATION_INVALID', text, field === '' ? {} : { field });
}

/** What was thrown in the words of the API; undefined for a fault of ours. */
function toAllocationError(error: FastifyError): AllocationError | undefined {
  if (error instanceof AllocationError) return error;
  const { statusCode = 500 } = error;
  if (statusCode === 413) return new AllocationError('PROFFER_ALLOCATION_TOO_LARGE', messageOf(error));
  return statusCode < 500 ? new AllocationError('PROFFER_ALLOCATION_INVALID', messageOf(error)) : undefined;
}

/** Answers with a problem. */
function sendProblem(
  reply: FastifyReply,
  status: number,
  problem: Pick<Problem, 'detail' | 'code' | 'field'>,
): void {
  const title = TITLES[status] ?? 'Internal Server Error';
  const body: Problem = { type: 'about:blank', title, status, ...problem };
  void reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(body);
}

/** Makes problems of whatever a handler throws. @param onFault hears of what is a fault of ours */
export const problemHandler =
  (onFault: (error: Error) => void) =>
  (error: FastifyError, _: FastifyRequest, reply: FastifyReply): void => {
    const known = toAllocationError(error);
    if (!known) {
      onFault(error);
      return sendProblem(reply, 500, {
        code: 'PROFFER_ALLOCATION_FAULT',
        detail: 'a fault of Proffer: its log has it',
      });
    }
    if (known.retryAfter !== undefined) void reply.header('retry-after', String(known.retryAfter));
    if (known.status === 401) void reply.header('www-authenticate', 'Bearer');
    const { code, message: detail, field } = known;
    sendProblem(reply, known.status, { code, detail, ...(field === undefined ? {} : { field }) });
  };

/** Answers a path that there is not. */
export function noSuchCall({ method, url }: FastifyRequest, reply: FastifyReply): void {
  const detail = `there is no ${method} ${url.split('?', 1)[0]}: /openapi.json has all calls`;
  sendProblem(reply, 404, { code: 'PROFFER_ALLOCATION_NOT_FOUND', detail });
}
