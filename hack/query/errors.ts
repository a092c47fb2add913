/**
 * Why a game server gave no answer. `timeout`: nothing came back, so the server is wedged or the network lost it.
 * `refused`: the host said that nobody listens, so the server is dead. `unreachable`: no way to the host, or no such host.
 * `malformed`: an answer came that is not this game's protocol.
 */
export type QueryErrorCode = 'timeout' | 'refused' | 'unreachable' | 'malformed';

/** A query failed; `code` says what that means for the server. */
export class QueryError extends Error {
  readonly code: QueryErrorCode;

  constructor(code: QueryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueryError';
    this.code = code;
  }
}
