import { REASON } from '../api/conditions.ts';
import { Avoidance } from '../recovery/avoidance.ts';
import type { Hold } from '../snapshot/hold.ts';
import { GiveWayMemory } from './give-way-memory.ts';
import type { Quarantine } from './quarantine.ts';
import { Refusals } from './refusals.ts';

/** What the loop remembers of frameworks from one cycle to the next, and what of it holds them. */
export class Memory {
  /** Whose Pods the API server refuses. */
  readonly refusals = new Refusals();
  /** Whose Pods admission makes otherwise than before: each time they wait longer, lest a whim is a hot loop. */
  readonly changes = new Refusals('admission makes its Pods otherwise than before, they are placed anew');
  readonly giving = new GiveWayMemory();
  readonly avoidance = new Avoidance();
  readonly quarantine: Quarantine;
  /** Servers recreated over the life of each pool, by the pool's UID; what its status says where there is no entry. */
  readonly recovered = new Map<string, number>();

  constructor(quarantine: Quarantine) {
    this.quarantine = quarantine;
  }

  /** The spec of a framework changed, or it is gone: it is tried anew. @param id of the framework */
  cleared(id: string): void {
    for (const each of [this.refusals, this.changes, this.quarantine]) each.cleared(id);
  }

  /** Leadership ended: what others do meanwhile we do not see. */
  stop(): void {
    this.recovered.clear();
    this.giving.clear();
  }

  /**
   * Frameworks that take no offers, by id: the API server refuses their Pods or does not take them, or they gave way.
   * @param now ms since the epoch @param troubles what the API server says of Pods that it does not take, by framework id
   */
  holds(now: number, troubles: ReadonlyMap<string, string>): Map<string, Hold> {
    const holds = new Map([
      ...this.giving.holds(now),
      ...this.changes.holds(now),
      ...this.refusals.holds(now),
    ]);
    for (const [id, said] of troubles) {
      const message = `the API server does not take a Pod, which is tried again and again: ${said}`;
      holds.set(id, { reason: REASON.api, message, holdsLaunched: true });
    }
    return holds;
  }
}
