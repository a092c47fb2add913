/**
 * Mutation testing: changes the allocator's source in thousands of small ways and looks whether its unit tests notice.
 * Usage: npm run mutate [-- FOLDER-OR-FILE...]   (default: src/allocator)
 * What was found before is found again without running it, as long as neither the code nor its tests changed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { percentOf, tally, type Report } from './tally.ts';

const here = import.meta.dirname;
const root = join(here, '../..');
const REPORT = '.cache/mutate/report.json';
const NO_TESTS = ['!src/**/*.test.ts', '!src/**/*.test-helper.ts'];

/** Runs a program at the lowest priority, its output shown. */
function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync('nice', ['-n', '19', program, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const targets = process.argv.length > 2 ? process.argv.slice(2) : ['src/allocator'];
const missing = targets.find((target) => !existsSync(join(root, target)));
if (missing !== undefined) {
  console.error(`npm run mutate: there is no "${missing}": name files or folders under src/allocator`);
  process.exit(2);
}
const patterns = targets.map((target) =>
  statSync(join(root, target)).isDirectory() ? join(target, '**/*.ts') : target,
);

if (!existsSync(join(here, 'node_modules'))) run('npm', ['ci', '--prefix', here, '--loglevel=error']);
run(join(here, 'node_modules/.bin/stryker'), [
  'run',
  join(here, 'stryker.config.mjs'),
  '--mutate',
  [...patterns, ...NO_TESTS].join(','),
]);

const report = JSON.parse(readFileSync(join(root, REPORT), 'utf8')) as Report;
for (const [file, { mutants }] of Object.entries(report.files)) {
  for (const { status, location, mutatorName, replacement } of mutants) {
    if (status !== 'Survived' && status !== 'NoCoverage') continue;
    const what = (replacement ?? '').replaceAll(/\s+/g, ' ').slice(0, 80);
    console.log(
      `${file}:${location.start.line}:${location.start.column} ${status}: ${mutatorName} -> ${what}`,
    );
  }
}
console.log('\nfolder                          killed     of   part');
for (const { name, killed, all } of tally(report, dirname)) {
  console.log(
    `${name.padEnd(28)} ${String(killed).padStart(9)} ${String(all).padStart(6)} ${percentOf(killed, all)}`,
  );
}
