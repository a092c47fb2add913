import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labelsPage } from './labels-page.ts';

const root = join(import.meta.dirname, '../..');

test('every label and annotation of the docs and examples is on the page', () => {
  const page = labelsPage();
  const files = globSync('{README.md,docs/*.md,examples/**/*.{yaml,md,py,sh}}', { cwd: root });
  expect(files.length).toBeGreaterThan(20);
  const used = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, name] of text.matchAll(
      /(?<![\w.])(proffer\.dev\/(?!v1alpha1|operator|counter\.)[a-z][a-z-]*)/g,
    ))
      used.add(name!);
  }
  expect(used.size).toBeGreaterThan(5);
  for (const name of used) expect(page).toContain(`\`${name}\``);
});
