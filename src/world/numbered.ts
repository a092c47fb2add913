import { REASON } from '../api/conditions.ts';
import { append } from '../lib/unbounded.ts';
import type { DemandClass, Framework, FrameworkDraft } from '../snapshot/framework.ts';
import type { Hold } from '../snapshot/hold.ts';
import type { PodNames } from '../snapshot/pod-names.ts';
import { grantHold, type Account, type RoleAccounts } from '../snapshot/role-account.ts';
import type { Storage } from '../snapshot/volumes/storage.ts';
import type { TaskShape } from '../snapshot/workload.ts';
import { byClaims, type NamedClass } from './by-claims.ts';

/** The nodes that a class of a framework avoids. */
export type Avoids = (framework: FrameworkDraft, group: string, shape: TaskShape) => DemandClass['avoids'];

/** When a class looks at the nodes anew that it avoids, the next time after `now`, ms since the epoch. */
const nextTry = (avoids: DemandClass['avoids'], now: number): number =>
  Math.min(...[...avoids.values()].flatMap((a) => [a.closedUntil, a.until].filter((at) => at > now)));

/** What drafts do not know of themselves. */
export interface Numbering {
  readonly accounts: RoleAccounts;
  /** Where vacancies take their names: those of the first draft have the first choice. */
  readonly names: PodNames;
  readonly avoidsOf: Avoids;
  readonly storage: Pick<Storage, 'claims'>;
  /** ms since the epoch. */
  readonly now: number;
}

/** Gives frameworks and classes their numbers, and what is not read from the frameworks themselves. */
export function numbered(
  drafts: readonly FrameworkDraft[],
  { accounts, names, avoidsOf, storage, now }: Numbering,
): { frameworks: Framework[]; classes: DemandClass[] } {
  const classes: DemandClass[] = [];
  const frameworks = drafts.map((draft, index): Framework => {
    let { wakeAt } = draft;
    const own: DemandClass[] = [];
    const add = (c: NamedClass): void => {
      const avoids = avoidsOf(draft, c.group, c.shape);
      if (avoids.size > 0) wakeAt = Math.min(wakeAt, nextTry(avoids, now));
      const demandClass = { ...c, avoids, id: classes.length, framework: index };
      classes.push(demandClass);
      own.push(demandClass);
    };
    // Behind those of all groups, so that a group is found by its first class.
    const single: NamedClass[] = [];
    for (const c of draft.classes) {
      const named = { ...c, pending: c.pending.named(names) };
      if (c.shape.ownVolumes.length === 0) add(named);
      else {
        const [first, ...others] = byClaims(named, draft.metadata, storage);
        add(first);
        append(single, others);
      }
    }
    single.forEach(add);
    const account = accounts.of(draft.metadata.namespace ?? '', draft.role);
    const hold = withGrant(draft, account);
    return { ...draft, account, rolePath: account.path, hold, index, classes: own, wakeAt };
  });
  return { frameworks, classes };
}

/** Who has no right to the role that it names takes nothing more; what runs of it is not concerned. */
function withGrant(
  { makesPods, metadata, hold, classes }: FrameworkDraft,
  account: Account,
): Hold | undefined {
  const lacks = classes.some(({ pending }) => pending.length > 0);
  if (!lacks || hold?.reason === REASON.unsupported) return hold;
  return grantHold(makesPods, metadata.namespace ?? '', account) ?? hold;
}
