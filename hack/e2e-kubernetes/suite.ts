import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Cluster } from '../cluster/index.ts';

/** How one test of the suite ended. */
export interface Outcome {
  /** Its whole name, as the suite writes it. */
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** First lines of what failed. */
  readonly why: string;
}

interface SpecReport {
  readonly ContainerHierarchyTexts: readonly string[] | null;
  readonly LeafNodeType: string;
  readonly LeafNodeText: string;
  readonly State: string;
  /** Nanoseconds. */
  readonly RunTime: number;
  readonly Failure?: { readonly Message?: string };
}

/** What is asked of the suite. */
export interface Selection {
  /** Path of the built suite. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  /** Regular expressions over the names of tests, of Go. */
  readonly focus: string;
  readonly skip: string;
  /** Where the report is written. */
  readonly report: string;
}

/**
 * Runs the tests of Kubernetes' own suite that are selected against a cluster, one after another, always in one order.
 * @throws Error when the suite ended without a report
 */
export async function runSuite(
  cluster: Cluster,
  { program, env, focus, skip, report }: Selection,
): Promise<Outcome[]> {
  const args = [
    `--kubeconfig=${cluster.kubeconfigPath}`,
    '--provider=skeleton',
    `--kubectl-path=${cluster.kubectlPath}`,
    `--ginkgo.focus=${focus}`,
    `--ginkgo.skip=${skip}`,
    '--ginkgo.seed=1',
    '--ginkgo.no-color',
    '--ginkgo.succinct',
    `--ginkgo.json-report=${report}`,
  ];
  const child = spawn(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  await once(child, 'exit');
  const [suite] = JSON.parse(readFileSync(report, 'utf8')) as [{ SpecReports: readonly SpecReport[] }];
  return suite.SpecReports.filter(
    ({ LeafNodeType, State }) => LeafNodeType === 'It' && State !== 'skipped',
  ).map(({ ContainerHierarchyTexts, LeafNodeText, State, RunTime, Failure }) => ({
    name: [...(ContainerHierarchyTexts ?? []), LeafNodeText].join(' '),
    passed: State === 'passed',
    seconds: Math.round(RunTime / 1e9),
    why: (Failure?.Message ?? '').split('\n').slice(0, 4).join('\n'),
  }));
}
