/**
 * Mutation testing: changes the allocator's source in thousands of small ways and looks whether its unit tests notice.
 * Usage: npm run mutate [-- FOLDER-OR-FILE...]   (default: src/allocator)
 * Ends with 1 if fewer than THRESHOLD of the mutants are found.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { bundleTests } from './bundle-tests.ts';
import { instrument } from './instrument.ts';
import { percentOf, tally } from './tally.ts';
import { tryAll } from './trials.ts';

const THRESHOLD = 0.85;
const SOURCE = 'src/allocator';
const here = import.meta.dirname;
const root = join(here, '../..');
const CACHE = join(root, '.cache/mutate');

/** Ends the program: the targets make no sense. */
function refuse(why: string): never {
  console.error(`npm run mutate: ${why}`);
  process.exit(2);
}

/** The files to mutate below the root. */
function filesOf(targets: readonly string[]): string[] {
  const paths = targets.map((target) => normalize(target).replace(/\/$/, ''));
  const wrong = paths.find((path) => !`${path}/`.startsWith(`${SOURCE}/`) || !existsSync(join(root, path)));
  if (wrong !== undefined) refuse(`"${wrong}" is no file or folder of ${SOURCE}`);
  const found = paths.flatMap((path) =>
    statSync(join(root, path)).isDirectory() ? globSync(`${path}/**/*.ts`, { cwd: root }) : [path],
  );
  const files = [...new Set(found)].filter((file) => !/\.test(-helper)?\.ts$/.test(file)).sort();
  return files.length > 0 ? files : refuse('these are tests: name what they test');
}

/**
 * The tests beside the source, but for those that play thousands of random clusters against a slow second allocator:
 * they would find more, but take seconds for each mutant, and what counts is found by tests that say what should happen.
 */
function testFiles(): string[] {
  const files = globSync(`${SOURCE}/**/*.test.ts`, { cwd: root });
  return files.filter((file) => !/(\.property|\/fairness)\.test\.ts$/.test(file)).sort();
}

/** How many tests of these files pass in vitest. */
function countTests(files: readonly string[]): number {
  const report = join(CACHE, 'vitest.json');
  const args = [
    'run',
    '--project',
    'unit',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...files,
  ];
  execFileSync(join(root, 'node_modules/.bin/vitest'), args, { cwd: root, stdio: 'inherit' });
  return (JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number }).numPassedTests;
}

setPriority(constants.priority.PRIORITY_LOW);
const files = filesOf(process.argv.length > 2 ? process.argv.slice(2) : [SOURCE]);
if (!existsSync(join(here, 'node_modules')))
  execFileSync('npm', ['ci', '--prefix', here, '--loglevel=error'], { stdio: 'inherit' });

mkdirSync(CACHE, { recursive: true });
const { sources, mutants } = await instrument(root, files);
const tests = testFiles();
const testCount = countTests(tests);
console.log(
  `${mutants.length} mutants of ${files.length} files, ${testCount} tests of ${tests.length} files`,
);

const start = performance.now();
const step = Math.ceil(mutants.length / 20);
const tried = await tryAll(await bundleTests(root, tests, sources), mutants, testCount, (done) => {
  if (done % step === 0)
    console.log(`${done} mutants tried in ${Math.round((performance.now() - start) / 1000)} s`);
});

writeFileSync(join(CACHE, 'report.json'), `${JSON.stringify(tried, undefined, 1)}\n`);
for (const { file, line, column, operator, replacement, verdict } of tried) {
  if (verdict !== 'survived' && verdict !== 'uncovered') continue;
  const what = replacement.replaceAll(/\s+/g, ' ').slice(0, 80);
  console.log(`${file}:${line}:${column} ${verdict}: ${operator} -> ${what}`);
}
const tallies = tally(tried, dirname);
console.log('\nfolder                       mutants  found  timeouts  alive    part  static');
for (const { name, mutants, found, timeouts, static: atLoad } of tallies)
  console.log(
    `${name.padEnd(28)} ${String(mutants).padStart(7)} ${String(found).padStart(6)} ${String(timeouts).padStart(9)}` +
      ` ${String(mutants - found).padStart(6)} ${percentOf(found, mutants).padStart(7)} ${String(atLoad).padStart(7)}`,
  );
console.log(
  '\nAll verdicts are in .cache/mutate/report.json. Static mutants run only when a module is loaded: not tried.',
);
const { found, mutants: counted } = tallies.at(-1)!;
if (found < THRESHOLD * counted) {
  console.error(`fewer than ${percentOf(THRESHOLD, 1)} are found`);
  process.exit(1);
}
