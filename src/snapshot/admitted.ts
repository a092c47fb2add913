import { REASON } from '../api/conditions.ts';
import { withAdmission, type Admission } from './admission.ts';
import type { FrameworkDraft } from './framework.ts';
import type { Hold } from './hold.ts';
import type { Ranked } from './named-classes.ts';
import type { Meta } from './reading/objects.ts';
import type { TaskShape, Workload } from './workload.ts';

/** What is known of a class of Pods that we make: of what the API server makes of them. */
export interface Admitted {
  /** Undefined while nobody has said so. */
  readonly admission: Admission | undefined;
  /** When the API server said so first, and last, ms since the epoch. */
  readonly since: number;
  readonly at: number;
  /** When the API server was asked, ms since the epoch; undefined when it has answered. */
  readonly askedAt: number | undefined;
  /** It cannot be asked, since an admission webhook takes no dry runs: the first Pod that is made tells. */
  readonly mute: boolean;
}

/** By admissionKey(). */
export type AdmittedClasses = ReadonlyMap<string, Admitted>;

/** Names a class of Pods of a pool or job in all cycles: its workload, its group and the revision of its template. */
export const admissionKey = ({ uid = '' }: Meta, group: string, { revision }: TaskShape): string =>
  `${uid}/${group}/${revision}`;

/** How long an answer that changed the Pods of a class stands while they wait, ms: its cause may be gone by then. */
const ASK_AGAIN_MS = 30_000;

/**
 * Those of whom the API server was asked together are served together, lest the one whose answer comes first takes all the
 * room: a first answer waits so long for the others, ms from their questions on.
 */
const TOGETHER_MS = 250;

/** The hold of a framework of which nobody knows yet what its Pods become. */
const ASKING: Hold = {
  reason: REASON.scheduling,
  message: 'the API server is asked what its Pods become',
};

/** Whether a framework takes no offers because the API server was asked, or is about to be, what its Pods become. */
export const isAsking = (hold: Hold | undefined): boolean => hold === ASKING;

const isUnknown = (known: Admitted | undefined): boolean => !known?.admission && !known?.mute;

/** What the API server makes of the Pods of each group of a workload, as far as somebody knows. */
export const admissionsOf = (
  { metadata, groups }: Workload,
  classes: AdmittedClasses,
): (Admission | undefined)[] =>
  groups.map(({ name, shape }) => classes.get(admissionKey(metadata, name, shape))?.admission);

/** A workload with what the API server makes of its Pods. @param admissions from admissionsOf() */
export function admittedWorkload(workload: Ranked, admissions: readonly (Admission | undefined)[]): Ranked {
  const groups = workload.groups.map(({ name, shape }, g) => {
    const admission = admissions[g];
    return { name, shape: admission ? withAdmission(shape, admission) : shape };
  });
  return { ...workload, groups };
}

/**
 * Holds a framework that lacks Pods of which nobody knows what they become: it would be placed, and others evicted for
 * it, by what its template says.
 * @param openSince from openQuestions()
 */
export function heldUntilKnown(
  draft: FrameworkDraft,
  classes: AdmittedClasses,
  openSince: number,
): FrameworkDraft {
  let { hold, wakeAt } = draft;
  for (const { pending, group, shape } of draft.classes) {
    if (pending.length === 0) continue;
    const known = classes.get(admissionKey(draft.metadata, group, shape));
    if (isUnknown(known)) hold ??= ASKING;
    else if (known && known.since >= openSince) {
      hold ??= ASKING;
      wakeAt = Math.min(wakeAt, openSince + TOGETHER_MS);
    } else if (mayHaveChanged(known)) wakeAt = Math.min(wakeAt, known.at + ASK_AGAIN_MS);
  }
  return { ...draft, hold, wakeAt };
}

/** When the API server was asked what nobody knows yet, ms since the epoch; Infinity when first answers wait for none. @param now ms since the epoch */
export function openQuestions(classes: AdmittedClasses, now: number): number {
  let since = Infinity;
  for (const known of classes.values()) {
    const { askedAt = Infinity } = known;
    // The clock may have gone back: a question of the future would hold answers until then.
    if (isUnknown(known) && askedAt > now - TOGETHER_MS && askedAt <= now) since = Math.min(since, askedAt);
  }
  return since;
}

/** An answer is asked for again when it changed the Pods: what waits because of it would wait for ever else. */
const mayHaveChanged = (known: Admitted | undefined): known is Admitted =>
  known?.admission !== undefined && known.admission.changes.length > 0 && known.askedAt === undefined;

/** Whether the API server is to be asked now what Pods of a class become that wait. @param now ms since the epoch */
export function isToBeAsked(known: Admitted | undefined, now: number): boolean {
  if (isUnknown(known)) return known?.askedAt === undefined;
  return mayHaveChanged(known) && known.at + ASK_AGAIN_MS <= now;
}

/** Whether nothing but what admission added keeps a shape from being placed. */
export const isBarredByAdmission = (shape: TaskShape, known: Admitted | undefined): boolean =>
  shape.unsupported.length > 0 && shape.unsupported.length === known?.admission?.unsupported.length;
