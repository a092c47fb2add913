import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { outputs, OWNED_FOLDERS } from './outputs.ts';

const root = join(import.meta.dirname, '../..');

describe('what is committed is what the schemas generate', () => {
  const files = outputs();

  test.each([...files.keys()])('%s', (path) => {
    expect(readFileSync(join(root, path), 'utf8'), 'run `npm run generate` and commit what changed').toBe(
      files.get(path),
    );
  });

  test.each(OWNED_FOLDERS)('%s holds nothing else', (folder) => {
    const present = readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
    expect(present.filter((path) => !files.has(path))).toEqual([]);
    expect(present.length).toBeGreaterThan(0);
  });
});
