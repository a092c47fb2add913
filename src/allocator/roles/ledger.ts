import { addAt } from '../resources/amounts.ts';
import type { Bundle, Resources } from '../resources/resource-bundle.ts';

/** Sums of scalars by name over many allocations; a shared thing counts once per agent, however many copies are out. */
export class Ledger {
  /** Thousandths by column. */
  readonly allocated: number[] = [];
  /** Copies of shared things, by agent and kind; most ledgers have none. */
  shared: Map<string, number> | null = null;

  /** @param agent scopes shared things @param times how often the bundle is added */
  add(agent: string, { items }: Bundle, times = 1): void {
    // No iterator: this runs for every allocation, at every node above it.
    for (let i = 0; i < items.length; i++) {
      const { kind, amount } = items[i]!;
      if (kind.type !== 'scalar') continue;
      if (kind.shared) {
        const key = `${agent}\u0000${kind.id}`;
        this.shared ??= new Map();
        const copies = this.shared.get(key) ?? 0;
        this.shared.set(key, copies + times);
        if (copies === 0) addAt(this.allocated, kind.column, amount);
      } else addAt(this.allocated, kind.column, amount * times);
    }
  }

  /** Takes back what was added before. */
  subtract(agent: string, resources: Resources): void {
    const { items } = resources;
    for (let i = 0; i < items.length; i++) {
      const { kind, amount } = items[i]!;
      if (kind.type !== 'scalar') continue;
      if (kind.shared) {
        const key = `${agent}\u0000${kind.id}`;
        const copies = this.shared?.get(key) ?? 0;
        if (copies > 1) {
          this.shared!.set(key, copies - 1);
          continue;
        }
        this.shared?.delete(key);
      }
      addAt(this.allocated, kind.column, -amount);
    }
  }
}
