/**
 * Kubernetes' own end-to-end tests with Proffer in the place of kube-scheduler: those of scheduling on fake nodes, or
 * those that need kubelets, on real ones. The same tests run with kube-scheduler first; only what passes there counts.
 *
 *   make e2e-kubernetes [ARGS="--part kubelets --focus REGEXP"]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Arena } from '../../test/support/arena.ts';
import { OperatorProcess } from '../../test/support/operator.ts';
import { binary } from '../cluster/index.ts';
import { routeToProffer } from './ground.ts';
import { REGISTRIES } from './images.ts';
import { type Part, PARTS } from './parts.ts';
import { type Outcome, runSuite } from './suite.ts';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'scheduling' },
    focus: { type: 'string' },
    skip: { type: 'string' },
  },
});
const part = PARTS[values.part];
if (!part) throw new Error(`no part "${values.part}": there are ${Object.keys(PARTS).join(', ')}`);

type Scheduler = 'kube-scheduler' | 'proffer';

async function runWith(
  { shape, prepare, focus, skip }: Part,
  scheduler: Scheduler,
  program: string,
  folder: string,
): Promise<Outcome[]> {
  const registries = join(folder, 'registries.yaml');
  writeFileSync(registries, JSON.stringify(REGISTRIES));
  const env = { ...process.env, KUBE_TEST_REPO_LIST: registries };
  const stock = scheduler === 'kube-scheduler';
  const arena = await Arena.start({ ...shape, name: `e2e-${values.part}-${scheduler}`, scheduler: stock });
  let operator: OperatorProcess | undefined;
  try {
    await prepare(arena.cluster, program, env);
    if (!stock) {
      operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'e2e' });
      await operator.deciding();
      await routeToProffer(arena.cluster);
    }
    const report = join(folder, `${scheduler}.json`);
    return await runSuite(arena.cluster, { focus, skip, ...values, program, env, report });
  } finally {
    await operator?.stop();
    await arena.down();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'e2e-kubernetes-'));
try {
  const program = await binary('e2e.test');
  const stock = await runWith(part, 'kube-scheduler', program, folder);
  const ours = new Map(
    (await runWith(part, 'proffer', program, folder)).map((outcome) => [outcome.name, outcome]),
  );
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
