import type { Difference, StepReport } from './report.ts';

function lineOf({ what, of, expected, found, detail }: Difference): string {
  switch (what) {
    case 'missing':
      return `  missing      ${of}: ${expected}`;
    case 'unexpected':
      return `  unexpected   ${of}: ${found}`;
    case 'other':
      return `  different    ${of}: expected ${expected}, found ${found}${detail === '' ? '' : ` (${detail})`}`;
  }
}

/** An expectation that does not hold, in lines; empty when it holds. */
export function differenceText(file: string, { step, line, event, differences }: StepReport): string {
  if (differences === null || differences.length === 0) return '';
  return [`${file}:${line}: step ${step}, ${event} does not hold:`, ...differences.map(lineOf)].join('\n');
}
