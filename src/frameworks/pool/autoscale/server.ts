import type { Counters } from '../../../snapshot/hints.ts';

/** A server as policies count it. */
export interface Server {
  /** Players hold it: it never goes by itself. */
  readonly held: boolean;
  /** Its session state, as the label has it; or empty. */
  readonly session: string;
  /** Players can be sent to it now, or could if it were not held. */
  readonly ready: boolean;
  /** It is kept, but nobody is sent to it: it is in maintenance, or its node is cordoned and players do not hold it. */
  readonly withheld: boolean;
  readonly counters: Counters;
}

/** A server of the pool that has no Pod yet. */
export const COMING: Server = { held: false, session: '', ready: false, withheld: false, counters: {} };

/** How many servers a policy wants. */
export interface Wish {
  readonly replicas: number;
  /** Why, in words: "12 held and 5 free". */
  readonly because: string;
  /** What must be left when servers go. */
  readonly keep?: Keep;
}

/** What a policy wants to be left when servers go. */
export interface Keep {
  readonly least: number;
  /** What the pool has of it by one server. */
  readonly worth: (server: Server) => number;
  /** Whether a server must stay, whatever it is worth: players may be on one that nobody marked as held. */
  readonly stays?: (server: Server) => boolean;
}

/** Some of all, and the least that a part in percent asks for: one. */
export const greater = (count = 0, percent: number | undefined, used: number): number =>
  Math.max(count, percent === undefined ? 1 : Math.ceil((used * 100) / (100 - percent)) - used, 1);
