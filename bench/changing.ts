/**
 * What a cycle costs when little changed since the last: 1,000 pools on 5,000 nodes, of which one changes in each round.
 * Wall time of the matrices, of the whole cycle and of the statuses after it, and what both leave for the collector.
 * Prints medians; no API server takes part.
 *
 *   npm run bench:changing -- [--repeat 15]
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { decide } from '../src/controllers/cycle.ts';
import { Sayings } from '../src/controllers/sayings.ts';
import { DRIVERS } from '../src/frameworks/drivers.ts';
import { systemClock } from '../src/lib/clock.ts';
import { atOnce } from '../src/lib/steps.ts';
import { KeptRows } from '../src/matrix/kept-rows.ts';
import { outcomes } from '../src/plan/outcome.ts';
import type { Workload } from '../src/snapshot/workload.ts';
import { World } from '../src/world/world.ts';
import { aNode, aPod, aPool, aSnapshot, type Buildable } from '../test/builders/index.ts';
import { median } from './support/statistics.ts';
import { markdownTable } from './support/table.ts';

const { values } = parseArgs({ options: { repeat: { type: 'string', default: '15' } } });
const REPEAT = Number(values.repeat);
/** The first rounds compile. */
const WARM = 3;
const POOLS = 1000;
/** Pools of another kind tolerate a taint of their own, which no node has. */
const KINDS = 77;

const nodes = Array.from({ length: 5000 }, (_, i) => aNode(`node-${i}`).cpu('8').memory('32Gi').pods(110));
const inputsOf = (...objects: readonly Buildable[]) =>
  aSnapshot()
    .with(...objects)
    .inputs();

/** Medians over the rounds. @param replicas of each pool, one of which runs @param isKept whether anything is */
function measure(replicas: number, isKept: boolean): readonly number[] {
  // More than a node has, so that those who wait go on to wait.
  const pools = Array.from({ length: POOLS }, (_, p) =>
    aPool(`pool-${p}`)
      .replicas(replicas)
      .cpu('9')
      .tolerate(`kind-${p % KINDS}`),
  );
  const server = (p: number) => aPod(`pool-${p}-0`).ofPool(pools[p]!, 0).on(`node-${p}`).cpu('100m');
  const around = inputsOf(...nodes, ...pools, ...pools.map((_, p) => server(p).ready()));
  const world = new World(DRIVERS);
  for (const pod of around.pods) world.ledger.put(pod);
  let byKey = new Map([...around.workloads].map((each) => [each.key, each] as const));
  let kept = { rows: new KeptRows(), sayings: new Sayings() };
  const rounds: (readonly number[])[] = [];
  for (let round = 0; round < REPEAT + WARM; round++) {
    if (!isKept) kept = { rows: new KeptRows(), sayings: new Sayings() };
    for (const pod of inputsOf(server(round).starting()).pods) world.ledger.put(pod);
    globalThis.gc!();
    const before = used();
    const start = performance.now();
    const picture = world.snapshot({ ...around, workloads: byKey.values() });
    const result = atOnce(decide(picture, systemClock, DRIVERS, kept.rows));
    const decided = performance.now();
    const { snapshot, matrices, allocation, phases } = result;
    const said = outcomes(snapshot, matrices, allocation).map((outcome) => {
      const workload = byKey.get(outcome.framework.key)!;
      const teller = DRIVERS.get(outcome.framework.kind)!;
      return [workload, kept.sayings.of(teller, workload, outcome, 0, snapshot.now)!.status] as const;
    });
    const end = performance.now();
    rounds.push([phases.matrices, decided - start, end - decided, (used() - before) / 2 ** 20]);
    // What a store shows later: an object is another one when its status was written.
    byKey = new Map(
      said.map(([workload, status]) => [
        workload.key,
        status === workload.status ? workload : ({ ...workload, status } as Workload),
      ]),
    );
  }
  return [0, 1, 2, 3].map((i) => median(rounds.slice(WARM).map((round) => round[i]!)));
}

const used = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const rows = [1, 2].flatMap((replicas) =>
  [true, false].map((isKept) => [
    `${replicas === 1 ? 'all run' : 'all wait for one more'}, ${isKept ? '' : 'nothing '}kept`,
    ...measure(replicas, isKept).map((figure) => figure.toFixed(1)),
  ]),
);
console.log(
  `Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}, medians of ${REPEAT}\n`,
);
console.log(markdownTable(['', 'matrices, ms', 'cycle, ms', 'statuses, ms', 'MiB left'], rows));
