/**
 * What a cycle costs when far more is asked for than can be placed: processor time of a whole cycle with the outcomes
 * that statuses are made of, and the memory that its result keeps. Prints medians.
 *
 *   npm run bench:asking -- [--repeat 5] [--against DIR]
 *
 * With --against, the cycle of another checkout is run in turns with this one's.
 */
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runCycle } from '../src/controllers/cycle.ts';
import { DRIVERS } from '../src/frameworks/drivers.ts';
import { systemClock } from '../src/lib/clock.ts';
import { outcomes } from '../src/plan/outcome.ts';
import type { Inputs } from '../src/world/inputs.ts';
import { aNode, aPool, aSnapshot, type Buildable } from '../test/builders/index.ts';
import { median } from './support/statistics.ts';
import { markdownTable } from './support/table.ts';

const { values } = parseArgs({
  options: { repeat: { type: 'string', default: '5' }, against: { type: 'string' } },
});
const REPEAT = Number(values.repeat);

const nodes = (count: number) =>
  Array.from({ length: count }, (_, i) => aNode(`node-${i}`).cpu('8').memory('32Gi').pods(110));

const pools = (count: number, replicas: number, invented = 0) =>
  Array.from({ length: count }, (_, p) => {
    const pool = aPool(`pool-${p}`).replicas(replicas).cpu('1').memory('1Gi');
    for (let r = 0; r < invented; r++) pool.request(`example.com/r${p}-${r}`, '1');
    return pool;
  });

const CASES: readonly { readonly title: string; readonly objects: readonly Buildable[] }[] = [
  { title: '50 pools of 10', objects: [...nodes(100), ...pools(50, 10)] },
  {
    title: '50 pools of 10, each with 512 resources of its own',
    objects: [...nodes(100), ...pools(50, 10, 512)],
  },
  { title: '10 pools of 100,000', objects: [...nodes(100), ...pools(10, 100_000)] },
];

interface Checkout {
  readonly runCycle: typeof runCycle;
  readonly outcomes: typeof outcomes;
}

const load = async (dir: string): Promise<Checkout> => {
  const from = (path: string) => import(resolve(dir, path)) as Promise<Checkout>;
  return { ...(await from('src/controllers/cycle.ts')), ...(await from('src/plan/outcome.ts')) };
};
const others = values.against === undefined ? [] : [await load(values.against)];
const checkouts: readonly Checkout[] = [{ runCycle, outcomes }, ...others];

/** MB in use, after collections: the buffers that one finds are freed by the next. */
function used(): number {
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** One cycle: its processor time in ms, the MB that its result keeps, and the writes that it decides on. */
function measure(checkout: Checkout, inputs: Inputs) {
  const before = used();
  const start = process.cpuUsage();
  const { snapshot, matrices, allocation, commands } = checkout.runCycle(inputs, systemClock, DRIVERS);
  const result = { snapshot, all: checkout.outcomes(snapshot, matrices, allocation) };
  const { user, system } = process.cpuUsage(start);
  const kept = used() - before;
  return { ms: (user + system) / 1000, kept, placed: commands.length, frameworks: result.all.length };
}

const rows = CASES.map(({ title, objects }) => {
  const inputs = aSnapshot()
    .with(...objects)
    .inputs();
  const rounds = Array.from({ length: REPEAT + 1 }, () => checkouts.map((each) => measure(each, inputs)));
  // The first round compiles.
  const figures = checkouts.flatMap((_, i) => {
    const own = rounds.slice(1).map((round) => round[i]!);
    return [median(own.map(({ ms }) => ms)).toFixed(0), median(own.map(({ kept }) => kept)).toFixed(1)];
  });
  return [title, String(rounds[0]![0]!.placed), ...figures];
});

console.log(
  `Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}, 100 nodes, medians of ${REPEAT}\n`,
);
const head = checkouts.flatMap((_, i) => (i === 0 ? ['ms', 'MB kept'] : ['other, ms', 'other, MB kept']));
console.log(markdownTable(['', 'placed', ...head], rows));
