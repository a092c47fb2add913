import { firstOf } from './chop.ts';
import { Resources, type Item } from './resource-bundle.ts';

/** What one task takes, by column. */
export type TaskAmounts = readonly (readonly [column: number, amount: number])[];

/** Whether a bundle, reserved or not, is exactly what one task takes. */
export function isTask({ items }: Resources, amounts: TaskAmounts): boolean {
  const sums = new Map<number, number>();
  for (const { kind, amount } of items) sums.set(kind.column, (sums.get(kind.column) ?? 0) + amount);
  return sums.size === amounts.length && amounts.every(([column, amount]) => sums.get(column) === amount);
}

/**
 * What an agent has for tasks of one shape: for each amount that a task takes, the things that it can be taken from,
 * those reserved for the role first. What is revocable, shared or only comes whole does not serve.
 */
export class TaskRoom {
  /** How many tasks there is room for. */
  readonly tasks: number;
  /** For each measured amount of a task, how much of what serves it is reserved. */
  readonly reserved: readonly number[];
  readonly #amounts: TaskAmounts;
  readonly #serving: readonly (readonly Item[])[];

  /**
   * @param view what the agent has for the role
   * @param isMeasured whether a name is one of scalars in this cluster, else of ranges or sets
   */
  constructor(view: Resources, amounts: TaskAmounts, isMeasured: (column: number) => boolean) {
    this.#amounts = amounts;
    this.#serving = amounts.map(([wanted]) => {
      const serving = view.items.filter(
        ({ kind }) =>
          kind.column === wanted &&
          (kind.type === 'scalar') === isMeasured(wanted) &&
          !kind.revocable &&
          !kind.whole,
      );
      return [...serving.filter(isReserved), ...serving.filter((item) => !isReserved(item))];
    });
    this.tasks = Math.min(...amounts.map(([, amount], i) => Math.floor(sum(this.#serving[i]!) / amount)));
    this.reserved = amounts.flatMap(([column], i) =>
      isMeasured(column) ? [sum(this.#serving[i]!.filter(isReserved))] : [],
    );
  }

  /** What so many tasks take. */
  take(tasks: number): Resources {
    return Resources.of(
      this.#amounts.flatMap(([, amount], i) => {
        let left = amount * tasks;
        return this.#serving[i]!.flatMap((item) => {
          const taken = Math.min(left, item.amount);
          left -= taken;
          return taken === 0 ? [] : [firstOf(item, taken)];
        });
      }),
    );
  }
}

const isReserved = ({ kind }: Item): boolean => kind.reservedTo !== '';

const sum = (items: readonly Item[]): number => items.reduce((total, { amount }) => total + amount, 0);
