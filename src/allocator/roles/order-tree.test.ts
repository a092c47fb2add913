import { beforeEach, describe, expect, test } from 'vitest';
import { Prng } from '../../lib/prng.ts';
import { OrderTree, type OrderNode } from './order-tree.ts';

class Node implements OrderNode<Node> {
  left: Node | null = null;
  right: Node | null = null;
  up: Node | null = null;
  placed = false;
  reach = 0;
  key: number;
  marks: number;
  readonly priority: number;

  constructor(key: number, marks: number, priority: number) {
    this.key = key;
    this.marks = marks;
    this.priority = priority;
  }
}

/** Checks what makes it a treap: links that agree, a heap of priorities, and the union of marks over every subtree. */
function check(node: Node | null, up: Node | null): number {
  if (node === null) return 0;
  expect(node.up).toBe(up);
  expect(node.placed).toBe(true);
  if (up !== null) expect(up.priority).toBeGreaterThanOrEqual(node.priority);
  expect(node.reach).toBe(node.marks | check(node.left, node) | check(node.right, node));
  return node.reach;
}

const rootOf = (node: Node): Node => (node.up === null ? node : rootOf(node.up));

describe('siblings in order', () => {
  let random: Prng;
  let tree: OrderTree<Node>;
  let nodes: Node[];

  /** What must be, whatever was done. */
  const holds = (): void => {
    const sorted = nodes.toSorted((a, b) => a.key - b.key);
    expect(tree.list()).toEqual(sorted);
    expect(tree.reach).toBe(sorted.reduce((union, { marks }) => union | marks, 0));
    if (sorted.length > 0) check(rootOf(sorted[0]!), null);
    for (const marks of [1, 2, 4, 7]) {
      const bearing = sorted.filter((node) => (node.marks & marks) !== 0);
      expect(tree.first(marks)).toBe(bearing[0] ?? null);
      for (const node of sorted) {
        expect(tree.after(node, marks)).toBe(bearing.find(({ key }) => key > node.key) ?? null);
      }
    }
  };

  const add = (key: number): void => {
    const node = new Node(key, 1 << random.below(4), random.next());
    nodes.push(node);
    tree.insert(node);
  };

  beforeEach(() => {
    random = new Prng(1);
    tree = new OrderTree<Node>((a, b) => a.key < b.key);
    nodes = [];
  });

  test('are none at first', () => {
    holds();
    expect([tree.reach, tree.first(-1)]).toEqual([0, null]);
  });

  test('come in whatever order', () => {
    for (const key of random.shuffle([...Array.from({ length: 30 }).keys()])) {
      add(key);
      holds();
    }
  });

  test('go in whatever order, and say that they are gone', () => {
    for (let key = 0; key < 30; key++) add(key);
    while (nodes.length > 0) {
      const [node] = nodes.splice(random.below(nodes.length), 1);
      tree.remove(node!);
      expect([node!.placed, node!.left, node!.right, node!.up]).toEqual([false, null, null, null]);
      holds();
    }
    add(7);
    holds();
  });

  test('that go need not be where their key would have them', () => {
    for (let key = 0; key < 10; key++) add(key);
    const [node] = nodes.splice(3, 1);
    node!.key = 99;
    tree.remove(node!);
    holds();
  });

  test('change their marks', () => {
    for (let key = 0; key < 20; key++) add(key);
    for (const node of nodes) {
      node.marks = 1 << random.below(4);
      tree.remark(node);
      holds();
    }
  });

  test('are replaced all at once', () => {
    for (let key = 0; key < 5; key++) add(key);
    for (const count of [0, 1, 2, 40]) {
      nodes = Array.from({ length: count }, (_, key) => new Node(key, 1 << random.below(4), random.next()));
      tree.rebuild(nodes);
      holds();
    }
    add(7.5);
    holds();
    tree.rebuild((nodes = nodes.filter(({ key }) => key % 2 === 0)));
    holds();
  });
});
