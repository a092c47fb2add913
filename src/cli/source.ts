import type { ReaderOptions } from './flags.ts';
import type { Io } from './io.ts';
import { leaderSource } from './leader-source.ts';
import { urlSource } from './url-source.ts';

/** Where debug pages are read. */
export interface Source {
  /** Reads one page. @throws OperatorUnavailable, KubeError */
  readonly read: (path: string, query: URLSearchParams) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** The operator that the flags name. @param env where kubectl is found @throws UsageError, ConfigError */
export const openSource = (
  options: Pick<ReaderOptions, 'kubeconfig' | 'context' | 'namespace' | 'url'>,
  env: Io['env'],
): Source => (options.url === undefined ? leaderSource(options, env) : urlSource(options.url));
