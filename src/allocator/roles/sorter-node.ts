import { OrderTree, type OrderNode } from './order-tree.ts';
import { Ledger } from './ledger.ts';

/** A consumer in a sorter. */
export interface Client<T> {
  readonly path: string;
  readonly payload: T;
  /** The leaf that stands for it; another one after a child came or went below its path. */
  node: SorterNode<T>;
}

/** A node of a sorter: a component of the clients' paths, or a client (a leaf). */
export class SorterNode<T> extends Ledger implements OrderNode<SorterNode<T>> {
  readonly name: string;
  readonly path: string;
  readonly parent: SorterNode<T> | null;
  /** Children by name; null for a leaf. */
  children: Map<string, SorterNode<T>> | null = null;
  /** Children that take part, in order: all but inactive leaves; null for a leaf. */
  order: OrderTree<SorterNode<T>> | null = null;
  client: Client<T> | null = null;
  active = false;
  weight: number;
  /** Among its siblings; see `Sorter.add`. */
  rank = 0;

  /** Allocations ever made in the subtree. */
  count = 0;
  /** Share and count under which the node stands in its parent's order. */
  share = 0;
  orderedCount = 0;
  /** Whether it waits to be put into its place anew. */
  dirty = false;

  /** What the walk looks for; see `Sorter.mark`. */
  marks: number;
  // Links of the order tree.
  left: SorterNode<T> | null = null;
  right: SorterNode<T> | null = null;
  up: SorterNode<T> | null = null;
  placed = false;
  readonly priority: number;
  /** Union of the marks here and below in the order tree. */
  reach: number;

  constructor(name: string, parent: SorterNode<T> | null, weight: number, priority: number) {
    super();
    this.name = name;
    this.parent = parent;
    this.path = parent === null || parent.parent === null ? name : `${parent.path}/${name}`;
    this.weight = weight;
    this.priority = priority;
    this.marks = 0;
    this.reach = 0;
  }

  get isLeaf(): boolean {
    return this.children === null;
  }

  /** Turns a leaf into an inner node without children. */
  open(): void {
    this.children = new Map();
    this.order = new OrderTree(comesBefore);
    this.client = null;
    this.marks = 0;
  }

  /** Turns an inner node whose children are gone into a leaf. */
  close(): void {
    this.children = null;
    this.order = null;
  }
}

/** Whether a comes before b among siblings: higher rank, then less share, then fewer allocations, then the path. */
export function comesBefore<T>(a: SorterNode<T>, b: SorterNode<T>): boolean {
  if (a.rank !== b.rank) return a.rank > b.rank;
  if (a.share !== b.share) return a.share < b.share;
  if (a.orderedCount !== b.orderedCount) return a.orderedCount < b.orderedCount;
  return a.path < b.path;
}
