import type { Dispatcher } from 'undici';
import { KubeError } from './errors.ts';

/**
 * Asks in the last moment before a request's first byte goes out: after it waited for a free connection, and
 * after that connection was opened. When the answer is no, nothing is sent, the connection stays good for others, and
 * the request fails with a KubeError `fenced`. What is left is the time of one write to the socket.
 * @param what names the request in the error: `create pods default/a`
 */
export const lastGate =
  (mayGo: () => boolean, what: string): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    // The handler is this one request's own. undici fails the request with what is thrown here.
    handler.onRequestStart = (controller, context: unknown) => {
      if (!mayGo())
        throw new KubeError({
          kind: 'fenced',
          message: `${what}: not sent, this replica does not lead any more`,
        });
      start?.(controller, context);
    };
    return dispatch(options, handler);
  };
