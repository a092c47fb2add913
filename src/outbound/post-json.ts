import { Agent } from 'undici';
import { messageOf, ProfferError } from '../lib/errors.ts';

/** Whom a request goes to. */
export interface Target {
  /** `https://10.0.0.7:8000`: where the connection goes. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Name that the server is asked for and its certificate is checked by; that of the origin when left out. */
  readonly host?: string;
  /** Certificates in PEM, which the server's is checked by; those of the machine when left out. */
  readonly ca?: string;
}

/** How much of an answer is taken. */
export interface Limits {
  /** Until the whole answer is there, ms. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** A server of others that does not answer, or not as it must. */
export class OutboundError extends ProfferError {
  readonly code = 'PROFFER_OUTBOUND';
}

/**
 * Posts JSON to a server of others and reads JSON. It keeps no connection, and follows no redirect: who may name an address
 * must not lead us to another one.
 * @throws OutboundError that says what is wrong with the answer
 */
export async function postJson(target: Target, body: object, limits: Limits): Promise<unknown> {
  const { origin, path, host, ca } = target;
  const { timeoutMs, mostBytes } = limits;
  const tooLate = AbortSignal.timeout(timeoutMs);
  const dispatcher = new Agent({
    connect: {
      timeout: timeoutMs,
      ...(ca === undefined ? {} : { ca }),
      ...(host ? { servername: host } : {}),
    },
    allowH2: false,
    maxResponseSize: mostBytes,
  });
  try {
    const { statusCode, body: answer } = await dispatcher.request({
      origin,
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...(host ? { host } : {}) },
      body: JSON.stringify(body),
      signal: AbortSignal.any([limits.signal, tooLate]),
    });
    if (statusCode !== 200) throw new OutboundError(`it answers ${statusCode}, not 200`);
    const text = await answer.text();
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new OutboundError('its answer is not JSON');
    }
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    if (tooLate.aborted) throw new OutboundError(`no answer within ${timeoutMs} ms`);
    throw new OutboundError(wordsOf(error));
  } finally {
    await dispatcher.destroy();
  }
}

/** What failed below HTTP: a connection that is refused, a name or certificate that is wrong, an answer without end. */
const wordsOf = (error: unknown): string => {
  const { code = '' } = error as { readonly code?: string };
  return code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'its answer is too long' : messageOf(error);
};
