import type { Given, Io } from './command.ts';
import { leaderSource } from './leader-source.ts';
import { urlSource } from './url-source.ts';

/** Where debug pages are read. */
export interface Source {
  /** Reads one page. @throws OperatorUnavailable, KubeError */
  readonly read: (path: string, query: URLSearchParams) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** The operator that the flags name. @param env where kubectl is found @throws UsageError, ConfigError */
export function openSource(given: Given, env: Io['env']): Source {
  const url = given.text('url');
  return url === undefined ? leaderSource(given, env) : urlSource(url);
}
