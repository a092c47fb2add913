import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { compareCluster, type Comparison } from '../../support/differential/compare.ts';
import { Ground } from '../../support/differential/ground.ts';
import { CLUSTER } from '../../support/differential/storage-ground.ts';
import { RULES } from '../../support/differential/random-rules.ts';
import { AskedScheduler } from '../../support/differential/scheduler.ts';

/** Clusters that no long run (`npm run differential`) starts with. */
const SEEDS = [90_001, 90_002, 90_003];
const PODS = 80;

let cluster: Cluster;
let scheduler: AskedScheduler | undefined;
let ground: Ground | undefined;

beforeAll(async () => {
  cluster = await startCluster({ ...CLUSTER, name: 'it-differential' });
  scheduler = await AskedScheduler.start(cluster.kubeconfigPath);
  ground = new Ground(cluster.kubeconfigPath, scheduler);
  await ground.prepare();
});

afterAll(async () => {
  await ground?.close();
  await scheduler?.stop();
  await cluster?.down();
});

test('kube-scheduler and Proffer let random Pods go to the same nodes', async () => {
  const all: Comparison[] = [];
  for (const seed of SEEDS) all.push(...(await compareCluster(ground!, scheduler!, seed, PODS)));
  const wrong = all.flatMap(({ disagreements }) => disagreements);
  expect(
    wrong.map(({ node, acceptedBy, reasons, pod }) => ({ node, acceptedBy, reasons, pod: pod.spec })),
  ).toEqual([]);

  // Every rule let some Pods pass somewhere, and kept some off.
  for (const rule of Object.keys(RULES)) {
    const drawn = all.filter(({ rules }) => rules.includes(rule));
    expect(
      drawn.some(({ fits }) => fits > 0),
      rule,
    ).toBe(true);
    expect(
      drawn.some(({ fits, nodes }) => fits < nodes),
      rule,
    ).toBe(true);
  }
});
