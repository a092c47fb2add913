import type { Command, CreateCommand } from '../plan/command.ts';
import { append } from '../lib/unbounded.ts';

/** The creates of one framework that wait until the API server has said what it makes of their Pods. */
interface Party {
  /** With deletions that are to come after them. */
  readonly commands: Command[];
  /** Classes that were asked about and have no answer yet. */
  readonly open: Set<string>;
}

/**
 * Creates that are sent when what their Pods become is known, all those of a framework together: a gang is made as a whole
 * or not at all.
 */
export class Scouted {
  readonly #parties = new Map<string, Party>();

  /** Keeps creates of one framework until their classes are answered for. @param open keys of the classes */
  keep(creates: readonly CreateCommand[], open: Iterable<string>): void {
    const { id } = creates[0]!.framework;
    const party = this.#parties.get(id) ?? { commands: [], open: new Set<string>() };
    this.#parties.set(id, party);
    append(party.commands, creates);
    for (const key of open) party.open.add(key);
  }

  /**
   * Whether a command is kept because it comes after creates that are. A Pod that carries a slot's count of failures must
   * not go before the Pod that takes the count over.
   */
  follows(command: Command): boolean {
    const party = this.#parties.get(command.framework.id);
    if (party === undefined || command.kind !== 'delete' || command.reason !== 'Replaced') return false;
    party.commands.push(command);
    return true;
  }

  /** A class of a framework was answered for. @returns what may be sent now */
  answered(framework: string, key: string): readonly Command[] {
    const party = this.#parties.get(framework);
    party?.open.delete(key);
    return party?.open.size === 0 ? this.giveUp(framework) : [];
  }

  /** Keeps nothing of a framework any more. @returns what was kept */
  giveUp(framework: string): readonly Command[] {
    const { commands = [] } = this.#parties.get(framework) ?? {};
    this.#parties.delete(framework);
    return commands;
  }

  /** Forgets everything. */
  clear(): void {
    this.#parties.clear();
  }
}
