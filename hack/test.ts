/**
 * Runs every check and every suite, and ends with one line: `N passed, N failed`, the sum over all of them.
 * Usage: node hack/test.ts [suite...]   (default: all, in this order)
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pruneClusters } from './cluster/index.ts';

/** Checks count as one test each; vitest projects count their tests. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  typecheck: ['tsc', '--noEmit'],
  lint: ['oxlint', '--deny-warnings'],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
};
const PROJECTS = ['unit', 'chart', 'integration', 'e2e', 'chaos'];
/** Those that start clusters. */
const CLUSTER_PROJECTS = new Set(['integration', 'e2e', 'chaos']);

interface Count {
  passed: number;
  failed: number;
}

const bin = (name: string): string => join('node_modules', '.bin', name);

/** Runs a program of node_modules to its end, its output shown, and returns the exit code. */
function run(name: string, args: readonly string[]): Promise<number> {
  const path = `${join(process.cwd(), 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  const child = spawn(bin(name), args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function check(name: string): Promise<Count> {
  const [program, ...args] = CHECKS[name]!;
  const code = await run(program!, args);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Runs one vitest project. A run that dies, or that finds no test, is a failure, whatever it counted. */
async function project(name: string, folder: string): Promise<Count> {
  const report = join(folder, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run('vitest', ['run', '--project', name, ...reporters]);
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
    };
    const broken = numFailedTests === 0 && (code !== 0 || numPassedTests === 0);
    return { passed: numPassedTests, failed: numFailedTests + (broken ? 1 : 0) };
  } catch {
    return { passed: 0, failed: 1 };
  }
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
const total: Count = { passed: 0, failed: 0 };
const lines: string[] = [];
for (const suite of suites) {
  const start = performance.now();
  console.log(`\n==> ${suite}`);
  const count = suite in CHECKS ? await check(suite) : await project(suite, folder);
  const seconds = Math.round((performance.now() - start) / 1000);
  total.passed += count.passed;
  total.failed += count.failed;
  lines.push(
    `${suite.padEnd(12)} ${String(count.passed).padStart(5)} passed ${String(count.failed).padStart(3)} failed  ${seconds} s`,
  );
}
await rm(folder, { recursive: true });
console.log(`\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
