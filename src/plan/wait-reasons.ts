import { REASON } from '../api/conditions.ts';
import type { Allocation } from '../allocator/allocate.ts';
import { fitsEmpty } from '../matrix/cells/capacity.ts';
import { likeness } from '../matrix/alike.ts';
import { explainShortage, type Explanation } from '../matrix/explain.ts';
import type { Matrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { shownId } from '../snapshot/framework-id.ts';
import { neededBy, type DemandClass, type Framework } from '../snapshot/framework.ts';
import { explainBudget, explainNominations, nominationNote } from './nomination-note.ts';
import { debts, explainRefusal } from './quota-refusal.ts';
import { turnNotes } from './turn-note.ts';
import { explainVolumeWait } from './volume-wait.ts';

/**
 * Says what holds the tasks of a cycle that take offers and got none, class by class.
 * @param lacking how many tasks of a class wait after the cycle
 * @returns explains classes of a framework that wait for the same reason: all of a gang, or one
 */
export function waitReasons(
  snapshot: Snapshot,
  matrices: Matrices,
  allocation: Allocation,
  lacking: (demandClass: DemandClass) => number,
): (framework: Framework, classes: readonly DemandClass[]) => Explanation {
  const rowOf = new Map(matrices.classes.map((c, row) => [c.id, row]));
  const { rest } = allocation;
  const owed = debts(snapshot);
  const awaiting = Map.groupBy(allocation.awaiting, ({ launch }) => launch.offer.demandClass.id);
  const fitting = new Map<number, boolean>();
  const canFit = ({ id }: DemandClass): boolean => {
    const fits = fitting.get(id) ?? fitsEmpty(snapshot, matrices, rowOf.get(id)!);
    fitting.set(id, fits);
    return fits;
  };
  const turnOf = turnNotes(snapshot, ({ hold, gang, classes }) => {
    const open = classes.filter((c) => !c.hold && c.pending.length > 0);
    return !hold && open.length > 0 && (gang ? open.every(canFit) : open.some(canFit));
  });
  const keptFor = [...allocation.kept.keys()].map((each) => shownId(snapshot.frameworks[each]!.id));
  const keptNote = keptFor.length === 0 ? '' : `; room is kept for ${keptFor.join(', ')}, after a long wait`;
  const shortageOf = (row: number) => explainShortage(snapshot, matrices, row, rest);
  /** Of classes that only rules about other Pods could tell apart, when there are none: Pods with labels of their own. */
  const known = new Map<string, Explanation>();
  const sharedShortage = (demandClass: DemandClass, rolePath: string): Explanation => {
    const row = rowOf.get(demandClass.id)!;
    // What is said of volumes names them.
    const volumes = demandClass.shape.claims.length === 0 ? '' : undefined;
    const like = likeness(demandClass, rolePath, rest.rules !== undefined, volumes);
    if (like === undefined) return shortageOf(row);
    const shortage = known.get(like) ?? shortageOf(row);
    known.set(like, shortage);
    return shortage;
  };

  return (framework, classes) => {
    const { index, rolePath, makesPods } = framework;
    const tasks = classes.reduce((sum, c) => sum + lacking(c), 0);
    const open = classes.flatMap(({ id }) => awaiting.get(id) ?? []);
    if (open.length === tasks) return explainVolumeWait(open, snapshot);
    const misfit = classes.find((c) => !canFit(c));
    const otherwise = (): Explanation => {
      const refused = classes.map(({ id }) => allocation.refused.get(id)).find((each) => each !== undefined);
      if (refused && !misfit) return explainRefusal(refused, framework, snapshot, owed);
      const declined = allocation.declined.get(index);
      if (declined === undefined) {
        const shortage = sharedShortage(misfit ?? classes[0]!, rolePath);
        const turn = shortage.reason === REASON.resources && !misfit ? `${turnOf(framework)}${keptNote}` : '';
        return { ...shortage, message: `${shortage.message}${turn}` };
      }
      // Nodes elsewhere may have all the room that there is.
      if (framework.near?.isRequired && !misfit) return { reason: REASON.gang, message: declined };
      const kept = allocation.kept.get(index);
      const offered = allocation.givenBack.get(index) ?? [];
      const found = ({ id }: DemandClass): number =>
        offered.reduce((sum, taken) => sum + (taken.row === rowOf.get(id) ? taken.tasks : 0), 0);
      const blocked = misfit ?? classes.find((c) => found(c) < neededBy(c)) ?? classes[0]!;
      const next = makesPods ? '' : ` (${blocked.pending.at(found(blocked))?.name})`;
      // The members of a gang that found room leave less for the one that did not: that is what it has to be told.
      const shortage = rest.during(kept ? [] : offered, () => shortageOf(rowOf.get(blocked.id)!));
      const waits = kept ? '; after its long wait room that frees is kept for it' : keptNote;
      return {
        reason: REASON.gang,
        message: `${declined}; for the next one${next} ${shortage.message}${waits}`,
      };
    };
    const budget = allocation.blocked.get(index);
    if (budget !== undefined && !misfit) return explainBudget(budget);
    const note = nominationNote(classes, allocation, snapshot);
    return note ? explainNominations(note, tasks, otherwise) : otherwise();
  };
}
