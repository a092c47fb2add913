import { readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CHART, helm, type Manifest, render, valueSetFile, valueSets } from './helm.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const update = process.env['UPDATE_GOLDEN'] === '1';

const identity = ({ kind, metadata }: Manifest): string =>
  `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

/** Order and layout of our own, so that another version of Helm gives the same text. crds.test.ts has the CRDs. */
const normalize = (manifests: Manifest[]): string =>
  manifests
    .filter(({ kind }) => kind !== 'CustomResourceDefinition')
    .sort((a, b) => identity(a).localeCompare(identity(b), 'en'))
    .map((manifest) => stringify(manifest, { lineWidth: 0 }))
    .join('---\n');

const sets = await valueSets();

describe.each(sets)('with the values of %s.yaml', (set) => {
  test('helm lint --strict finds nothing', async () => {
    const result = await helm('lint', '--strict', CHART, '--values', valueSetFile(set));
    expect(result, result.stdout).toMatchObject({ ok: true });
    expect(result.stdout).not.toMatch(/\[(WARNING|ERROR)\]/);
  });

  test('the render is the golden one (UPDATE_GOLDEN=1 accepts a change)', async () => {
    const got = normalize(await render(set));
    const file = join(GOLDEN, `${set}.yaml`);
    if (update) await writeFile(file, got);
    expect(got).toBe(await readFile(file, 'utf8'));
  });
});

test('every golden render has its value set', async () => {
  const golden = (await readdir(GOLDEN)).map((file) => basename(file, '.yaml')).sort();
  expect(golden).toEqual(sets);
  expect(sets.length).toBeGreaterThanOrEqual(6);
});
