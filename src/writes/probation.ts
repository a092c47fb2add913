import type { PlacingCommand } from '../plan/command.ts';

interface Suspect {
  /** The create that was sent to find out; undefined while there is none. */
  probe: PlacingCommand | undefined;
  waiting: PlacingCommand[];
}

/**
 * Frameworks whose last create or binding was refused, or fails again and again. Of their next plan one create goes first and the others wait for its
 * answer, so that a quota that is used up costs one request a try, however large the pool is.
 */
export class Probation {
  readonly #suspects = new Map<string, Suspect>();

  /** Whether the create may be sent now; if not, it is kept until passed() or refused() gives it back. */
  admit(command: PlacingCommand): boolean {
    const suspect = this.#suspects.get(command.framework.id);
    if (!suspect) return true;
    if (suspect.probe) {
      suspect.waiting.push(command);
      return false;
    }
    suspect.probe = command;
    return true;
  }

  /** Nobody knows what comes of a framework's creates: one goes first. */
  doubt(framework: string): void {
    if (!this.#suspects.has(framework)) this.#suspects.set(framework, { probe: undefined, waiting: [] });
  }

  /** A create fails and is tried on: those of its framework that were not sent wait for what comes of it. */
  suspect(command: PlacingCommand): void {
    const { id } = command.framework;
    const suspect = this.#suspects.get(id);
    if (!suspect?.probe) this.#suspects.set(id, { probe: command, waiting: suspect?.waiting ?? [] });
  }

  /** A create came to something, or to nothing by chance. @returns the creates that waited for it */
  passed(command: PlacingCommand): PlacingCommand[] {
    const { id } = command.framework;
    const suspect = this.#suspects.get(id);
    // Others were on their way before the first refusal and say nothing about the next.
    if (suspect?.probe !== command) return [];
    this.#suspects.delete(id);
    return suspect.waiting;
  }

  /** A create of a framework was refused. @returns the creates that waited, to be given up */
  refused(id: string): PlacingCommand[] {
    const waiting = this.#suspects.get(id)?.waiting ?? [];
    this.#suspects.set(id, { probe: undefined, waiting: [] });
    return waiting;
  }

  /** Forgets everything. */
  clear(): void {
    this.#suspects.clear();
  }
}
