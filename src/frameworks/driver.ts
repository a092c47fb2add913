import type { AnswerOffers } from '../allocator/offer.ts';
import type { Drafting } from '../snapshot/drafting.ts';
import type { FrameworkKind } from '../snapshot/framework.ts';
import type { PodFacts } from '../snapshot/task.ts';

/** All that is particular to a kind of frameworks. */
export interface Driver<W = unknown, P extends PodFacts = PodFacts> extends Drafting<W, P> {
  /** What it says to what it is offered. */
  readonly answer: AnswerOffers;
}

/** The drivers by kind. */
export type Drivers = ReadonlyMap<FrameworkKind, Driver>;

/** Answers bundles by the driver of each framework's kind. */
export const answersBy =
  (drivers: Drivers): AnswerOffers =>
  (bundle) =>
    drivers.get(bundle.framework.kind)!.answer(bundle);
