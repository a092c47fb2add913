import { ShareGrowth } from './dominant-share.ts';
import { comesBefore, type SorterNode, type Client } from './sorter-node.ts';
import type { Sorter } from './sorter.ts';
import type { Bundle } from '../resources/resource-bundle.ts';
import type { SorterTotals } from './sorter-totals.ts';
import { SorterTree, spreadMarks } from './sorter-tree.ts';

/** Below this part of the nodes to move, moving each is cheaper than sorting all. */
const REBUILD_PART = 1 / 8;
/** A list of dirty nodes up to this long is kept for reuse. */
const LONGEST_KEPT = 64;

/**
 * Dominant resource fairness over a tree: siblings stand by their largest share of the total of any resource,
 * divided by their weight, then by how often they were served, then by path. Nothing moves until a walk starts.
 * Source: Ghodsi et al., "Dominant Resource Fairness" (NSDI 2011), and Mesos' sorter.
 */
export class DrfSorter<T> extends SorterTree<T> implements Sorter<T> {
  /** Nodes to be put into their places: the first `#dirtyCount`; emptying the list would free and remake it all the time. */
  readonly #dirty: SorterNode<T>[] = [];
  #dirtyCount = 0;
  #version: number;
  #at: SorterNode<T> | null = null;
  #started = false;

  constructor(totals: SorterTotals, excluded?: ReadonlySet<number>) {
    super(totals, excluded);
    this.#version = totals.version;
  }

  activate(client: Client<T>): void {
    if (client.node.active) return;
    client.node.active = true;
    this.touched(client.node);
  }

  deactivate(client: Client<T>): void {
    const { node } = client;
    if (!node.active) return;
    node.active = false;
    if (node.placed) {
      node.parent!.order!.remove(node);
      spreadMarks(node.parent!);
    }
  }

  start(): void {
    this.#settle();
    this.#at = null;
    this.#started = false;
  }

  next(marks: number): Client<T> | null {
    let node: SorterNode<T> | null;
    if (this.#started) {
      if (this.#at === null) return null;
      node = this.#after(this.#at, marks);
    } else {
      this.#started = true;
      node = this.root.order!.first(marks);
    }
    while (node !== null && !node.isLeaf) node = node.order!.first(marks) ?? this.#after(node, marks);
    this.#at = node;
    return node === null ? null : node.client;
  }

  /** Paths of the active clients, first to last. */
  order(): string[] {
    this.#settle();
    const paths: string[] = [];
    const visit = (node: SorterNode<T>): void => {
      if (node.client === null) for (const child of node.order!.list()) visit(child);
      else paths.push(node.client.path);
    };
    visit(this.root);
    return paths;
  }

  turn(client: Client<T>, { items }: Bundle, most: number, marks: number): number {
    let turn = most;
    for (let { node } = client; node.parent !== null && turn > 1; node = node.parent) {
      const siblings = node.parent.order!;
      const first = siblings.first(marks);
      const rival = first === node ? siblings.after(node, marks) : first;
      if (rival === null || rival.rank < node.rank) continue;
      const growth = new ShareGrowth(node.allocated, items, this.totals.amounts, node.weight, this.excluded);
      turn = runLength(turn, (times) => {
        const share = growth.after(times);
        if (share !== rival.share) return share < rival.share;
        const count = node.count + times;
        return count < rival.orderedCount || (count === rival.orderedCount && node.path < rival.path);
      });
    }
    return turn;
  }

  /** The node after one and all below it, in walking order. */
  #after(from: SorterNode<T>, marks: number): SorterNode<T> | null {
    for (let node = from; node.parent !== null; node = node.parent) {
      const after = node.parent.order!.after(node, marks);
      if (after !== null) return after;
    }
    return null;
  }

  protected override touched(node: SorterNode<T>): void {
    if (node.dirty || node.parent === null) return;
    node.dirty = true;
    this.#dirty[this.#dirtyCount++] = node;
  }

  protected override reshaped(): void {}

  /** Puts every node that changed into its place. */
  #settle(): void {
    const dirty = this.#dirty;
    const count = this.#dirtyCount;
    const many = count > 16 && count > this.size * REBUILD_PART;
    if (many || this.#version !== this.totals.version) {
      this.#version = this.totals.version;
      this.#rebuild(this.root);
      for (let i = 0; i < count; i++) dirty[i]!.dirty = false;
    } else {
      // Keys of nodes in the tree must not change under it: take all out first.
      for (let i = 0; i < count; i++) {
        const node = dirty[i]!;
        if (node.placed) node.parent!.order!.remove(node);
      }
      for (let i = 0; i < count; i++) this.#put(dirty[i]!);
    }
    this.#dirtyCount = 0;
    if (count > LONGEST_KEPT) dirty.length = 0;
  }

  #put(node: SorterNode<T>): void {
    node.dirty = false;
    if (this.#takesPart(node)) {
      node.share = this.share(node);
      node.orderedCount = node.count;
      if (!node.isLeaf) node.marks = node.order!.reach;
      node.parent!.order!.insert(node);
    }
    if (node.parent!.order !== null) spreadMarks(node.parent!);
  }

  /** Whether a node is still in the tree, and no inactive leaf. */
  #takesPart(node: SorterNode<T>): boolean {
    if (node.isLeaf && !node.active) return false;
    return node.parent!.children?.get(node.name) === node;
  }

  /**
   * Computes all shares anew and sorts all siblings. Those that were allocated nothing since are mostly still in order
   * among themselves; only the others are sorted, and merged with them.
   */
  #rebuild(node: SorterNode<T>): void {
    const { children, order } = node;
    for (const child of children!.values()) if (!child.isLeaf) this.#rebuild(child);
    const kept: SorterNode<T>[] = [];
    const moved: SorterNode<T>[] = [];
    let last: SorterNode<T> | null = null;
    for (const child of order!.list()) {
      this.#refresh(child);
      if (child.dirty || (last !== null && !comesBefore(last, child))) moved.push(child);
      else {
        kept.push(child);
        last = child;
      }
    }
    for (const child of children!.values()) {
      if (child.placed || !this.#takesPart(child)) continue;
      this.#refresh(child);
      moved.push(child);
    }
    moved.sort((a, b) => (comesBefore(a, b) ? -1 : 1));
    order!.rebuild(moved.length === 0 ? kept : merge(kept, moved));
    if (node.parent !== null) node.marks = order!.reach;
  }

  #refresh(node: SorterNode<T>): void {
    node.share = this.share(node);
    node.orderedCount = node.count;
  }
}

/** Two lists in order as one. */
function merge<T>(a: readonly SorterNode<T>[], b: readonly SorterNode<T>[]): SorterNode<T>[] {
  const merged: SorterNode<T>[] = [];
  let i = 0;
  for (const node of b) {
    while (i < a.length && comesBefore(a[i]!, node)) merged.push(a[i++]!);
    merged.push(node);
  }
  while (i < a.length) merged.push(a[i++]!);
  return merged;
}

/** The smallest number in 1..most for which `stillFirst` fails, or `most`; it never turns true again. */
function runLength(most: number, stillFirst: (times: number) => boolean): number {
  let low = 1;
  let high = most;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (stillFirst(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
