import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { readRecipe } from './recipe-file.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'recipe-'))));
afterEach(() => rm(folder, { recursive: true }));

const written = async (text: string): Promise<string> => {
  const file = join(folder, 'recipe.yaml');
  await writeFile(file, text);
  return file;
};

it('copies programs and files from where the recipe lies', async () => {
  await writeFile(join(folder, 'server'), 'binary');
  await writeFile(join(folder, 'server.cfg'), 'map dust');
  const recipe = await readRecipe(
    await written(`
name: my-server
tag: '1'
programs: [{path: /app/server, from: server}]
files: [{path: /app/server.cfg, from: ./server.cfg}]
config: {entrypoint: [/app/server], ports: [7777/udp]}
`),
  );
  expect(recipe).toMatchObject({
    name: 'my-server',
    tag: '1',
    packages: [],
    programs: [{ path: '/app/server', source: join(folder, 'server') }],
    files: [{ path: '/app/server.cfg', text: 'map dust' }],
    config: { entrypoint: ['/app/server'], cmd: [], env: {}, ports: ['7777/udp'] },
  });
});

test('another build of a program is another image', async () => {
  const file = await written(
    `{name: a, tag: '1', programs: [{path: /app/server, from: server}], config: {entrypoint: [/app/server]}}`,
  );
  await writeFile(join(folder, 'server'), 'one');
  const before = await readRecipe(file);
  await writeFile(join(folder, 'server'), 'three');
  expect((await readRecipe(file)).programs).not.toEqual(before.programs);
});

describe('what is wrong is named with its field', () => {
  test.each([
    [`{tag: '1', config: {}}`, /name: /u],
    [`{name: My Server, tag: '1', config: {}}`, /name: must be lower-case letters/u],
    [`{name: a, tag: 1, config: {}}`, /tag: /u],
    [`{name: a, tag: '1', config: {port: [1]}}`, /config: .*"port"/u],
    [
      `{name: a, tag: '1', paths: [/usr/bin/tini], config: {}}`,
      /paths\.0: must be a path without a leading slash/u,
    ],
    [`{name: a, tag: '1', config: {ports: ['7777']}}`, /config\.ports\.0: must be as 8303\/udp/u],
    [
      `{name: a, tag: '1', files: [{path: /a, from: gone}], config: {}}`,
      /files: there is no file .*gone: build or copy it first/u,
    ],
    [`name: [`, /recipe\.yaml: .*line 1/u],
    [`- a`, /the recipe: /u],
  ])('%s', async (text, message) => {
    await expect(readRecipe(await written(text))).rejects.toMatchObject({
      code: 'bad-recipe',
      message: expect.stringMatching(message) as string,
    });
  });
});

test.each(['teeworlds', 'trainer', 'postgresql'])('the recipe of %s can be read', async (name) => {
  const recipe = await readRecipe(join(import.meta.dirname, 'recipes', `${name}.yaml`));
  expect(recipe.name).toBe(name);
});
