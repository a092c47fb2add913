import type { Command } from '../plan/command.ts';

/** A create or binding that fails is given so many tries, or so long (ms), before it counts as in trouble. */
const TRIES = 3;
const PATIENCE_MS = 5000;

/**
 * Creates and bindings that fail again and again (a dead admission webhook, a broken etcd) and are still being tried, since they may
 * have come to something all the same. Until one of them is answered its framework is in trouble, and people are told.
 */
export class Troubles {
  readonly #messages = new Map<Command, string>();

  /**
   * A try of a create failed, and another will be made.
   * @param tries so far
   * @param sinceMs since the first of them began
   * @returns true when the create is in trouble from now on
   */
  failed(command: Command, message: string, tries: number, sinceMs: number): boolean {
    if (tries < TRIES && sinceMs < PATIENCE_MS) return false;
    const known = this.#messages.has(command);
    this.#messages.set(command, message);
    return !known;
  }

  /** A create was answered, or given up. @returns true when it was in trouble until now */
  over(command: Command): boolean {
    return this.#messages.delete(command);
  }

  /** How many creates are in trouble. */
  get size(): number {
    return this.#messages.size;
  }

  /** Forgets everything. */
  clear(): void {
    this.#messages.clear();
  }

  /** What the API server said last to the create that has been in trouble longest, by framework id. */
  byFramework(): Map<string, string> {
    const out = new Map<string, string>();
    for (const [{ framework }, message] of this.#messages)
      if (!out.has(framework.id)) out.set(framework.id, message);
    return out;
  }
}
