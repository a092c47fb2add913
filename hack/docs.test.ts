import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** `a/{b,c}.ts` is two names. */
function expanded(name: string): string[] {
  const [, before = '', choices, after = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(name) ?? [];
  if (choices === undefined) return [name];
  return choices.split(',').flatMap((choice) => expanded(`${before}${choice}${after}`));
}

test('the source files that the docs name exist', () => {
  const files = globSync('{src,test,hack,bench}/**/*.ts', { cwd: root }).map((file) => `/${file}`);
  const texts = new Set<string>();
  for (const page of globSync('{*.md,docs/*.md}', { cwd: root }))
    for (const [, name] of readFileSync(join(root, page), 'utf8').matchAll(/`([\w./{},*-]+\.ts)`/g))
      for (const each of expanded(name!)) texts.add(each);
  expect(texts.size).toBeGreaterThan(100);
  // Names may leave out the folders above, as tables do that have said them.
  const isThere = (name: string): boolean => {
    const end = new RegExp(`/${name.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
    return files.some((file) => end.test(file));
  };
  expect([...texts].filter((name) => !isThere(name))).toEqual([]);
});
