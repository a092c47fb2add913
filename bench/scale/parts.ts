import type { Cluster } from '../../hack/cluster/index.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { Observer } from '../support/observer.ts';
import type { RunningOperator } from '../support/operator.ts';
import { usageOf } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { restartApiServer } from './api-server.ts';
import { cyclesOf, watched, type Watched } from './watched.ts';
import { each, FEW, makePool, MANY, removePool, scalePool, untilBound } from './workload.ts';

/** What a run measures on. */
export interface Stage {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  readonly operator: RunningOperator;
  /** File for a profile of a part; undefined = none is made. */
  readonly profileOf: (part: string) => string | undefined;
}

/** Something that was timed: Pods bound a second. */
export type Rated = Watched & { readonly rate: number };

/** More cpu than a node has, milli. */
const TOO_MUCH = 40_000;
/** How many pools ask for it. */
const OVERBOOKED = 50;
/** How long an overbooked cluster, and one that was listed anew, is looked at, ms. */
const LOOK_MS = 20_000;

/** Waits, for what is measured by the time that goes by. */
export const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nameOf = (index: number): string => `pool-${index}`;

/** A burst of servers of one pool, which are gone afterwards. */
export async function burst(stage: Stage, part: string, servers: number): Promise<Rated> {
  const { client, operator, profileOf } = stage;
  const make = () => makePool(client, { namespace: FEW, name: 'burst', replicas: servers });
  let ms = 0;
  const account = await watched(
    operator,
    async () => (ms = await untilBound(client, FEW, servers, make)),
    profileOf(part),
  );
  await removePool(client, FEW, 'burst');
  return { ...account, rate: (servers * 1000) / ms };
}

/** Fills the cluster with many pools at once. @param roles how many they draw on in turn; 0 = that of their namespace */
export async function fill(stage: Stage, pods: number, pools: number, roles: number): Promise<Rated> {
  const { client, operator, profileOf } = stage;
  const make = (index: number) => {
    const role = roles > 0 ? { role: `role-${index % roles}` } : {};
    return makePool(client, { name: nameOf(index), index, replicas: pods / pools, ...role });
  };
  let ms = 0;
  const account = await watched(
    operator,
    async () => (ms = await untilBound(client, MANY, pods, () => each(pools, make))),
    profileOf('filling'),
  );
  return { ...account, rate: (pods * 1000) / ms };
}

/** Scales one pool by one, again and again. */
export async function change(
  stage: Stage,
  pods: number,
  pools: number,
  changes: number,
): Promise<Watched & { readonly cycleMs: readonly number[] }> {
  const { client, operator, profileOf } = stage;
  const cycleMs: number[] = [];
  const work = async () => {
    const observer = new Observer(client, MANY);
    await observer.start();
    for (let i = 0; i < changes; i++) {
      const before = cyclesOf(await operator.metrics());
      await scalePool(client, MANY, nameOf(i % pools), pods / pools + 1 + Math.floor(i / pools));
      await until('the server of a changed pool is bound', () => observer.boundAt.size > pods + i);
      const after = cyclesOf(await operator.metrics());
      cycleMs.push((after.ms - before.ms) / (after.count - before.count));
    }
    await observer.stop();
  };
  return { ...(await watched(operator, work, profileOf('changing'))), cycleMs };
}

/** Nothing happens. */
export async function idle({ operator, profileOf }: Stage, seconds: number): Promise<Watched> {
  await rest(5000);
  return watched(operator, () => rest(seconds * 1000), profileOf('idle'), false);
}

/** Tasks wait that no node can take. */
export async function overbook({ client, operator, profileOf }: Stage, tasks: number): Promise<Watched> {
  const pool = (index: number) => ({ namespace: FEW, name: `wait-${index}`, index, cpu: TOO_MUCH });
  const account = await watched(
    operator,
    async () => {
      await each(OVERBOOKED, (i) =>
        makePool(client, { ...pool(i), replicas: Math.ceil(tasks / OVERBOOKED) }),
      );
      await rest(LOOK_MS);
    },
    profileOf('waiting'),
  );
  for (let i = 0; i < OVERBOOKED; i++) await removePool(client, FEW, pool(i).name);
  return account;
}

/** The API server ends and comes back, so that all is listed anew. */
export async function listAnew(stage: Stage): Promise<Watched & { readonly backMs: number }> {
  const { client, cluster, operator, profileOf } = stage;
  let backMs = 0;
  const work = async () => {
    await restartApiServer(cluster);
    const make = () => makePool(client, { namespace: FEW, name: 'after', replicas: 1 });
    backMs = await untilBound(client, FEW, 1, make);
    await rest(LOOK_MS);
  };
  return { ...(await watched(operator, work, profileOf('relist'))), backMs };
}

/** The operator has ended while the pool of `listAnew` was scaled, and another starts: how long until it places, and its memory. */
export async function startAnew(
  { client }: Stage,
  start: () => Promise<RunningOperator>,
): Promise<{ readonly operator: RunningOperator; readonly ms: number; readonly rss: number }> {
  await scalePool(client, FEW, 'after', 2);
  const started = Promise.withResolvers<RunningOperator>();
  const ms = await untilBound(client, FEW, 2, async () => started.resolve(await start()));
  const operator = await started.promise;
  await rest(10_000);
  return { operator, ms, rss: usageOf(operator.pid).rssMib };
}
