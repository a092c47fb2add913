import type { Drafters } from '../snapshot/drafting.ts';
import type { FrameworkDraft } from '../snapshot/framework.ts';
import type { Hold } from '../snapshot/hold.ts';
import { frozenDraft } from '../snapshot/frozen.ts';
import type { Watch } from '../snapshot/slots.ts';
import type { Party } from './party.ts';
import type { Member } from './subjects.ts';

/** A draft, and what it follows from. */
interface Kept {
  readonly draft: FrameworkDraft;
  readonly workload: unknown;
  readonly hold: Hold | undefined;
  readonly version: number;
  /** When it was made, ms since the epoch. */
  readonly at: number;
}

/** Reads frameworks, and keeps what it read of one while nothing changed that it follows from. */
export class Drafts {
  readonly #drivers: Drafters;
  readonly #kept = new WeakMap<Party, Kept>();

  constructor(drivers: Drafters) {
    this.#drivers = drivers;
  }

  /** The draft of a framework. @param watch of this instant: it says the same of a node while its party has the same version */
  of({ subject, party }: Member, watch: Watch): FrameworkDraft {
    const { workload, hold, pods: _, ...identity } = subject;
    const kept = this.#kept.get(party);
    if (kept && kept.workload === workload && kept.version === party.version && isAlike(kept.hold, hold)) {
      // Time alone may change it, and a clock may go back.
      if (kept.at <= watch.now && watch.now < kept.draft.wakeAt) return kept.draft;
    }
    const driver = this.#drivers.get(identity.kind)!;
    const read = hold?.freezes
      ? frozenDraft(subject, driver.together(subject))
      : driver.draft(subject, watch);
    const draft = { ...identity, ...read };
    this.#kept.set(party, { draft, workload, hold, version: party.version, at: watch.now });
    return draft;
  }
}

const isAlike = (a: Hold | undefined, b: Hold | undefined): boolean =>
  a === b ||
  (a?.reason === b?.reason &&
    a?.message === b?.message &&
    a?.freezes === b?.freezes &&
    a?.holdsLaunched === b?.holdsLaunched);
