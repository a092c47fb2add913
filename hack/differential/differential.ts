/**
 * Compares Proffer with the real kube-scheduler on random clusters: for each random Pod, the nodes that either lets it go
 * to. Prints a table of the rules, and every disagreement; ends with 1 when there is one.
 *
 *   npm run differential -- [--pods 4000] [--each 100] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { startCluster } from '../cluster/index.ts';
import { compareCluster, type Comparison } from '../../test/support/differential/compare.ts';
import { Ground } from '../../test/support/differential/ground.ts';
import { CLUSTER } from '../../test/support/differential/storage-ground.ts';
import { AskedScheduler } from '../../test/support/differential/scheduler.ts';
import { differentialTable } from '../../test/support/differential/table.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '4000' },
    each: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
const [pods, each, seed] = [Number(values.pods), Number(values.each), Number(values.seed)];

const cluster = await startCluster({ ...CLUSTER, name: 'differential' });
const scheduler = await AskedScheduler.start(cluster.kubeconfigPath);
const ground = new Ground(cluster.kubeconfigPath, scheduler);
const comparisons: Comparison[] = [];
const start = performance.now();
try {
  await ground.prepare();
  for (let round = 0; comparisons.length < pods; round++) {
    const asked = Math.min(each, pods - comparisons.length);
    comparisons.push(...(await compareCluster(ground, scheduler, seed + round, asked)));
    console.error(`${comparisons.length} Pods`);
  }
} finally {
  await ground.close();
  await scheduler.stop();
  await cluster.down();
}
const wrong = comparisons.flatMap(({ disagreements }) => disagreements);
for (const { seed: of, node, acceptedBy, reasons, pod } of wrong) {
  console.log(
    `seed ${of}: ${node} accepted by ${acceptedBy} alone; Proffer: ${reasons.join(', ') || 'fits'}`,
  );
  console.log(JSON.stringify({ metadata: pod.metadata, spec: pod.spec }));
}
console.log(differentialTable(comparisons));
console.error(`${Math.round((performance.now() - start) / 1000)} s`);
process.exitCode = wrong.length > 0 ? 1 : 0;
