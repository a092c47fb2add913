/**
 * Kubernetes' own end-to-end tests of scheduling, with Proffer in the place of kube-scheduler: on fake nodes, since they
 * look at where Pods go. The same tests run with kube-scheduler first; only what passes there counts.
 *
 *   make e2e-kubernetes [ARGS="--focus REGEXP"]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Arena } from '../../test/support/arena.ts';
import { OperatorProcess } from '../../test/support/operator.ts';
import { binary } from '../cluster/index.ts';
import { prepareNodes, routeToProffer, SHAPE } from './ground.ts';
import { type Outcome, runSuite } from './suite.ts';

const { values } = parseArgs({
  options: {
    focus: { type: 'string', default: String.raw`\[sig-scheduling\]` },
    // GPUs need a cloud's driver; a Workload is an API of another gang scheduler, off by default.
    skip: { type: 'string', default: String.raw`FeatureGate:GenericWorkload|\[Feature:GPU` },
  },
});

type Scheduler = 'kube-scheduler' | 'proffer';

async function runWith(scheduler: Scheduler, program: string, folder: string): Promise<Outcome[]> {
  const stock = scheduler === 'kube-scheduler';
  const arena = await Arena.start({ ...SHAPE, name: `e2e-${scheduler}`, scheduler: stock });
  let operator: OperatorProcess | undefined;
  try {
    await prepareNodes(arena.cluster);
    if (!stock) {
      operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'e2e' });
      await operator.deciding();
      await routeToProffer(arena.cluster);
    }
    const report = join(folder, `${scheduler}.json`);
    return await runSuite(arena.cluster, { ...values, program, report });
  } finally {
    await operator?.stop();
    await arena.down();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'e2e-kubernetes-'));
try {
  const program = await binary('e2e.test');
  const stock = await runWith('kube-scheduler', program, folder);
  const ours = new Map((await runWith('proffer', program, folder)).map((outcome) => [outcome.name, outcome]));
  const word = (outcome: Outcome | undefined): string =>
    outcome === undefined ? 'not run' : `${outcome.passed ? 'passed' : 'FAILED'} ${outcome.seconds} s`;
  const counted = stock.filter(({ passed }) => passed);
  const failed = counted.filter(({ name }) => ours.get(name)?.passed !== true);
  console.log('\nkube-scheduler / Proffer');
  for (const outcome of stock)
    console.log(`${word(outcome)} / ${word(ours.get(outcome.name))}: ${outcome.name}`);
  for (const { name } of failed)
    console.log(`\nFAILED with Proffer alone: ${name}\n${ours.get(name)?.why ?? ''}`);
  console.log(
    `\n${counted.length} passed with kube-scheduler, ${counted.length - failed.length} of them with Proffer`,
  );
  process.exitCode = counted.length === 0 || failed.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
