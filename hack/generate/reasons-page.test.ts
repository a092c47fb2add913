import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AVAILABLE_REASON, REASON, ROLE_REASON, UPDATE_REASON } from '../../src/api/conditions.ts';
import { reasonsPage } from './reasons-page.ts';

const root = join(import.meta.dirname, '../..');

/** Words in the first column of a table of a page, in code style. */
const firstColumn = (page: string): string[] =>
  [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word!);

test('every reason of a condition has its meaning and its cure', () => {
  const words = firstColumn(reasonsPage());
  for (const reasons of [REASON, ROLE_REASON, UPDATE_REASON, AVAILABLE_REASON])
    expect(words).toEqual(expect.arrayContaining(Object.values(reasons)));
});

test('events are written where their reasons are typed, and the page has no reason that nobody writes', () => {
  const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const recording = [...texts].filter(([, text]) => /events\.record\(/.test(text)).map(([file]) => file);
  expect(recording).toEqual(['src/controllers/announce.ts']);
  const [, events = ''] = reasonsPage().split('\n## Events\n');
  const reasons = firstColumn(events);
  expect(reasons.length).toBeGreaterThan(10);
  // Plans have the words of removals and news, handlers those of the other commands, the prober and the rules of sessions their own.
  const sources = [
    ...recording,
    'src/plan/command.ts',
    'src/plan/telling.ts',
    ...[...texts.keys()].filter((file) => /^src.(writes|probes|controllers.allocation)/.test(file)),
  ];
  const source = sources
    .map((file) => texts.get(file)!)
    .join('\n')
    // Without the list of the type itself.
    .replace(/export type EventReason =[^;]*;/, '');
  for (const reason of reasons) expect(source).toMatch(new RegExp(`\\b${reason}\\b`));
});
