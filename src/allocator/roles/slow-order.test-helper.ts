import { Prng } from '../../lib/prng.ts';
import { parentOf } from '../../lib/role-path.ts';

/** A path and those above it. */
export const chain = (role: string): string[] => (role === '' ? [] : [role, ...chain(parentOf(role) ?? '')]);

/**
 * A sorter, plain and slow, to be read beside its facts: its clients, and how often each node of their tree was served.
 * All else is computed whenever it is asked for an order.
 */
export class SlowOrder {
  clients: readonly string[] = [];
  counts = new Map<string, number>();
  leaf = (path: string) => (this.clients.some((other) => other.startsWith(`${path}/`)) ? `${path}/.` : path);

  sync(clients: readonly string[]): void {
    const old = this.clients;
    this.clients = clients;
    const nodes = [...new Set(clients.flatMap((path) => chain(this.leaf(path))))];
    // A client that others come below goes on in a virtual leaf with its count.
    const before = (node: string): string => (old.includes(node.slice(0, -2)) ? node.slice(0, -2) : node);
    const countOf = (node: string): number =>
      this.counts.get(node) ?? (node.endsWith('/.') ? (this.counts.get(before(node)) ?? 0) : 0);
    this.counts = new Map(nodes.map((node) => [node, countOf(node)]));
  }

  served(path: string): void {
    for (const node of chain(this.leaf(path))) this.counts.set(node, this.counts.get(node)! + 1);
  }

  sort(share: (node: string, clients: readonly string[]) => number, under = ''): string[] {
    const below = this.clients.filter((path) => this.leaf(path).startsWith(under));
    const groups = Map.groupBy(below, (path) => under + this.leaf(path).slice(under.length).split('/')[0]!);
    const keyed = [...groups].map(([node, all]) => ({ node, all, share: share(node, all) }));
    const count = ({ node }: { node: string }): number => this.counts.get(node)!;
    keyed.sort((a, b) => a.share - b.share || count(a) - count(b) || (a.node < b.node ? -1 : 1));
    const isLeaf = (node: string, [path]: readonly string[]): boolean => this.leaf(path!) === node;
    return keyed.flatMap(({ node, all }) => (isLeaf(node, all) ? all : this.sort(share, `${node}/`)));
  }

  /** By lot; the same lots as the random sorter of the engine draws. */
  draw(active: readonly string[], weight: (node: string) => number, ...keys: number[]): string[] {
    const random = new Prng(...keys);
    const nodes = [...new Set(active.flatMap((path) => chain(this.leaf(path))))].sort();
    const part = (share: number, node: string): number => {
      const rivals = nodes.filter((other) => parentOf(other) === parentOf(node));
      return (share * weight(node)) / rivals.reduce((sum, rival) => sum + weight(rival), 0);
    };
    const lots = (path: string): number =>
      Math.max(1, Math.round(chain(this.leaf(path)).reduceRight(part, 1) * 2 ** 40));
    const left = active.toSorted((a, b) => (this.leaf(a) < this.leaf(b) ? -1 : 1));
    return active.map(() => {
      const fraction = (random.next() * 2 ** 21 + (random.next() >>> 11)) / 2 ** 53;
      let ticket = Math.floor(fraction * left.reduce((sum, path) => sum + lots(path), 0));
      const index = left.findIndex((path) => (ticket -= lots(path)) < 0);
      return left.splice(index, 1)[0]!;
    });
  }
}
