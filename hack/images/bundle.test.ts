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

const run = promisify(execFile);

it('makes a folder that runs with nothing beside it, CommonJS dependencies and top-level await included', async () => {
  await writeFile(
    join(folder, 'entry.ts'),
    `import { Counter, register } from 'prom-client';
     import { pino } from 'pino';
     import { Pool } from 'undici';
     new Counter({ name: 'ran', help: 'x' }).inc();
     pino().info({ pool: typeof Pool, metrics: await register.metrics() } satisfies object);`,
  );
  const output = await bundle(join(folder, 'entry.ts'), join(folder, 'out', 'bundle'));
  await rm(join(folder, 'entry.ts'));
  const { stdout } = await run(process.execPath, [output], { cwd: '/' });
  expect(JSON.parse(stdout)).toMatchObject({
    pool: 'function',
    metrics: expect.stringContaining('ran 1') as string,
  });
  for (const text of (await textsIn(join(folder, 'out', 'bundle'))).values())
    expect(text).not.toContain(DIST);
});

it('holds the lease thread', async () => {
  const source = (file: string) => JSON.stringify(join(DIST, '..', 'src', file));
  await writeFile(
    join(folder, 'entry.ts'),
    `import { LeaderElector } from ${source('kube/lease.ts')};
     import { systemClock } from ${source('lib/clock.ts')};
     const stop = new AbortController();
     const hear = ({ error }: { error?: unknown }) => (console.log(error), stop.abort());
     await new LeaderElector({
       access: { server: 'http://127.0.0.1:1', tls: {}, auth: { kind: 'none' }, namespace: 'n' },
       namespace: 'n', name: 'l', identity: 'me', release: false, clock: systemClock, random: Math.random,
       log: { info() {}, debug() {}, warn: hear, error: hear }, onStarted() {}, onStopped() {},
     }).run(stop.signal);`,
  );
  const output = await bundle(join(folder, 'entry.ts'), join(folder, 'bundle'));
  const { stdout } = await run(process.execPath, [output], { cwd: '/' });
  expect(stdout).toMatch(/ECONNREFUSED/u);
});

it('keeps client-node in a file that is read only when somebody logs in with it', async () => {
  await bundle(undefined, join(folder, 'bundle'));
  const texts = await textsIn(join(folder, 'bundle'));
  const isLogin = (name: string) => /^login-\w+\.mjs$/u.test(name);
  const holders = [...texts].filter(([, text]) => /^\/\/ .*\/@kubernetes\/client-node\//mu.test(text));
  expect(holders.map(([name]) => isLogin(name))).toEqual([true]);
  const importedAtOnce = [...texts.values()].flatMap((text) =>
    [...text.matchAll(/(?:from|^import) "\.\/([^"]+)"/gmu)].map(([, name = '']) => name),
  );
  expect(importedAtOnce).toContainEqual(expect.stringMatching(/^chunk-/u));
  expect(importedAtOnce.filter(isLogin)).toEqual([]);
});

it('leaves the last good bundle in place when an import cannot be found, and replaces it else', async () => {
  const output = join(folder, 'bundle');
  await mkdir(output);
  await writeFile(join(output, 'proffer.mjs'), 'good');
  await writeFile(join(output, 'chunk-OLD.mjs'), 'good');
  await writeFile(join(folder, 'entry.ts'), "import './missing.ts';");
  await expect(bundle(join(folder, 'entry.ts'), output)).rejects.toThrow(/entry\.ts:1:7.*missing\.ts/su);
  expect(await readFile(join(output, 'proffer.mjs'), 'utf8')).toBe('good');
  expect((await readdir(folder)).sort()).toEqual(['bundle', 'entry.ts']);

  await writeFile(join(folder, 'entry.ts'), '');
  await bundle(join(folder, 'entry.ts'), output);
  expect(await readdir(output)).not.toContain('chunk-OLD.mjs');
  expect((await readdir(folder)).sort()).toEqual(['bundle', 'entry.ts']);
});

/** The files of a bundle by their names. */
async function textsIn(of: string): Promise<Map<string, string>> {
  const names = await readdir(of);
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(of, name), 'utf8')] satisfies [string, string]),
    ),
  );
}
