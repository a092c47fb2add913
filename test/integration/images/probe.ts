import { QueryError, type QueryErrorCode } from '../../../hack/query/errors.ts';
import type { Running } from './root.ts';

/**
 * Asks until the server answers, or fails, in the way waited for. That a server ended when an answer is waited for is an
 * error, with all that it said.
 */
export async function answersWith(
  ask: () => Promise<unknown>,
  server: Running,
  wanted: 'answer' | QueryErrorCode,
): Promise<void> {
  let ended: number | undefined;
  void server.status.then((status) => (ended = status));
  for (;;) {
    const seen = await ask().then(
      () => 'answer',
      (error: unknown) => {
        if (error instanceof QueryError) return error.code;
        throw error;
      },
    );
    if (seen === wanted) return;
    if (wanted === 'answer' && ended !== undefined)
      throw new Error(`the server ended with ${ended}:\n${server.output()}`);
  }
}
