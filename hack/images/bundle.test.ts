import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundle } from './bundle.ts';

const DIST = join(import.meta.dirname, '..', '..', 'dist');

// Below the repository, so that the entry finds its dependencies.
let folder: string;
beforeEach(async () => {
  await mkdir(DIST, { recursive: true });
  folder = await mkdtemp(join(DIST, 'test-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('makes one file that runs with nothing beside it, CommonJS dependencies and top-level await included', async () => {
  await writeFile(
    join(folder, 'entry.ts'),
    `import { Counter, register } from 'prom-client';
     import { pino } from 'pino';
     import { Pool } from 'undici';
     new Counter({ name: 'ran', help: 'x' }).inc();
     pino().info({ pool: typeof Pool, metrics: await register.metrics() } satisfies object);`,
  );
  const output = await bundle(join(folder, 'entry.ts'), join(folder, 'out', 'bundle.mjs'));
  await rm(join(folder, 'entry.ts'));
  const { stdout } = await promisify(execFile)(process.execPath, [output], { cwd: '/' });
  expect(JSON.parse(stdout)).toMatchObject({
    pool: 'function',
    metrics: expect.stringContaining('ran 1') as string,
  });
  expect(await readFile(output, 'utf8')).not.toContain(DIST);
});

it('leaves the last good bundle in place when an import cannot be found', async () => {
  const output = join(folder, 'bundle.mjs');
  await writeFile(output, 'good');
  await writeFile(join(folder, 'entry.ts'), "import './missing.ts';");
  await expect(bundle(join(folder, 'entry.ts'), output)).rejects.toThrow(/entry\.ts:1:7.*missing\.ts/su);
  expect(await readFile(output, 'utf8')).toBe('good');
  expect((await readdir(folder)).sort()).toEqual(['bundle.mjs', 'entry.ts']);
});
