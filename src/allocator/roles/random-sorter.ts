import { Prng } from '../../lib/prng.ts';
import type { SorterNode, Client } from './sorter-node.ts';
import { SorterTree } from './sorter-tree.ts';
import type { Sorter } from './sorter.ts';

/** Relative weights as whole numbers, whose sum is about this, so that sums are exact. */
const LOTS = 2 ** 40;

/**
 * Draws the active clients one after another, each with a chance by its weight relative to its siblings', times
 * that of its ancestors. A draw costs time logarithmic in the count; who is not reached is not drawn.
 * Source: Efraimidis and Spirakis, "Weighted random sampling" (2006), whose order has the same chances.
 */
export class RandomSorter<T> extends SorterTree<T> implements Sorter<T> {
  #stale = true;
  /** Active leaves by path, with their lots, and sums of lots as a binary indexed tree. */
  #leaves: SorterNode<T>[] = [];
  #lots: number[] = [];
  #sums: number[] = [0];
  #left = 0;
  #drawn: number[] = [];
  #random = new Prng(0);

  activate(client: Client<T>): void {
    this.#stale ||= !client.node.active;
    client.node.active = true;
  }

  deactivate(client: Client<T>): void {
    this.#stale ||= client.node.active;
    client.node.active = false;
  }

  start(...keys: readonly number[]): void {
    if (this.#stale) this.#gather();
    else for (const index of this.#drawn) this.#put(index, this.#lots[index]!);
    this.#drawn.length = 0;
    this.#random = new Prng(...keys);
  }

  next(marks: number): Client<T> | null {
    while (this.#left > 0) {
      const { node } = this.#draw();
      if ((node.marks & marks) !== 0) return node.client;
    }
    return null;
  }

  /** One: who comes next is drawn anew each time. */
  turn(): number {
    return 1;
  }

  protected override touched(): void {}

  protected override reshaped(): void {
    this.#stale = true;
  }

  #draw(): { readonly node: SorterNode<T> } {
    const high = this.#random.next();
    const fraction = (high * 2 ** 21 + (this.#random.next() >>> 11)) / 2 ** 53;
    let ticket = Math.floor(fraction * this.#left);
    let index = 0;
    for (let step = 2 ** Math.floor(Math.log2(this.#lots.length)); step >= 1; step /= 2) {
      const sum = this.#sums[index + step];
      if (sum !== undefined && sum <= ticket) {
        index += step;
        ticket -= sum;
      }
    }
    this.#put(index, -this.#lots[index]!);
    this.#drawn.push(index);
    return { node: this.#leaves[index]! };
  }

  #put(index: number, lots: number): void {
    this.#left += lots;
    for (let at = index + 1; at <= this.#lots.length; at += at & -at) this.#sums[at] = this.#sums[at]! + lots;
  }

  #gather(): void {
    this.#stale = false;
    const found: { node: SorterNode<T>; lots: number }[] = [];
    collect(this.root, 1, found);
    found.sort((a, b) => (a.node.path < b.node.path ? -1 : 1));
    this.#leaves = found.map(({ node }) => node);
    this.#lots = found.map(({ lots }) => lots);
    this.#sums = Array.from({ length: found.length + 1 }, () => 0);
    this.#left = 0;
    for (const [index, lots] of this.#lots.entries()) this.#put(index, lots);
  }
}

const isActive = <T>(node: SorterNode<T>): boolean =>
  node.isLeaf ? node.active : [...node.children!.values()].some(isActive);

function collect<T>(
  node: SorterNode<T>,
  weight: number,
  found: { node: SorterNode<T>; lots: number }[],
): void {
  const taking = [...node.children!.values()].filter(isActive);
  // In the order of names, so that the sum does not hang on who came first.
  taking.sort((a, b) => (a.name < b.name ? -1 : 1));
  let sum = 0;
  for (const child of taking) sum += child.weight;
  for (const child of taking) {
    const relative = (weight * child.weight) / sum;
    if (child.isLeaf) found.push({ node: child, lots: Math.max(1, Math.round(relative * LOTS)) });
    else collect(child, relative, found);
  }
}
