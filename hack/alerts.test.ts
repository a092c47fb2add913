import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { METRICS, type MetricEntry } from '../src/views/metric-table.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/production.md'), 'utf8').replaceAll('\\|', '|');
const BY_NAME = new Map<string, MetricEntry>(Object.values(METRICS).map((entry) => [entry.name, entry]));

/** A metric as an expression asks for it: `rate(name{label="value"}[5m])`, or `max by (label) (name)`. */
const USE = /(\w+)(?: by \(\w+\) )?\((proffer_\w+)(?:\{([^}]*)\})?(\[\w+\])?/g;

interface Use {
  readonly inside: string;
  readonly name: string;
  /** Label, operator, value. */
  readonly matchers: readonly (readonly [string, string, string])[];
  readonly range: boolean;
}

const uses: Use[] = Array.from(PAGE.matchAll(USE), ([, inside, name, matchers = '', range]) => ({
  inside: inside!,
  name: name!,
  matchers: Array.from(
    matchers.matchAll(/(\w+)(=~|=)"([^"]*)"/g),
    ([, label, operator, value]) => [label!, operator!, value!] as const,
  ),
  range: range !== undefined,
}));

/** Values that a label can have, as far as there is a list of them. */
const valuesOf = (labels: string | readonly string[]): readonly string[] | undefined => {
  if (typeof labels !== 'string') return labels;
  return labels.startsWith('HTTP status')
    ? ['200', '404', '409', '429', '500', '503', 'none']
    : labels.split(', ');
};

test('every metric that the page names is read by an expression that this test understands', () => {
  const named = [...PAGE.matchAll(/proffer_[a-z_]+/g)].length;
  expect(uses.length).toBe(named);
  expect(named).toBeGreaterThan(8);
});

describe.each(uses)('the alert on $name', ({ inside, name, matchers, range }) => {
  const entry = BY_NAME.get(name);

  test('asks for a metric that there is', () => {
    expect(entry).toBeDefined();
  });

  test('asks for a rate of what counts, and for nothing but that', () => {
    expect(range && ['rate', 'increase'].includes(inside)).toBe(entry!.kind === 'counter');
  });

  test.each(matchers)('by its label %s %s "%s", which can be so', (label, operator, value) => {
    const values = valuesOf(entry!.labels[label]!);
    for (const each of operator === '=~' ? value.split('|') : [value])
      expect(
        values!.some((known) => new RegExp(`^${each}$`).test(known)),
        each,
      ).toBe(true);
  });
});
