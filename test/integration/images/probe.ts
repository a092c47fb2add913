import { QueryError, type QueryErrorCode } from '../../../hack/query/errors.ts';
import { saw, until } from '../../support/until.ts';
import type { Running } from './root.ts';

/**
 * Asks until the server answers, or fails, in the way waited for. That a server ended when an answer is waited for is an
 * error, with all that it said.
 * @returns the answer, if one was waited for
 */
export async function answersWith<T>(
  ask: () => Promise<T>,
  server: Running,
  wanted: 'answer' | QueryErrorCode,
): Promise<T | undefined> {
  let ended: number | undefined;
  void server.status.then((status) => (ended = status));
  let answer: T | undefined;
  await until(`the server to give: ${wanted}`, async () => {
    const seen = await ask().then(
      (said) => {
        answer = said;
        return 'answer';
      },
      (error: unknown) => {
        if (error instanceof QueryError) return error.code;
        throw error;
      },
    );
    if (saw(seen) === wanted) return true;
    if (wanted === 'answer' && ended !== undefined)
      throw new Error(`the server ended with ${ended}:\n${server.output()}`);
    return false;
  });
  return answer;
}
