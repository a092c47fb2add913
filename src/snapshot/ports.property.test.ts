import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PortRanges, type PortRange } from './port-ranges.ts';
import { NodePorts, portUses, type HostPort } from './ports.ts';

const NAMES = ['default', 'query', 'rcon'];
const number = fc.integer({ min: 1, max: 14 });
const range = fc.tuple(number, number).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const ports = fc.array(fc.record({ range: fc.constantFrom(...NAMES) }), { minLength: 1, maxLength: 5 });
const scene = fc.record({
  ranges: fc.tuple(range, range, range),
  held: fc.array(number, { maxLength: 6 }),
  failed: fc.uniqueArray(number, { maxLength: 4 }),
  elsewhere: fc.array(fc.array(number, { maxLength: 5 }), { maxLength: 3 }),
  ports,
  tasks: fc.integer({ min: 1, max: 3 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

const udp = (port: number): HostPort => ({ port, protocol: 'UDP', ip: '' });
const numbersOf = ({ first, last }: PortRange): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Whether each of these ports finds a number of its own, by augmenting paths. */
function matches(wanted: readonly number[][]): boolean {
  const owner = new Map<number, number>();
  const place = (port: number, seen: Set<number>): boolean =>
    wanted[port]!.some((candidate) => {
      if (seen.has(candidate)) return false;
      seen.add(candidate);
      const other = owner.get(candidate);
      if (other !== undefined && !place(other, seen)) return false;
      owner.set(candidate, port);
      return true;
    });
  return wanted.every((_, port) => place(port, new Set()));
}

function build({ ranges: list, held, failed, elsewhere }: Scene) {
  const byName: Record<string, PortRange> = {};
  NAMES.forEach((name, i) => (byName[name] = list[i]!));
  const ranges = new PortRanges(byName);
  const node = new NodePorts(ranges, new Map(failed.map((port, i) => [port, i])));
  for (const port of held) node.take(udp(port));
  const others = elsewhere.map((numbers) => {
    const other = new NodePorts(ranges);
    for (const port of numbers) other.take(udp(port));
    return other;
  });
  return { byName, ranges, node, uses: portUses([node, ...others]) };
}

/** For each port of so many tasks the numbers that it could have, were it alone. */
const choices = ({ held, ports: asked }: Scene, byName: Record<string, PortRange>, tasks: number) =>
  Array.from({ length: tasks }, () =>
    asked.map(({ range: name }) => numbersOf(byName[name]!).filter((n) => !held.includes(n))),
  ).flat();

test('as many tasks fit as find numbers by trying, however ranges overlap', () => {
  fc.assert(
    fc.property(scene, (each) => {
      const { byName, ranges, node } = build(each);
      let most = 0;
      while (most < 20 && matches(choices(each, byName, most + 1))) most++;
      expect(node.fit(ranges.needs(each.ports))).toBe(most);
    }),
    { numRuns: 1500 },
  );
});

test('ports get numbers of their own out of their ranges, each the least used that leaves enough for the others', () => {
  let moved = 0;
  fc.assert(
    fc.property(scene, (each) => {
      const { byName, node, uses } = build(each);
      const wanted = choices(each, byName, each.tasks);
      const drawn = node.draw(each.ports, each.tasks, uses)?.map(({ port }) => port);
      if (!matches(wanted)) {
        expect(drawn).toBeUndefined();
        return;
      }
      const rank = (n: number) => (each.failed.includes(n) ? 1000 + each.failed.indexOf(n) : uses[n]!);
      const taken: number[] = [];
      for (const [i, candidates] of wanted.entries()) {
        const rest = (n: number) =>
          wanted.slice(i + 1).map((all) => all.filter((m) => m !== n && !taken.includes(m)));
        const good = candidates.filter((n) => !taken.includes(n) && matches(rest(n)));
        const best = good.toSorted((a, b) => rank(a) - rank(b) || a - b)[0]!;
        if (best !== Math.min(...good)) moved++;
        taken.push(best);
      }
      expect(drawn).toEqual(taken);
    }),
    { numRuns: 1500 },
  );
  expect(moved).toBeGreaterThan(100);
});

test('what others will pick, and ports that will be taken too, leave less', () => {
  fc.assert(
    fc.property(scene, ports, fc.array(number, { maxLength: 4 }), (each, theirs, more) => {
      const { byName, ranges, node } = build(each);
      const held = [...each.held, ...more];
      const taken = choices({ ...each, held, ports: theirs }, byName, 1);
      fc.pre(matches(taken));
      let most = 0;
      while (most < 20 && matches([...taken, ...choices({ ...each, held }, byName, most + 1)])) most++;
      expect(node.fit(ranges.needs(each.ports), ranges.needs(theirs), more.map(udp))).toBe(most);
    }),
    { numRuns: 800 },
  );
});
