import { addAt } from '../resources/amounts.ts';
import { mix32, word32 } from '../../lib/prng.ts';
import type { Bundle, Resources } from '../resources/resource-bundle.ts';
import { dominantShare, NONE } from './dominant-share.ts';
import { SorterNode, type Client } from './sorter-node.ts';
import type { SorterTotals } from './sorter-totals.ts';
import { ALL_MARKS } from './sorter.ts';

/** Name of the leaf that stands for a client that has others below its path. */
const OWN = '.';

/**
 * The tree of a sorter's paths, and what its nodes were allocated: all of a sorter but the order. A client is a leaf; when another client comes below its path, the leaf becomes an
 * inner node and a virtual leaf `.` in it goes on for the client; when the last one below goes, they fold again.
 */
export abstract class SorterTree<T> {
  protected readonly root: SorterNode<T>;
  /** Count of nodes below the root. */
  protected size = 0;
  protected readonly totals: SorterTotals;
  protected readonly excluded: ReadonlySet<number>;
  readonly #weights = new Map<string, number>();

  /** @param excluded columns that do not count in shares */
  constructor(totals: SorterTotals, excluded: ReadonlySet<number> = NONE) {
    this.totals = totals;
    this.excluded = excluded;
    this.root = new SorterNode('', null, 1, 0);
    this.root.open();
  }

  /** Told of a node whose standing among its siblings must be looked at anew. */
  protected abstract touched(node: SorterNode<T>): void;

  /** Told that clients or weights changed. */
  protected abstract reshaped(): void;

  add(path: string, payload: T, rank = 0): Client<T> {
    const names = path.split('/');
    let node = this.root;
    let depth = 0;
    for (; depth < names.length; depth++) {
      if (node.isLeaf) this.#unfold(node);
      const child = node.children!.get(names[depth]!);
      if (child === undefined) break;
      node = child;
    }
    if (depth === names.length) node = this.#child(node, OWN);
    for (; depth < names.length; depth++) {
      node = this.#child(node, names[depth]!);
      if (depth < names.length - 1) {
        node.open();
        this.touched(node);
      }
    }
    const client: Client<T> = { path, payload, node };
    node.client = client;
    node.marks = ALL_MARKS;
    node.rank = rank;
    this.reshaped();
    return client;
  }

  remove(client: Client<T>): void {
    let node = client.node;
    const leaf = node;
    for (let up = node.parent; up !== null; up = up.parent) {
      for (const [column, amount] of leaf.allocated.entries()) {
        if (amount !== undefined && amount !== 0) addAt(up.allocated, column, -amount);
      }
      if (up !== this.root) this.touched(up);
    }
    while (node.parent !== null) {
      const { parent } = node;
      if (node.isLeaf || node.children!.size === 0) this.#detach(node);
      else if (node.children!.size === 1 && node.children!.has(OWN)) this.#fold(node);
      node = parent;
    }
    this.reshaped();
  }

  setWeight(path: string, weight: number): void {
    this.#weights.set(path, weight);
    let node: SorterNode<T> | undefined = this.root;
    for (const name of path.split('/')) node = node?.children?.get(name);
    if (node === undefined) return;
    node.weight = weight;
    this.touched(node);
    this.reshaped();
  }

  /** Adds to a client and all above it. Shared things count once per agent in every node. */
  allocate(client: Client<T>, agent: string, bundle: Bundle, times = 1): void {
    for (let node: SorterNode<T> | null = client.node; node !== null; node = node.parent) {
      node.add(agent, bundle, times);
      node.count += times;
      this.touched(node);
    }
  }

  unallocate(client: Client<T>, agent: string, resources: Resources): void {
    for (let node: SorterNode<T> | null = client.node; node !== null; node = node.parent) {
      node.subtract(agent, resources);
      this.touched(node);
    }
  }

  update(client: Client<T>, agent: string, from: Resources, to: Resources): void {
    for (let node: SorterNode<T> | null = client.node; node !== null; node = node.parent) {
      node.subtract(agent, from);
      node.add(agent, to);
      this.touched(node);
    }
  }

  /** Bits of a leaf, and of the inner nodes above it the union of all below. */
  mark(client: Client<T>, marks: number): void {
    const { node } = client;
    if (node.marks === marks) return;
    node.marks = marks;
    if (!node.placed) return;
    node.parent!.order!.remark(node);
    spreadMarks(node.parent!);
  }

  shareOf(client: Client<T>): number {
    return this.share(client.node);
  }

  protected share(node: SorterNode<T>): number {
    return dominantShare(node.allocated, this.totals.amounts, node.weight, this.excluded);
  }

  #child(parent: SorterNode<T>, name: string): SorterNode<T> {
    const path = parent === this.root ? name : `${parent.path}/${name}`;
    const priority = mix32(word32(path), 0x51ab);
    const child = new SorterNode(name, parent, this.#weights.get(path) ?? 1, priority);
    parent.children!.set(name, child);
    this.size++;
    return child;
  }

  #detach(node: SorterNode<T>): void {
    node.parent!.children!.delete(node.name);
    this.size--;
    if (node.placed) node.parent!.order!.remove(node);
    // It may still wait to be placed; without a client, inactive, nobody will place it.
    node.active = false;
    node.client = null;
    node.close();
  }

  /** A leaf gets a virtual leaf in its stead, with all that it had. */
  #unfold(node: SorterNode<T>): void {
    const { client, active, count, marks, rank } = node;
    node.open();
    const own = this.#child(node, OWN);
    hand(node, own);
    own.count = count;
    own.active = active;
    own.marks = marks;
    own.rank = rank;
    node.rank = 0;
    own.client = client;
    if (client !== null) client.node = own;
    node.active = false;
    this.touched(own);
    this.touched(node);
  }

  /** An inner node with only its virtual leaf becomes a leaf; its count stays, which is that of its subtree. */
  #fold(node: SorterNode<T>): void {
    const own = node.children!.get(OWN)!;
    if (own.placed) node.order!.remove(own);
    node.close();
    this.size--;
    node.client = own.client;
    node.active = own.active;
    node.marks = own.marks;
    node.rank = own.rank;
    if (own.client !== null) own.client.node = node;
    own.active = false;
    own.client = null;
    if (node.placed && !node.active) node.parent!.order!.remove(node);
    this.touched(node);
  }
}

/** Takes the marks of the nodes placed below a node over into it, and on to the root. */
export function spreadMarks<T>(from: SorterNode<T>): void {
  for (let node = from; node.parent !== null; node = node.parent) {
    const { reach } = node.order!;
    if (node.marks === reach) return;
    node.marks = reach;
    if (!node.placed) return;
    node.parent.order!.remark(node);
  }
}

/** Copies what a node was allocated. */
function hand<T>(from: SorterNode<T>, to: SorterNode<T>): void {
  for (const [column, amount] of from.allocated.entries()) to.allocated[column] = amount ?? 0;
  if (from.shared !== null) to.shared = new Map(from.shared);
}
