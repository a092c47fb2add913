import type { Comparison } from './compare.ts';
import { RULES } from './random-rules.ts';

/** The comparisons by rule, as a Markdown table. A Pod counts under each of its rules. */
export function differentialTable(comparisons: readonly Comparison[]): string {
  const row = (rule: string, all: readonly Comparison[]) => {
    const sum = (of: (each: Comparison) => number) => all.reduce((total, each) => total + of(each), 0);
    const cells = [
      rule,
      all.length,
      sum(({ nodes }) => nodes),
      sum(({ fits }) => fits),
      sum(({ disagreements }) => disagreements.length),
    ];
    return `| ${cells.join(' | ')} |`;
  };
  return [
    '| rule | Pods | verdicts on nodes | of them accepted | disagreements |',
    '|---|---:|---:|---:|---:|',
    ...Object.keys(RULES).map((rule) =>
      row(
        rule,
        comparisons.filter(({ rules }) => rules.includes(rule)),
      ),
    ),
    row('all', comparisons),
  ].join('\n');
}
