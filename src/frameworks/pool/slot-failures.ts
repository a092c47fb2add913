import type { SlotFailures } from '../../api/pool/slot-failures.ts';
import type { Judged } from '../../snapshot/slots.ts';
import type { Reopened } from '../../snapshot/vacancies.ts';
import type { PoolFacts } from './facts.ts';
import type { JudgedServers } from './judging.ts';

/** What is known of slots whose servers failed, beside what the Pods there are say. */
export interface Remembered {
  /** What the status is to hold, by slot; undefined when there is nothing. */
  readonly failures: Readonly<Record<string, SlotFailures>> | undefined;
  /** What the status that the API server has holds of slots in which no server was seen since. */
  readonly told: ReadonlyMap<number, SlotFailures>;
  /**
   * Whether a Pod may be cleared away before there is another one in its slot: its failures are in the status that the API
   * server has, or need not be. Else the next server would begin as if nothing had happened, and fail without a pause.
   */
  readonly isKept: (judged: Judged) => boolean;
}

/** The number of a slot, as Proffer writes it. */
const SLOT = /^(0|[1-9]\d{0,5})$/;

/** What a server that failed leaves to the next one; nothing when it did not, or when its template is mended. */
const failuresOf = ({ action, failures, signal }: Judged): SlotFailures | undefined =>
  action === 'retry' && failures > 0
    ? { count: failures, signal: signal as SlotFailures['signal'] }
    : undefined;

/**
 * Failures of slots. A Pod carries those of its slot until the next one does; where it goes before that, since it holds room
 * or a volume, or since somebody deletes it, the status holds them. They are forgotten with a new template, and once
 * the pool has all its servers.
 */
export function rememberedOf(
  { spec, status, groups }: PoolFacts,
  { kept, running, gone }: Pick<JudgedServers, 'kept' | 'running' | 'gone'>,
): Remembered {
  // A create that is on its way may fail yet.
  const isSeen = ({ pod }: Judged): boolean => pod.uid !== '';
  const lacks = kept.filter(isSeen).length < spec.replicas;
  const isMended = status.updateRevision !== groups[0]!.shape.revision;
  const held = new Set(running.map(({ pod }) => pod.task.slot));
  const seen = new Set(running.filter(isSeen).map(({ pod }) => pod.task.slot));
  const before = lacks && !isMended ? Object.entries(status.failures ?? {}) : [];
  const told = new Map(
    before.flatMap(([text, its]) =>
      SLOT.test(text) && !seen.has(Number(text)) ? [[Number(text), its] as const] : [],
    ),
  );
  const next = new Map(told);
  for (const judged of lacks ? gone : []) {
    const { slot } = judged.pod.task;
    const its = failuresOf(judged);
    if (its && !held.has(slot) && its.count > (next.get(slot)?.count ?? 0)) next.set(slot, its);
  }
  return {
    failures: next.size === 0 ? undefined : Object.fromEntries(next),
    told,
    isKept: (judged) => {
      const { slot } = judged.pod.task;
      const count = failuresOf(judged)?.count ?? 0;
      return !lacks || held.has(slot) || count <= (told.get(slot)?.count ?? 0);
    },
  };
}

/** A slot whose servers failed and are gone, as it is filled again. */
export const reopenedBy = (slot: number, { count, signal }: SlotFailures, base: string): Reopened => ({
  slot,
  failures: count,
  after: signal,
  ended: `the server in slot ${slot} of ${base} failed and was cleared away`,
});

/** Failures that the next server starts with. One that somebody deleted after it had failed does not look as if it had. */
export const failuresAfter = (judged: Judged, told: Remembered['told']): number =>
  judged.action === 'retry'
    ? judged.failures
    : Math.max(judged.failures, told.get(judged.pod.task.slot)?.count ?? 0);
