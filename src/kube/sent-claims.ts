import type { ClaimCommand } from '../plan/command.ts';

const keyOf = ({ namespace, name }: ClaimCommand): string => `${namespace}/${name}`;

/** What a command says, and of which state of which objects. */
const textOf = ({ resourceVersion, node, volume }: ClaimCommand): string =>
  [resourceVersion, node, volume?.name ?? '', volume?.resourceVersion ?? ''].join(' ');

/**
 * What was said for claims and the watch has not shown: until it does, cycles decide the same again. A command on a newer
 * state of its objects is another one.
 */
export class SentClaims {
  readonly #sent = new Map<string, string>();

  /** Whether a command has not been sent yet; it is from now on. */
  send(command: ClaimCommand): boolean {
    const [key, text] = [keyOf(command), textOf(command)];
    if (this.#sent.get(key) === text) return false;
    this.#sent.set(key, text);
    return true;
  }

  /** A command came to nothing: it may be sent again. */
  failed(command: ClaimCommand): void {
    if (this.#sent.get(keyOf(command)) === textOf(command)) this.#sent.delete(keyOf(command));
  }

  /** Forgets everything: another leader decides now. */
  clear(): void {
    this.#sent.clear();
  }
}
