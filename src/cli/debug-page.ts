import { messageOf } from '../lib/errors.ts';
import type { Problem } from '../server/debug.ts';
import { OperatorUnavailable } from './operator-unavailable.ts';

/** An operator has this long to answer, ms. */
const ANSWER_MS = 10_000;

/** Why fetch failed, in words that the reader can act on. */
function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  // The standard of fetch lists ports that no request may go to, those of mail and the like.
  if (messageOf(cause) === 'bad port')
    return 'web clients may not use this port: serve the operator on another';
  // A name with several addresses: one error for each, and none of its own.
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ');
  return messageOf(cause);
}

/**
 * Reads one debug page of the operator at an address.
 * @param silent the sentence for when nobody answers, given why
 * @throws OperatorUnavailable with that sentence, with the operator's own, or because another program answered
 */
export async function readDebugPage(
  url: string,
  path: string,
  query: URLSearchParams,
  silent: (why: string) => string,
): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`${url}${path}?${query.toString()}`, { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch (error) {
    throw new OperatorUnavailable(silent(whyNot(error)), { cause: error });
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body;
  const said = (body as Partial<Problem> | undefined)?.message;
  throw new OperatorUnavailable(
    said ?? `${url} does not serve the debug pages of Proffer (HTTP ${response.status})`,
  );
}
