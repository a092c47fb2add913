import { isIP } from 'node:net';
import { PLAYERS } from '../api/group.ts';
import type { ServerQuery } from '../api/pool/query.ts';
import { fnv1a } from '../lib/hash.ts';
import type { Asked } from '../snapshot/asked.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Target } from './ask.ts';
import type { Places } from './crowd.ts';
import type { Due } from './due-heap.ts';
import { firstStanding, type Standing } from './standing.ts';

/** A server that is asked. */
export interface AskedServer extends Due {
  /** As the store last had it. */
  pod: PodFacts;
  target: Target;
  query: ServerQuery;
  /** Id of its main container: what was found of one says nothing of the next. */
  readonly container: string;
  standing: Standing;
  readonly places: Places;
  /** Its moment of each period, 0 to 1. */
  readonly moment: number;
  /** How it last failed to answer, in words. */
  why: string;
  /** The players that it last told of, as `3/16`; undefined when it has not. */
  players: string | undefined;
  /** It is not asked any more. */
  isGone: boolean;
}

/** Where and how a Pod is asked; undefined when it is not, or cannot be now. */
function questionOf({ task, deleting, terminal }: PodFacts): { target: Target; asked: Asked } | undefined {
  const { asked, exit } = task ?? {};
  if (!asked?.isRunning || deleting || terminal || exit) return undefined;
  const { address = '', port } = asked;
  // Nothing but the address of the Pod itself, and no name that somebody would have to be asked for.
  return port !== undefined && isIP(address) !== 0 ? { target: { address, port }, asked } : undefined;
}

/** Whether its Pod holds that a server answers, or how not; undefined when it says neither. */
export const shownVerdict = ({ task }: PodFacts): Standing['verdict'] => {
  const verdict = task?.asked?.verdict;
  return verdict && (verdict.unanswered ?? 'Answers');
};

/** The players that its Pod tells of, as `3/16`; undefined when it tells of none. */
export function shownPlayers({ task }: PodFacts): string | undefined {
  const counter = task?.counters[PLAYERS];
  return counter && `${counter.count}/${counter.capacity}`;
}

/**
 * A server as its Pod has it now.
 * @param known as it was known; undefined when it was not
 * @param now monotonic, ms
 * @returns undefined when it is not to be asked
 */
export function serverOf(
  pod: PodFacts,
  known: AskedServer | undefined,
  now: number,
): AskedServer | undefined {
  const question = questionOf(pod);
  if (!question) return undefined;
  const { target, asked } = question;
  if (known?.container === asked.container) return Object.assign(known, { pod, target, query: asked.query });
  return {
    pod,
    target,
    query: asked.query,
    container: asked.container,
    standing: firstStanding(shownVerdict(pod), asked.query, now),
    places: { node: pod.node ?? '', owner: pod.task!.owner },
    // Its low digits: in the high ones of such a hash UIDs that are alike lie side by side.
    moment: Number.parseInt(fnv1a(pod.uid).slice(4), 16) / 2 ** 16,
    due: now,
    why: '',
    players: undefined,
    isGone: false,
  };
}
