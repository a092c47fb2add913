import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CHART, ofKind, REPOSITORY, render, renderWith, tryRender } from './helm.ts';

const SOURCE = join(REPOSITORY, 'crds');
const COPY = join(CHART, 'files', 'crds');

const definitions = async (folder: string): Promise<Map<string, string>> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)),
  );
};

test("the chart carries the repository's definitions, byte for byte", async () => {
  const source = await definitions(SOURCE);
  expect(source.size).toBe(4);
  expect(await definitions(COPY)).toEqual(source);
});

test('what Helm renders is what the repository defines', async () => {
  const byName = (a: { metadata: { name: string } }, b: typeof a): number =>
    a.metadata.name.localeCompare(b.metadata.name);
  const want = [...(await definitions(SOURCE)).values()]
    .map((text) => parse(text) as { spec: unknown; metadata: { name: string } })
    .sort(byName);
  const got = ofKind(await render('defaults'), 'CustomResourceDefinition').sort(byName);
  expect(got.map(({ metadata }) => metadata.name)).toEqual([
    'gameserverclaims.proffer.dev',
    'gameserverpools.proffer.dev',
    'offerroles.proffer.dev',
    'trainingjobs.proffer.dev',
  ]);
  expect(got.map(({ spec }) => spec)).toEqual(want.map(({ spec }) => spec));
});

/** The rules of the definitions that are rendered for a version of Kubernetes. */
async function rulesFor(kubeVersion: string): Promise<string[]> {
  const found: string[] = [];
  const crds = ofKind(await render('defaults', kubeVersion), 'CustomResourceDefinition');
  JSON.stringify(crds, (key, value: unknown) => {
    if (key === 'x-kubernetes-validations')
      found.push(...(value as { rule: string }[]).map(({ rule }) => rule));
    return value;
  });
  return found;
}

test('Kubernetes 1.33 is spared the rules about amounts, which it finds too expensive', async () => {
  const all = await rulesFor('1.37.0');
  const cheap = all.filter((rule) => !rule.includes('uantity('));
  expect(cheap.length).toBeGreaterThan(40);
  expect(all.length - cheap.length).toBeGreaterThan(20);
  expect(await rulesFor('1.33.13')).toEqual(cheap);
  expect(await rulesFor('1.34.0')).toEqual(all);
});

const policies = async (values: unknown): Promise<(string | undefined)[]> =>
  ofKind(await renderWith(values), 'CustomResourceDefinition').map(
    ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'],
  );

test('an uninstall keeps them, unless told not to', async () => {
  expect(await policies({})).toEqual(['keep', 'keep', 'keep', 'keep']);
  expect(await policies({ crds: { keep: false } })).toEqual([undefined, undefined, undefined, undefined]);
});

test('they can be left to others', async () => {
  expect(await policies({ crds: { install: false } })).toEqual([]);
  const { stdout } = await tryRender({ crds: { install: false } });
  expect(stdout).not.toContain('kind: CustomResourceDefinition');
});
