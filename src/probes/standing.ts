import type { ServerQuery, Unanswered } from '../api/pool/query.ts';
import type { Finding } from './ask.ts';

/** What is known of one server that is asked. Times are monotonic, ms. */
export interface Standing {
  /** What is held of it: it answers, or how it does not; undefined while neither is known. */
  readonly verdict: 'Answers' | Unanswered | undefined;
  /** How often in a row it did not answer, and how often of them, at the end, its port was closed. */
  readonly misses: number;
  readonly refusals: number;
  /** From when on the next miss counts: a server that starts is asked more often than once a period. */
  readonly countsFrom: number;
}

type Patience = Pick<ServerQuery, 'periodSeconds' | 'failureThreshold' | 'initialDelaySeconds'>;

/** How much of a period has to be over before another miss counts: the questions of a server come a little early or late. */
const MOST_OF = 0.9;

/** How often a server that has not answered yet is asked, ms, unless its period is shorter. */
const STARTING_MS = 1000;

/**
 * Where a server stands that was not asked yet.
 * @param verdict what its Pod says, from an operator before
 */
export const firstStanding = (
  verdict: Standing['verdict'],
  { initialDelaySeconds, periodSeconds }: Patience,
  now: number,
): Standing => ({
  verdict,
  misses: 0,
  refusals: 0,
  countsFrom: verdict === 'Answers' ? now : now + (initialDelaySeconds + periodSeconds) * 1000,
});

/**
 * Where a server stands after one more question. One miss says nothing, many in a row say that it does not answer; that it
 * is closed stays said until it answers, since a closed port is not told every time.
 * @param spared nothing is held against it, since too many do not answer at once
 */
export function afterFinding(
  standing: Standing,
  finding: Finding,
  { failureThreshold, periodSeconds }: Patience,
  now: number,
  spared: boolean,
): Standing {
  if (finding.kind === 'unasked') return standing;
  if (finding.kind === 'answered') return { verdict: 'Answers', misses: 0, refusals: 0, countsFrom: now };
  if (now < standing.countsFrom) return standing;
  const misses = standing.misses + 1;
  const refusals = finding.how === 'Refused' ? standing.refusals + 1 : 0;
  const countsFrom = now + MOST_OF * periodSeconds * 1000;
  const found = refusals >= failureThreshold ? 'Refused' : 'Silent';
  const isJudged = misses >= failureThreshold && !spared && standing.verdict !== 'Refused';
  return { verdict: isJudged ? found : standing.verdict, misses, refusals, countsFrom };
}

/**
 * When a server is asked next, ms: at its own moment of each period, so that those of a pool are spread over it; soon
 * while it has never answered.
 * @param moment of the period, 0 to 1
 */
export function nextQuestion(
  { verdict }: Standing,
  { periodSeconds }: Patience,
  moment: number,
  now: number,
): number {
  const periodMs = periodSeconds * 1000;
  if (verdict === undefined) return now + Math.min(periodMs, STARTING_MS);
  const phase = moment * periodMs;
  return (Math.floor((now - phase) / periodMs) + 1) * periodMs + phase;
}
