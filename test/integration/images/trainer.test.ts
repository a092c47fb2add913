import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildImage } from '../../../hack/images/index.ts';
import { until } from '../../support/until.ts';
import { unpackImage, type ImageRoot } from './root.ts';

let image: ImageRoot;
beforeAll(async () => (image = await unpackImage((await buildImage('trainer')).tar)));
afterAll(() => image[Symbol.asyncDispose]());

const worker = (index: string, size: string): Record<string, string> => ({
  PROFFER_WORKER_INDEX: index,
  PROFFER_WORLD_SIZE: size,
});

it('trains each of three workers on a shard of its own until the loss is low', async () => {
  const runs = ['0', '1', '2'].map((index) => image.run({ env: worker(index, '3') }));
  const statuses = await Promise.all(runs.map((run) => run.status));
  const outputs = runs.map((run) => run.output());
  expect(statuses, outputs.join('\n')).toEqual([0, 0, 0]);
  const losses = outputs.map((output) =>
    [...output.matchAll(/^epoch .* loss (\S+)$/gmu)].map(([, loss]) => Number(loss)),
  );
  for (const each of losses) expect(each.at(-1)).toBeLessThan(each[0] ?? 0);
  expect(new Set(losses.map((each) => each.join())).size).toBe(3);
});

it('ends with 1 when the loss is not low enough', async () => {
  const run = image.run({ args: ['--epochs', '1', '--bound', '0.001'] });
  expect(await run.status).toBe(1);
  expect(run.output()).toContain('NOT under 0.001');
});

it('stops on SIGTERM and goes on from its checkpoint', async () => {
  const tmp = await mkdtemp(join(tmpdir(), 'proffer-checkpoint-'));
  try {
    await chown(tmp, 65_532, 65_532);
    const args = ['--epochs', '4', '--checkpoint', '/tmp'];
    const first = image.run({ args: [...args, '--pause', '60'], tmp });
    const checkpoint = join(tmp, 'worker-0.json');
    await until('a checkpoint', () => existsSync(checkpoint));
    process.kill(await first.pid(), 'SIGTERM');
    expect(await first.status).toBe(143);
    const second = image.run({ args, tmp });
    expect(await second.status).toBe(0);
    expect(second.output()).toMatch(/, 1 epochs done, .*\nepoch 2\/4 /u);
  } finally {
    await rm(tmp, { recursive: true });
  }
});

it('names a setting that makes no sense', async () => {
  const run = image.run({ env: worker('3', '3') });
  expect(await run.status).toBe(2);
  expect(run.output()).toContain('PROFFER_WORKER_INDEX 3 must be below PROFFER_WORLD_SIZE 3');
});
