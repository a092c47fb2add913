import type { Reason } from '../api/conditions.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { METRICS, Phase } from './metric-table.ts';

type Table = typeof METRICS;
type Counters = { [M in keyof Table as Table[M]['kind'] extends 'counter' ? M : never]: Table[M]['labels'] };
type ValueOf<Listed> = Listed extends readonly (infer Value extends string)[] ? Value : string;

/** What is added to a counter of the table: which one, its labels, and how often it happened (once when left out). */
export type Addition = {
  [M in keyof Counters]: [
    counter: M,
    labels: { readonly [L in keyof Counters[M]]: ValueOf<Counters[M][L]> },
    times?: number,
  ];
}[keyof Counters];

/** Takes in what is counted of the operator's work; what each metric means stands in the table. */
export interface Counts {
  /** Something happened. */
  add(...addition: Addition): void;
  /** Phases of a cycle are over; each took so long, ms. */
  phases(ms: Partial<Readonly<Record<Phase, number>>>): void;
  /** How the cluster stands after a cycle. @param waiting tasks by the layer that holds them */
  state(snapshot: Snapshot, waiting: ReadonlyMap<Reason, number>): void;
}
