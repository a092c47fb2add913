import type { AnswerOffers } from '../../allocator/placing/offer.ts';
import type { Exposing } from '../../plan/expose.ts';
import type { Making } from '../../plan/pod.ts';
import type { Telling } from '../../plan/telling.ts';
import type { Drafting } from '../../snapshot/drafting.ts';
import type { FrameworkKind } from '../../snapshot/framework-id.ts';
import type { Ranked } from '../../snapshot/named-classes.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { Workload } from '../../snapshot/workload.ts';

/** All that is particular to a kind of frameworks. Each part is declared where it is asked for. */
export interface Driver<D = unknown, P extends PodFacts = PodFacts, W = unknown>
  extends Drafting<D, P>, Making, Telling<W>, Exposing<W> {
  /** What it says to what it is offered. */
  readonly answer: AnswerOffers;
}

/** The driver of a kind of workloads of ours. */
export type WorkloadDriver<W extends Workload> = Driver<Ranked<W>, TaskPod, W>;

/** The drivers by kind. */
export type Drivers = ReadonlyMap<FrameworkKind, Driver>;

/** Answers bundles by the driver of each framework's kind. */
export const answersBy =
  (drivers: Drivers): AnswerOffers =>
  (bundle) =>
    drivers.get(bundle.framework.kind)!.answer(bundle);
