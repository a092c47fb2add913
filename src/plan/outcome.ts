import { REASON, type Reason } from '../api/conditions.ts';
import type { Allocation } from '../allocator/allocate.ts';
import type { Taken } from '../allocator/placing/room.ts';
import { explainShortage, type Explanation } from '../matrix/explain.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { RuleBook } from '../matrix/rules/rule-book.ts';
import type { VolumeBook } from '../matrix/volumes/volume-book.ts';
import type { Snapshot } from '../snapshot/build.ts';
import type { Framework } from '../snapshot/framework.ts';
import { avoidNote } from './avoid-note.ts';
import { claimNote, explainBudget, explainClaims } from './claim-note.ts';
import { priorityNote } from './priority-note.ts';
import { debts, explainRefusal } from './quota-refusal.ts';
import { roleNotes } from './role-note.ts';
import { turnNotes } from './turn-note.ts';
import { explainVolumeWait } from './volume-wait.ts';

/** How a framework came out of a cycle. */
export interface FrameworkOutcome {
  readonly framework: Framework;
  /** Tasks launched in this cycle. */
  readonly launched: number;
  /** Tasks that still wait for an offer, or for the API server to take them. */
  readonly waiting: number;
  /** The latter of those. */
  readonly untaken: number;
  /** The layer that holds the waiting tasks; undefined when none waits. */
  readonly held: Explanation | undefined;
  /** What its owner may not know of its role, its priority and the nodes that it avoids; undefined when nothing. */
  readonly note: string | undefined;
}

/** Sums a cycle up, framework by framework, with a reason for every task that waits. */
export function outcomes(snapshot: Snapshot, matrices: Matrices, allocation: Allocation): FrameworkOutcome[] {
  const launched = new Map<number, number>();
  for (const { offer } of allocation.launches)
    launched.set(offer.framework, (launched.get(offer.framework) ?? 0) + 1);
  const rowOf = new Map(matrices.classes.map((c, row) => [c.id, row]));
  const supply = allocation.supply.slice();
  const rules = allocation.rules?.fork();
  const volumes = allocation.volumes?.fork();
  const owed = debts(snapshot);
  const roleNote = roleNotes(snapshot);
  const noteOf = (framework: Framework): string | undefined =>
    [roleNote(framework), priorityNote(framework), avoidNote(framework)]
      .filter((note) => note !== undefined)
      .join('; ') || undefined;
  const turnOf = turnNotes(snapshot);

  return snapshot.frameworks.map((framework): FrameworkOutcome => {
    const pending = framework.classes.reduce((sum, c) => sum + c.pending.length, 0);
    const done = launched.get(framework.index) ?? 0;
    const waiting = pending - done;
    const base = { framework, launched: done, waiting, untaken: 0, note: noteOf(framework) };
    if (framework.hold) {
      const untaken = untakenOf(framework);
      return { ...base, waiting: waiting + untaken, untaken, held: framework.hold };
    }
    if (waiting === 0) return { ...base, held: undefined };
    const awaiting = allocation.awaiting.filter(({ launch }) => launch.offer.framework === framework.index);
    if (awaiting.length === waiting) return { ...base, held: explainVolumeWait(awaiting, snapshot) };
    const rest = (): Explanation => {
      const refused = allocation.refused.get(framework.index);
      if (refused) return explainRefusal(refused, framework, snapshot, owed);
      const declined = allocation.declined.get(framework.index);
      const offered = allocation.givenBack.get(framework.index) ?? [];
      const row = blockedRow(framework, rowOf, offered);
      // The members of a gang that found room leave less for the one that did not: that is what it has to be told.
      move(supply, matrices, [rules, volumes], offered, -1);
      const shortage = explainShortage(snapshot, matrices, row, supply, rules, volumes);
      move(supply, matrices, [rules, volumes], offered, 1);
      if (declined === undefined) {
        const turn = shortage.reason === REASON.resources ? turnOf(framework) : '';
        return { ...shortage, message: `${shortage.message}${turn}` };
      }
      return { reason: REASON.gang, message: `${declined}; for the next one ${shortage.message}` };
    };
    const blocked = allocation.blocked.get(framework.index);
    if (blocked !== undefined) return { ...base, held: explainBudget(blocked) };
    const note = claimNote(framework, allocation, snapshot);
    return { ...base, held: note ? explainClaims(note, waiting, rest) : rest() };
  });
}

/** Launched tasks that the API server does not take, and has not taken: they have no identity yet. */
const untakenOf = ({ hold, live }: Framework): number =>
  hold?.holdsLaunched ? live.filter((pod) => pod.uid === '').length : 0;

/** Row of the first class that was not offered room for all that it lacks. */
function blockedRow(
  framework: Framework,
  rowOf: ReadonlyMap<number, number>,
  offered: readonly Taken[],
): number {
  const lacking = framework.classes.filter((c) => c.pending.length > 0);
  const blocked = lacking.find(({ id, pending }) => {
    const row = rowOf.get(id);
    const found = offered.reduce((sum, taken) => sum + (taken.row === row ? taken.tasks : 0), 0);
    return found < pending.length;
  });
  return rowOf.get((blocked ?? lacking[0]!).id)!;
}

/** Takes what was offered out of S and counts it in the books (sign -1), or puts it back (1). */
function move(
  supply: Int32Array,
  matrices: Matrices,
  books: readonly (RuleBook | VolumeBook | undefined)[],
  offered: readonly Taken[],
  sign: 1 | -1,
): void {
  const { demand, classes } = matrices;
  const R = demand.length / classes.length;
  for (const { agent, row, tasks } of offered) {
    for (const book of books) book?.place(row, agent, -sign * tasks);
    for (let r = 0; r < R; r++) supply[agent * R + r]! += sign * tasks * demand[row * R + r]!;
  }
}

/** Tasks that wait, by the layer that holds them. */
export function waitingByLayer(all: readonly FrameworkOutcome[]): Map<Reason, number> {
  const out = new Map<Reason, number>();
  for (const { waiting, held, framework } of all) {
    if (held && waiting > 0) out.set(held.reason, (out.get(held.reason) ?? 0) + waiting);
    if (framework.backingOff > 0)
      out.set(REASON.backoff, (out.get(REASON.backoff) ?? 0) + framework.backingOff);
  }
  return out;
}
