import { readDebugPage } from './debug-page.ts';
import type { ReaderOptions } from './flags.ts';
import type { Io } from './io.ts';
import { leaderSource, type Source } from './leader-source.ts';
import { UsageError } from './usage-error.ts';

/** The operator that the flags name. @param env where kubectl is found @throws UsageError, ConfigError */
export const openSource = (
  options: Pick<ReaderOptions, 'kubeconfig' | 'context' | 'namespace' | 'url'>,
  env: Io['env'],
): Source => (options.url === undefined ? leaderSource(options, env) : urlSource(options.url));

/** The operator whose debug pages are at an address that the user knows. @throws UsageError */
function urlSource(text: string): Source {
  if (!/^https?:\/\/[^/]+/.test(text) || !URL.canParse(text)) {
    throw new UsageError(`--url must be an address such as http://127.0.0.1:8082, not "${text}"`);
  }
  const silent = (why: string): string => `no operator answers at ${text}: ${why}`;
  return {
    read: (path, query) => readDebugPage(text.replace(/\/+$/, ''), path, query, silent),
    close: () => Promise.resolve(),
  };
}
