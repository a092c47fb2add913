import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../lib/clock.ts';
import { systemClock } from '../lib/clock.ts';
import { Slices } from './slices.ts';
import type { WatchEvent } from './types.ts';
import { readWatch } from './watch-stream.ts';

const line = (name: string) => `{"type":"ADDED","object":{"metadata":{"name":"${name}"}}}\n`;

const reading = (
  options: { clock?: Clock; stallMs?: number; keep?: (event: WatchEvent) => boolean } = {},
) => {
  const { clock = systemClock, stallMs = 60_000, keep = () => true } = options;
  const body = new PassThrough();
  const stop = new AbortController();
  const names: string[] = [];
  const end = readWatch({
    body,
    slices: new Slices(clock),
    clock,
    stallMs,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type !== 'ERROR') names.push(event.object.metadata.name);
      return keep(event);
    },
  });
  return { body, stop, names, end };
};

describe('readWatch', () => {
  test('hands out every line that arrived before the end, and drops the unfinished one', async () => {
    const { body, names, end } = reading();
    for (let n = 0; n < 5000; n += 1) body.write(line(`p${n}`));
    body.end('{"type":"ADDED","obj');
    expect(await end).toEqual({ kind: 'ended' });
    expect(names).toEqual(Array.from({ length: 5000 }, (_, n) => `p${n}`));
  });

  test('hands out what arrived before the connection broke', async () => {
    const { body, names, end } = reading();
    body.write(line('a') + line('b'));
    await new Promise((resolve) => setImmediate(resolve));
    body.destroy(new Error('reset'));
    expect(await end).toMatchObject({ kind: 'broken' });
    expect(names).toEqual(['a', 'b']);
  });

  test('stops at a line that is no JSON, for what follows can not be trusted', async () => {
    const { body, names, end } = reading();
    body.write(`${line('a')}{"type":"MODI\n${line('b')}`);
    expect(await end).toMatchObject({ kind: 'broken' });
    expect(names).toEqual(['a']);
    expect(body.destroyed).toBe(true);
  });

  test('ends when the reader has enough', async () => {
    const { body, names, end } = reading({ keep: () => false });
    body.write(line('a') + line('b'));
    expect(await end).toEqual({ kind: 'ended' });
    expect(names).toEqual(['a']);
  });

  test('cuts a watch that brings nothing, on the clock that it was given', async () => {
    let now = 0;
    const clock: Clock = {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms) => {
        now += ms;
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
    const { body, end } = reading({ clock, stallMs: 90_000 });
    expect(await end).toEqual({ kind: 'stalled' });
    expect(now).toBe(90_000);
    expect(body.destroyed).toBe(true);
  });

  test('ends when the signal aborts', async () => {
    const { body, stop, end } = reading();
    stop.abort();
    expect(await end).toEqual({ kind: 'ended' });
    expect(body.destroyed).toBe(true);
  });
});
