import { describe, expect, test } from 'vitest';
import { toKubeError } from './errors.ts';

const status = (fields: object) => JSON.stringify({ kind: 'Status', status: 'Failure', ...fields });

describe('toKubeError', () => {
  test.each([
    { code: 409, reason: 'AlreadyExists', kind: 'alreadyExists', retryable: false },
    { code: 409, reason: 'Conflict', kind: 'conflict', retryable: false },
    { code: 404, reason: 'NotFound', kind: 'notFound', retryable: false },
    { code: 410, reason: 'Expired', kind: 'gone', retryable: false },
    { code: 422, reason: 'Invalid', kind: 'invalid', retryable: false },
    { code: 400, reason: 'BadRequest', kind: 'invalid', retryable: false },
    { code: 403, reason: 'Forbidden', kind: 'forbidden', retryable: false },
    { code: 401, reason: 'Unauthorized', kind: 'unauthorized', retryable: false },
    { code: 429, reason: 'TooManyRequests', kind: 'throttled', retryable: true },
    { code: 500, reason: 'InternalError', kind: 'server', retryable: true },
    { code: 503, reason: 'ServiceUnavailable', kind: 'server', retryable: true },
    { code: 504, reason: 'Timeout', kind: 'timeout', retryable: true },
  ])('$code $reason is $kind', ({ code, reason, kind, retryable }) => {
    const error = toKubeError('create pods', { response: { status: code, body: status({ reason, code }) } });
    expect(error).toMatchObject({ kind, status: code, reason, retryable });
  });

  test('reads Retry-After from the header, and from the body when there is none', () => {
    const body = status({ code: 429, details: { retryAfterSeconds: 7 } });
    expect(toKubeError('x', { response: { status: 429, body, retryAfter: '3' } }).retryAfterMs).toBe(3000);
    expect(toKubeError('x', { response: { status: 429, body } }).retryAfterMs).toBe(7000);
    expect(toKubeError('x', { response: { status: 429, body: status({}) } }).retryAfterMs).toBeUndefined();
  });

  test('keeps the fields that the server complains of', () => {
    const details = {
      causes: [{ field: 'spec.replicas', message: 'must be at least 0', reason: 'FieldValueInvalid' }],
    };
    const error = toKubeError('update pools a', {
      response: { status: 422, body: status({ details, message: 'bad' }) },
    });
    expect(error.causes).toEqual(details.causes);
    expect(error.message).toBe('update pools a: bad (HTTP 422)');
  });

  test('cuts what a webhook says at length', () => {
    const causes = Array.from({ length: 5000 }, () => ({ field: 'spec', message: 'no '.repeat(1000) }));
    const body = status({ details: { causes }, message: 'no '.repeat(1_000_000) });
    const error = toKubeError('create pods', { response: { status: 403, body } });
    expect([error.message.length, error.causes!.length]).toEqual([1024, 32]);
    expect(error.causes![0]!.message).toHaveLength(1024);
  });

  test('takes plain text for the message', () => {
    const error = toKubeError('get /readyz', { response: { status: 502, body: 'upstream is away\n' } });
    expect(error).toMatchObject({ kind: 'server', message: 'get /readyz: upstream is away (HTTP 502)' });
  });

  test.each([
    { code: 'ECONNREFUSED', kind: 'network', mayHaveApplied: false },
    { code: 'UND_ERR_CONNECT_TIMEOUT', kind: 'timeout', mayHaveApplied: false },
    { code: 'ECONNRESET', kind: 'network', mayHaveApplied: true },
    { code: 'UND_ERR_SOCKET', kind: 'network', mayHaveApplied: true },
    { code: 'UND_ERR_HEADERS_TIMEOUT', kind: 'timeout', mayHaveApplied: true },
  ])('$code is $kind; may have applied: $mayHaveApplied', ({ code, kind, mayHaveApplied }) => {
    const thrown = Object.assign(new Error('no'), { code });
    expect(toKubeError('create pods', { thrown })).toMatchObject({ kind, mayHaveApplied, retryable: true });
  });
});
