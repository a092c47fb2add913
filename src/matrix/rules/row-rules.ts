/** A topology spread constraint of a row. Tallies are named by their number in the book. */
export interface RowSpread {
  readonly tally: number;
  readonly maxSkew: number;
  /** With fewer domains than these the least count is held to be 0. */
  readonly minDomains: number;
  /** A task of the row counts itself. */
  readonly countsSelf: boolean;
  /** Agents without the label are not liked less. */
  readonly lenient: boolean;
}

/** A wish of a row to be in domains with many Pods of a tally; with few when the weight is negative. */
export interface RowWish {
  readonly tally: number;
  readonly weight: number;
}

/** What the Pods that are there, and come, mean for the tasks of one row. Tallies are named by their number. */
export interface RowRules {
  /** Required affinity: all must have Pods near. */
  readonly affinity: readonly number[];
  /** Where no Pod at all matches the affinity, a task may be the first: it matches it itself. */
  readonly mayBeFirst: boolean;
  /** Required anti-affinity of the row: none may have Pods near. */
  readonly avoids: readonly number[];
  /** Required anti-affinity of Pods that are there, or are placed in this cycle, that selects the row. */
  readonly avoidedBy: readonly number[];
  readonly spread: readonly RowSpread[];
  readonly wishes: readonly RowWish[];
  readonly softSpread: readonly RowSpread[];
  /** Tallies that a task of the row counts in once it is placed. */
  readonly counts: ReadonlySet<number>;
}

/** A rule that keeps a task off an agent. */
export type RuleName = 'spreadLabel' | 'spread' | 'affinity' | 'antiAffinity' | 'avoided';

/** The words that kube-scheduler has for each, after the number of nodes. */
export const RULE_WORDS: Readonly<Record<RuleName, string>> = {
  spreadLabel: "didn't match pod topology spread constraints (missing required label)",
  spread: "didn't match pod topology spread constraints",
  affinity: "didn't match pod affinity rules",
  antiAffinity: "didn't match pod anti-affinity rules",
  avoided: "didn't satisfy existing pods anti-affinity rules",
};
