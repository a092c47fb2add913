import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot } from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import { verdictsOf } from '../../matrix/verdict.ts';
import { Room } from './room.ts';

/** A quantity as people write it, and its value in thousandths. */
interface Written {
  readonly text: string;
  readonly thousandths: bigint;
}

const SUFFIXES = [
  ['', 1n],
  ['k', 10n ** 3n],
  ['G', 10n ** 9n],
  ['Ki', 2n ** 10n],
  ['Mi', 2n ** 20n],
  ['Gi', 2n ** 30n],
] as const;

const fraction = fc.bigInt(0n, 10n ** 14n).map((n): Written => ({ text: `${n}m`, thousandths: n }));
const whole = fc.bigInt(0n, 2n ** 49n).map((n): Written => ({ text: `${n}`, thousandths: n * 1000n }));
const suffixed = fc
  .tuple(fc.bigInt(0n, 40_000n), fc.constantFrom(...SUFFIXES))
  .map(([tenths, [suffix, unit]]): Written => {
    const text = `${tenths / 10n}.${tenths % 10n}${suffix}`;
    // The API server keeps thousandths and rounds up.
    return { text, thousandths: (tenths * unit * 1000n + 9n) / 10n };
  });
const written = fc.oneof(fraction, whole, suffixed);
const milliCpu = fc.bigInt(0n, 9000n).map((n): Written => ({ text: `${n}m`, thousandths: n }));

const RESOURCES = ['cpu', 'memory', 'ephemeral-storage', 'example.com/bandwidth'] as const;
const amounts = fc.tuple(milliCpu, written, written, written);
/** What a container asks for, and a sidecar beside it: their fractions add up before they are rounded. */
const asked = fc.record({ main: amounts, side: amounts });
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

/** What kube-scheduler counts: the sum, rounded up to milli-cpu, bytes or counts. */
const counted = ({ main, side }: Asked, r: number): bigint => {
  const sum = main[r]!.thousandths + side[r]!.thousandths;
  return r === 0 ? sum : (sum + 999n) / 1000n;
};

const requestsOf = (list: readonly Written[]) =>
  Object.fromEntries(RESOURCES.map((name, r) => [name, list[r]!.text]));

const sidecarOf = ({ side }: Asked) => [
  { name: 'side', restartPolicy: 'Always', resources: { requests: requestsOf(side) } },
];

/** Room on a node: some amount, or what its Pods and so many tasks fill to the last unit, give or take one. */
const room = fc.oneof(
  fc.record({ whole: fc.bigInt(0n, 2n ** 50n) }),
  fc.record({ tasks: fc.bigInt(1n, 5n), more: fc.bigInt(-1n, 1n) }),
);

test('on a node fit exactly as many as exact arithmetic says, and what is given back is there again to the last byte', () => {
  const cluster = fc.record({
    task: asked,
    pods: fc.array(asked, { maxLength: 3 }),
    rooms: fc.tuple(room, room, room, room),
  });
  fc.assert(
    fc.property(cluster, ({ task, pods, rooms }) => {
      const used = RESOURCES.map((_, r) => pods.reduce((sum, pod) => sum + counted(pod, r), 0n));
      const free = rooms.map((each, r) => {
        const all = 'whole' in each ? each.whole : used[r]! + each.tasks * counted(task, r) + each.more;
        return { all, left: all - used[r]! };
      });
      const node = aNode('n').pods(100);
      const pool = aPool('p').replicas(9).specField('initContainers', sidecarOf(task));
      RESOURCES.forEach((name, r) => {
        node.resource(name, `${free[r]!.all}${r === 0 ? 'm' : ''}`);
        pool.request(name, task.main[r]!.text);
      });
      const others = pods.map((pod, i) => {
        const other = aPod(`other-${i}`).on('n').specField('initContainers', sidecarOf(pod));
        RESOURCES.forEach((name, r) => other.request(name, pod.main[r]!.text));
        return other;
      });
      const snapshot = aSnapshot()
        .with(node, pool, ...others)
        .build();
      const matrices = buildMatrices(snapshot, snapshot.classes);

      const fits = RESOURCES.reduce(
        (most, _, r) => {
          const need = counted(task, r);
          const left = free[r]!.left > 0n ? free[r]!.left : 0n;
          return need === 0n || left / need > most ? most : left / need;
        },
        100n - BigInt(pods.length),
      );
      expect(matrices.a[0]).toBe(Number(fits));
      const [verdict] = verdictsOf(snapshot, matrices, 0, () => '');
      expect(verdict!.fits).toBe(fits > 0n);
      expect(verdict!.reasons.length > 0).toBe(fits === 0n);

      const whole = new Room(snapshot, matrices);
      const halves = [Math.trunc(Number(fits) / 2), Math.ceil(Number(fits) / 2)];
      whole.begin();
      for (const tasks of halves) if (tasks > 0) whole.take(0, 0, tasks);
      expect(whole.fit(0, 0)).toBe(0);
      whole.rollBack();
      expect(whole.supply).toEqual(snapshot.supply);
      expect(whole.fit(0, 0)).toBe(Number(fits));
    }),
    { numRuns: 300 },
  );
});
