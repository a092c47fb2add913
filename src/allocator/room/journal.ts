/** How to undo what was done since begin(): nothing of it, or all. Transactions may lie in each other. */
export class Journal {
  readonly #undos: (() => void)[] = [];
  /** Where each open transaction begins, the outermost first. */
  readonly #begins: number[] = [];

  /** From now on changes can be rolled back. */
  begin(): void {
    this.#begins.push(this.#undos.length);
  }

  /** Notes how to undo a change that was just made; nobody needs that outside of a transaction. */
  note(undo: () => void): void {
    if (this.#begins.length > 0) this.#undos.push(undo);
  }

  /** What was done since begin() stands, unless the transaction around it is rolled back. */
  commit(): void {
    this.#begins.pop();
    if (this.#begins.length === 0) this.#undos.length = 0;
  }

  /** Undoes all since begin(), the last first. */
  rollBack(): void {
    const begin = this.#begins.pop()!;
    while (this.#undos.length > begin) this.#undos.pop()!();
  }
}
