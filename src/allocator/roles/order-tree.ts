/** What a node lends the tree that it stands in. */
export interface OrderNode<N> {
  left: N | null;
  right: N | null;
  up: N | null;
  placed: boolean;
  readonly priority: number;
  /** What a search can look for. */
  marks: number;
  /** Union of the marks here and below in the tree. */
  reach: number;
}

/**
 * The siblings of a sorter in order, as a treap (search tree by order, heap by a fixed random priority), with the
 * union of marks over every subtree: inserting, removing and finding the next node that bears a mark take time
 * logarithmic in the count. Source: Seidel and Aragon, "Randomized search trees" (1996).
 */
export class OrderTree<N extends OrderNode<N>> {
  #root: N | null = null;
  readonly #comesBefore: (a: N, b: N) => boolean;

  constructor(comesBefore: (a: N, b: N) => boolean) {
    this.#comesBefore = comesBefore;
  }

  /** Union of the marks of all. */
  get reach(): number {
    return this.#root === null ? 0 : this.#root.reach;
  }

  /** Puts a node that stands nowhere into its place. */
  insert(node: N): void {
    let parent: N | null = null;
    let at = this.#root;
    let before = false;
    while (at !== null) {
      parent = at;
      before = this.#comesBefore(node, at);
      at = before ? at.left : at.right;
    }
    node.left = null;
    node.right = null;
    node.up = parent;
    node.placed = true;
    node.reach = node.marks;
    if (parent === null) this.#root = node;
    else if (before) parent.left = node;
    else parent.right = node;
    while (node.up !== null && node.up.priority < node.priority) this.#lift(node);
    if (node.up !== null) refreshUp(node.up);
  }

  /** Takes a node out; its keys may have changed, its place is not searched. */
  remove(node: N): void {
    for (;;) {
      const { left, right } = node;
      if (left === null && right === null) break;
      if (left === null) this.#lift(right!);
      else if (right === null || left.priority > right.priority) this.#lift(left);
      else this.#lift(right);
    }
    const parent = node.up;
    if (parent === null) this.#root = null;
    else if (parent.left === node) parent.left = null;
    else parent.right = null;
    node.up = null;
    node.placed = false;
    if (parent !== null) refreshUp(parent);
  }

  /** Takes the marks of a node over into the unions above it. */
  remark(node: N): void {
    refreshUp(node);
  }

  /** The first node that bears one of the marks. */
  first(marks: number): N | null {
    return this.#root === null ? null : firstIn(this.#root, marks);
  }

  /** The next node after one that bears one of the marks. */
  after(node: N, marks: number): N | null {
    if (node.right !== null && (node.right.reach & marks) !== 0) return firstIn(node.right, marks);
    let child = node;
    let parent = node.up;
    while (parent !== null) {
      if (parent.left === child) {
        if ((parent.marks & marks) !== 0) return parent;
        if (parent.right !== null && (parent.right.reach & marks) !== 0) return firstIn(parent.right, marks);
      }
      child = parent;
      parent = parent.up;
    }
    return null;
  }

  /** All, in order. */
  list(): N[] {
    const nodes: N[] = [];
    const stack: N[] = [];
    let at = this.#root;
    while (at !== null || stack.length > 0) {
      while (at !== null) {
        stack.push(at);
        at = at.left;
      }
      const node = stack.pop()!;
      nodes.push(node);
      at = node.right;
    }
    return nodes;
  }

  /** Replaces all by the given nodes, which must be in order; linear in the count. */
  rebuild(nodes: readonly N[]): void {
    const spine: N[] = [];
    for (const node of nodes) {
      let last: N | null = null;
      while (spine.length > 0 && spine.at(-1)!.priority < node.priority) {
        last = spine.pop()!;
        refresh(last);
      }
      node.left = last;
      node.right = null;
      node.placed = true;
      if (last !== null) last.up = node;
      node.up = spine.at(-1) ?? null;
      if (node.up !== null) node.up.right = node;
      spine.push(node);
    }
    this.#root = spine[0] ?? null;
    while (spine.length > 0) refresh(spine.pop()!);
  }

  /** Rotates a node above its parent. */
  #lift(node: N): void {
    const parent = node.up!;
    const above = parent.up;
    if (parent.left === node) {
      parent.left = node.right;
      if (node.right !== null) node.right.up = parent;
      node.right = parent;
    } else {
      parent.right = node.left;
      if (node.left !== null) node.left.up = parent;
      node.left = parent;
    }
    parent.up = node;
    node.up = above;
    if (above === null) this.#root = node;
    else if (above.left === parent) above.left = node;
    else above.right = node;
    refresh(parent);
    refresh(node);
  }
}

function refresh<N extends OrderNode<N>>(node: N): void {
  let reach = node.marks;
  if (node.left !== null) reach |= node.left.reach;
  if (node.right !== null) reach |= node.right.reach;
  node.reach = reach;
}

function refreshUp<N extends OrderNode<N>>(node: N): void {
  for (let at: N | null = node; at !== null; at = at.up) refresh(at);
}

/** The first node that bears one of the marks in a subtree that is known to have one. */
function firstIn<N extends OrderNode<N>>(root: N, marks: number): N | null {
  let at: N | null = root;
  while (at !== null) {
    if (at.left !== null && (at.left.reach & marks) !== 0) at = at.left;
    else if ((at.marks & marks) !== 0) return at;
    else if (at.right !== null && (at.right.reach & marks) !== 0) at = at.right;
    else return null;
  }
  return null;
}
