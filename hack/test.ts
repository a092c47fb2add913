/**
 * Runs every check and every suite, says what failed, and ends with one line: `N passed, N failed`, the sum over all.
 * Usage: node hack/test.ts [suite...]   (default: all, in this order)
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pruneClusters } from './cluster/index.ts';
import { REPORT_VARIABLE } from './failure-reporter.ts';
import { SEED_VARIABLE } from './property-seed.ts';
import { failureLines, type Failure, type Report } from './failures.ts';

/** Checks count as one test each; vitest projects count their tests. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  typecheck: ['tsc', '--noEmit'],
  lint: ['oxlint', '--deny-warnings'],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
};
const PROJECTS = ['unit', 'chart', 'integration', 'e2e', 'chaos'];
/** A run that says whether a change is good tries the cases that the run before it tried; plain vitest draws new ones. */
const SEED = process.env[SEED_VARIABLE] ?? '1';
/** Those that start clusters. */
const CLUSTER_PROJECTS = new Set(['integration', 'e2e', 'chaos']);

const bin = (name: string): string => join('node_modules', '.bin', name);

/** Runs a program of node_modules to its end, its output shown, and returns the exit code. */
function run(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const path = `${join(process.cwd(), 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  const child = spawn(bin(name), args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env, PATH: path },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** What a suite comes to that fails as a whole. */
const broken = (file: string, error: string): Report['failures'] => [{ file, name: '', error }];

async function check(name: string): Promise<Report> {
  const [program, ...args] = CHECKS[name]!;
  const code = await run(program!, args);
  if (code === 0) return { passed: 1, failures: [] };
  return { passed: 0, failures: broken(name, `${program} ended with ${code}`) };
}

/** Runs one vitest project. A run that dies, or that finds no test, is a failure, whatever it counted. */
async function project(name: string, folder: string): Promise<Report> {
  const file = join(folder, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=./hack/failure-reporter.ts'];
  const code = await run('vitest', ['run', '--project', name, ...reporters], {
    [REPORT_VARIABLE]: file,
    [SEED_VARIABLE]: SEED,
  });
  let report: Report;
  try {
    report = JSON.parse(await readFile(file, 'utf8')) as Report;
  } catch {
    return { passed: 0, failures: broken(name, `vitest ended with ${code} and reported nothing`) };
  }
  if (report.failures.length > 0) return report;
  if (code !== 0) return { ...report, failures: broken(name, `vitest ended with ${code}`) };
  return report.passed > 0 ? report : { ...report, failures: broken(name, 'there is no test') };
}

const all = [...Object.keys(CHECKS), ...PROJECTS];
const suites = process.argv.length > 2 ? process.argv.slice(2) : all;
const unknown = suites.find((suite) => !all.includes(suite));
if (unknown !== undefined) {
  console.error(`hack/test.ts: there is no suite "${unknown}": choose from ${all.join(', ')}`);
  process.exit(2);
}

// A run that was killed takes the memory that this one needs.
if (suites.some((suite) => CLUSTER_PROJECTS.has(suite)))
  for (const cluster of await pruneClusters(console.log)) console.log(`Left behind, and removed: ${cluster}`);

const folder = await mkdtemp(join(tmpdir(), 'proffer-test-'));
let passed = 0;
const failures: Failure[] = [];
const table: string[] = [];
for (const suite of suites) {
  const start = performance.now();
  console.log(`\n==> ${suite}`);
  const report = suite in CHECKS ? await check(suite) : await project(suite, folder);
  const seconds = Math.round((performance.now() - start) / 1000);
  passed += report.passed;
  failures.push(...report.failures);
  const [good, bad] = [String(report.passed).padStart(5), String(report.failures.length).padStart(3)];
  table.push(`${suite.padEnd(12)} ${good} passed ${bad} failed  ${seconds} s`);
}
await rm(folder, { recursive: true });
const said = failureLines(failures);
if (said.length > 0) console.log(`\n${said.join('\n')}`);
console.log(`\n${table.join('\n')}\n\n${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
