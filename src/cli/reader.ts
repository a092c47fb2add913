import { systemClock } from '../lib/clock.ts';
import type { ReaderOptions } from './flags.ts';
import type { Io } from './io.ts';
import { OperatorUnavailable } from './operator-unavailable.ts';

/** Time between two prints of --watch, ms. */
const WATCH_MS = 2_000;

/** A debug page and how its JSON becomes text. */
export interface Reading {
  readonly path: string;
  /** Parameters beside `limit`; undefined ones are left out. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly table: (body: unknown, io: Io) => string;
}

/**
 * Reads a debug page and prints it as the flags of readerFlags say. With --watch, an operator that was there and is
 * away for a moment, as when another replica takes over, is complained of and asked again.
 */
export async function printReading(
  { path, query, table }: Reading,
  options: ReaderOptions,
  io: Io,
): Promise<void> {
  const parameters = new URLSearchParams({ limit: String(options.limit) });
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  // The client of the API server is most of the program; help and wrong flags should not wait for it.
  const { openSource } = await import('./source.ts');
  const source = openSource(options, io.env);
  const { watch, output } = options;
  let seen = false;
  try {
    for (;;) {
      try {
        const body = await source.read(path, parameters);
        const text = output === 'json' ? `${JSON.stringify(body, undefined, 2)}\n` : table(body, io);
        if (watch) io.clear?.();
        io.out(text);
        seen = true;
      } catch (error) {
        if (!watch || !seen || !(error instanceof OperatorUnavailable)) throw error;
        io.complain(error.message);
      }
      if (!watch) return;
      await systemClock.sleep(WATCH_MS);
    }
  } finally {
    await source.close();
  }
}
