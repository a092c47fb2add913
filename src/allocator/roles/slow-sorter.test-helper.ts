import { Prng } from '../../lib/prng.ts';

/** A component of the paths: a client (leaf) or inner node. Plain and slow; the tests' idea of a sorter. */
interface Node {
  readonly path: string;
  readonly children: Map<string, Node>;
  client: string | null;
  active: boolean;
  count: number;
}

const nodeOf = (path: string): Node => ({ path, children: new Map(), client: null, active: false, count: 0 });
const isLeaf = (node: Node): boolean => node.client !== null;

/** Sorts from scratch whenever it is asked, as mesos.md 2.2 has it. */
export class SlowSorter {
  readonly root = nodeOf('');
  readonly weights: ReadonlyMap<string, number>;

  constructor(weights: ReadonlyMap<string, number>) {
    this.weights = weights;
  }

  /** Nodes from the root to the one of a path, the virtual leaf of it included. */
  #chain(path: string): Node[] {
    const chain = [this.root];
    for (const name of path.split('/')) chain.push(chain.at(-1)!.children.get(name)!);
    const own = chain.at(-1)?.children.get('.');
    return own === undefined ? chain : [...chain, own];
  }

  has(path: string): boolean {
    return this.clients().includes(path);
  }

  clients(node = this.root): string[] {
    return isLeaf(node)
      ? [node.client!]
      : [...node.children.values()].flatMap((child) => this.clients(child));
  }

  add(path: string): void {
    let node = this.root;
    const step = (name: string, childPath: string): Node => {
      if (isLeaf(node)) {
        const own: Node = {
          ...nodeOf(`${node.path}/.`),
          client: node.client,
          active: node.active,
          count: node.count,
        };
        node.children.set('.', own);
        node.client = null;
      }
      if (!node.children.has(name)) node.children.set(name, nodeOf(childPath));
      return node.children.get(name)!;
    };
    for (const name of path.split('/')) node = step(name, node === this.root ? name : `${node.path}/${name}`);
    if (node.children.size > 0) node = step('.', `${path}/.`);
    node.client = path;
  }

  remove(path: string): void {
    const chain = this.#chain(path);
    for (let i = chain.length - 1; i > 0; i--) {
      const node = chain[i]!;
      const own = node.children.get('.');
      if (i === chain.length - 1 || node.children.size === 0) {
        chain[i - 1]!.children.delete(node.path.split('/').at(-1)!);
      } else if (node.children.size === 1 && own !== undefined) {
        node.client = own.client;
        node.active = own.active;
        node.children.clear();
      }
    }
  }

  setActive(path: string, active: boolean): void {
    this.#chain(path).at(-1)!.active = active;
  }

  allocated(path: string): void {
    for (const node of this.#chain(path)) node.count++;
  }

  /** Active clients in order. @param shareOf dominant share of a group of clients together */
  sort(shareOf: (clients: readonly string[]) => number, node = this.root): string[] {
    const keyed = [...node.children.values()].map((child) => ({
      child,
      share: shareOf(this.clients(child)) / (this.weights.get(child.path) ?? 1),
    }));
    keyed.sort(
      (a, b) => a.share - b.share || a.child.count - b.child.count || (a.child.path < b.child.path ? -1 : 1),
    );
    return keyed.flatMap(({ child }) => {
      if (!isLeaf(child)) return this.sort(shareOf, child);
      return child.active ? [child.client!] : [];
    });
  }

  /** Active clients as drawn by lot. @param lots what all tickets sum to, about */
  draw(lots: number, ...keys: readonly number[]): string[] {
    const random = new Prng(...keys);
    const left: { path: string; client: string; lots: number }[] = [];
    const isActive = (node: Node): boolean =>
      isLeaf(node) ? node.active : [...node.children.values()].some(isActive);
    const collect = (node: Node, share: number): void => {
      const names = [...node.children.keys()].filter((name) => isActive(node.children.get(name)!)).sort();
      const weigh = (name: string): number => this.weights.get(node.children.get(name)!.path) ?? 1;
      const sum = names.reduce((total, name) => total + weigh(name), 0);
      for (const name of names) {
        const child = node.children.get(name)!;
        const relative = (share * weigh(name)) / sum;
        if (!isLeaf(child)) collect(child, relative);
        else
          left.push({
            path: child.path,
            client: child.client!,
            lots: Math.max(1, Math.round(relative * lots)),
          });
      }
    };
    collect(this.root, 1);
    left.sort((a, b) => (a.path < b.path ? -1 : 1));
    const drawn: string[] = [];
    while (left.length > 0) {
      const total = left.reduce((sum, entry) => sum + entry.lots, 0);
      const high = random.next();
      let ticket = Math.floor(((high * 2 ** 21 + (random.next() >>> 11)) / 2 ** 53) * total);
      const index = left.findIndex((entry) => (ticket -= entry.lots) < 0);
      drawn.push(left.splice(index, 1)[0]!.client);
    }
    return drawn;
  }
}
