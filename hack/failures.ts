import { stripVTControlCharacters } from 'node:util';

/** One thing that failed: a test, a hook, a file that could not be loaded, a check, or a run as a whole. */
export interface Failure {
  /** Path of the test file from the root, or the name of the suite. */
  readonly file: string;
  /** Full name of the test or of the block of the hook; empty when it is the file as a whole. */
  readonly name: string;
  /** What was thrown. */
  readonly error: string;
}

/** What a vitest run comes to; failures of hooks and files count as one each. */
export interface Report {
  readonly passed: number;
  readonly failures: readonly Failure[];
}

const MOST = 10;
const MOST_LINES = 3;
const MOST_CHARACTERS = 300;

/** The first lines of an error, without colours and empty lines. */
function beginning(error: string): string[] {
  const text = stripVTControlCharacters(error).trim();
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
  const lines = cut.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, MOST_LINES);
}

/** Says what failed, in so few lines that the tail of a long log holds them. */
export function failureLines(failures: readonly Failure[]): string[] {
  const lines = failures
    .slice(0, MOST)
    .flatMap(({ file, name, error }) => [
      `FAILED ${file}${name === '' ? '' : ` > ${name}`}`,
      ...beginning(error).map((line) => `    ${line.trimEnd()}`),
    ]);
  if (failures.length > MOST) lines.push(`and ${failures.length - MOST} more`);
  return lines;
}
