import { writeFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';
import type { Failure, Report } from './failures.ts';

/** Names the file that the report is written to. */
export const REPORT_VARIABLE = 'PROFFER_TEST_REPORT';

type Thrown = Parameters<NonNullable<Reporter['onTestRunEnd']>>[1][number];

/** The lines of a comparison that differ, without its legend. */
const differing = (diff: unknown): string[] =>
  stripVTControlCharacters(typeof diff === 'string' ? diff : '')
    .split('\n')
    .filter((line) => /^[-+]/.test(line) && !/^(- Expected|\+ Received)/.test(line));

const words = ({ name, message, diff }: Thrown): string =>
  [name === undefined || name === 'Error' ? message : `${name}: ${message}`, ...differing(diff)].join('\n');

function failuresOf(module: TestModule): Failure[] {
  const failures: Failure[] = [];
  const add = (name: string, error: Thrown | undefined) =>
    failures.push({ file: module.relativeModuleId, name, error: error === undefined ? '' : words(error) });
  for (const error of module.errors()) add('', error);
  for (const suite of module.children.allSuites())
    for (const error of suite.errors()) add(`${suite.fullName} (a hook)`, error);
  for (const test of module.children.allTests('failed')) add(test.fullName, test.result().errors?.[0]);
  return failures;
}

/**
 * A reporter of vitest that writes a Report as JSON. Vitest's own JSON report leaves out hooks of a block, and errors
 * that nobody caught.
 */
export default class FailureReporter implements Reporter {
  /** Called by vitest at the end of a run. */
  async onTestRunEnd(modules: readonly TestModule[], uncaught: readonly Thrown[]): Promise<void> {
    let passed = 0;
    for (const module of modules) passed += [...module.children.allTests('passed')].length;
    const failures = modules.flatMap(failuresOf);
    for (const error of uncaught) failures.push({ file: 'uncaught', name: '', error: words(error) });
    const report: Report = { passed, failures };
    await writeFile(process.env[REPORT_VARIABLE]!, JSON.stringify(report));
  }
}
