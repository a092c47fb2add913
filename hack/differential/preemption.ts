/**
 * Compares Proffer's evictions with those of the real kube-scheduler on random worlds: full nodes, and a Pod that comes
 * with a priority. Prints how often what came of it, and every world that no rule of docs/preemption.md explains; ends
 * with 1 when there is one.
 *
 *   npm run differential:preemption -- [--worlds 400] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { Arena } from '../../test/support/arena.ts';
import { Draw } from '../../test/support/differential/draw.ts';
import { PreemptionGround, preemptionCluster } from '../../test/support/differential/preemption-ground.ts';
import { comparePreemption } from '../../test/support/differential/preemption-verdict.ts';
import { randomWorld } from '../../test/support/differential/preemption-world.ts';
import { OperatorProcess } from '../../test/support/operator.ts';

/** Worlds that are on the cluster together. */
const TOGETHER = 20;

const { values } = parseArgs({
  options: { worlds: { type: 'string', default: '400' }, seed: { type: 'string', default: '1' } },
});
const worlds = Array.from({ length: Number(values.worlds) }, (_, i) => {
  const seed = Number(values.seed) + i;
  return randomWorld(new Draw(seed), seed);
});

const arena = await Arena.start({ name: 'differential', ...preemptionCluster(TOGETHER) });
const kubeconfig = arena.cluster.kubeconfigPath;
const operator = await OperatorProcess.start({ kubeconfig, identity: 'differential' });
const ground = new PreemptionGround(kubeconfig, TOGETHER);
const kinds = new Map<string, number>();
try {
  await ground.prepare();
  for (let at = 0; at < worlds.length; at += TOGETHER) {
    const some = worlds.slice(at, at + TOGETHER);
    (await ground.compare(some)).forEach(([theirs, ours], i) => {
      const kind = comparePreemption(some[i]!, theirs, ours);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (!kind.startsWith('FAULT')) return;
      process.exitCode = 1;
      console.log(`${kind}: kube-scheduler`, theirs, 'Proffer', ours, JSON.stringify(some[i]));
    });
    console.error(`${at + some.length} worlds`);
  }
} finally {
  await ground.close();
  await operator.stop();
  await arena.down();
}
for (const [kind, count] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`| ${kind} | ${count} |`);
