import type { Readable } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import type { Slices } from './slices.ts';
import { LineSplitter } from './splitter.ts';
import type { WatchEvent } from './types.ts';

/** How a watch ended. Broken includes a line that is no JSON: bytes were lost. */
export type WatchEnd = { kind: 'ended' } | { kind: 'stalled' } | { kind: 'broken'; error: unknown };

/** What `readWatch` needs. */
export interface WatchReader {
  body: Readable;
  slices: Slices;
  clock: Clock;
  /** A watch that brings no byte for this long is cut, milliseconds. */
  stallMs: number;
  signal: AbortSignal;
  /** Called with each event in order; false ends the reading. */
  onEvent: (event: WatchEvent) => boolean;
}

/** Bytes that may wait to be parsed; beyond them the socket is left to fill up, and the server may cut us. */
const mostPendingBytes = 64 * 1024 * 1024;

/**
 * Reads a watch until it ends, stalls or breaks, or until `onEvent` returns false. Whatever arrives is taken off
 * the socket at once and parsed in slices: the server cuts watchers that do not drain, and a burst must not
 * pause the event loop. Every complete line that arrived is handed out, also after the stream ended or broke.
 * Never rejects.
 */
export const readWatch = async (reader: WatchReader): Promise<WatchEnd> => {
  const { body, slices, clock, signal, onEvent } = reader;
  const lines = new LineSplitter();
  const over = new AbortController();
  let lastByteAt = clock.monotonic();
  let parsing = false;
  let parsed: Promise<void> = Promise.resolve();
  let stopped = false;
  let end: WatchEnd | undefined;
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const endWith = (how: WatchEnd) => {
    end ??= how;
    finish();
  };

  const step = (): boolean => {
    const line = stopped ? undefined : lines.next();
    if (line === undefined) {
      parsing = false;
      if (body.isPaused() && !stopped) body.resume();
      return false;
    }
    if (!onEvent(JSON.parse(line) as WatchEvent)) {
      stopped = true;
      endWith({ kind: 'ended' });
    }
    return true;
  };
  const parse = () => {
    if (parsing) return;
    parsing = true;
    parsed = slices.run(step).catch((error: unknown) => {
      parsing = false;
      stopped = true;
      endWith({ kind: 'broken', error });
    });
  };

  const abort = () => endWith({ kind: 'ended' });
  signal.addEventListener('abort', abort, { once: true });
  body.on('data', (chunk: Buffer) => {
    lastByteAt = clock.monotonic();
    lines.push(chunk);
    if (lines.pendingBytes > mostPendingBytes) body.pause();
    parse();
  });
  body.on('end', () => endWith({ kind: 'ended' }));
  body.on('close', () => endWith({ kind: 'ended' }));
  body.on('error', (error: unknown) => endWith({ kind: 'broken', error }));
  if (signal.aborted) abort();

  const watchdog = async () => {
    while (!over.signal.aborted) {
      const left = lastByteAt + reader.stallMs - clock.monotonic();
      if (left <= 0) return endWith({ kind: 'stalled' });
      await clock.sleep(left, over.signal);
    }
  };
  void watchdog();

  await finished;
  over.abort();
  signal.removeEventListener('abort', abort);
  if (signal.aborted) stopped = true;
  body.destroy();
  // What arrived before the end counts: the resource version of the last of it is where we resume.
  await parsed;
  return end ?? { kind: 'ended' };
};
