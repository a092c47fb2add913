import { formatTime, parseTime } from '../../lib/time.ts';
import type { JobFacts } from './facts.ts';

/**
 * When workers failed within the window of the job's rules, the oldest first, and no more than say that it has failed; undefined
 * where all failures count.
 * @param fresh failures that the status does not count yet
 * @param now ms since the epoch
 */
export function recentFailures(
  { spec, status }: Pick<JobFacts, 'spec' | 'status'>,
  fresh: number,
  now: number,
): readonly string[] | undefined {
  const { windowSeconds } = spec.failurePolicy ?? {};
  if (windowSeconds === undefined) return undefined;
  const counts = (at: string) => Math.abs(now - parseTime(at)) < windowSeconds * 1000;
  const most = spec.maxRestarts + 1;
  const added = Array.from({ length: Math.min(Math.max(0, fresh), most) }, () => formatTime(now));
  return [...(status.recentFailures ?? []).filter(counts), ...added].slice(-most);
}
