import { noSuchPage, textPage, type Page } from './page.ts';

/** What the health of a replica goes by. */
export interface HealthOptions {
  /** Whether the caches are synced, so that this replica could lead. */
  readonly ready: () => boolean;
  /** What is wrong with this process so that only a restart helps, in words; undefined when it is well. */
  readonly unhealthy: () => string | undefined;
}

/** Answers /healthz and /readyz. */
export function healthPage({ pathname }: URL, { ready, unhealthy }: HealthOptions): Page {
  switch (pathname) {
    case '/healthz': {
      const trouble = unhealthy();
      return trouble === undefined ? textPage(200, 'ok') : textPage(503, trouble);
    }
    case '/readyz':
      return ready() ? textPage(200, 'ok') : textPage(503, 'the caches of the cluster are not synced yet');
    default:
      return noSuchPage(pathname);
  }
}
