import { constants } from 'node:os';

/** A signal that aborts on the first SIGTERM or SIGINT. The second one ends the process at once. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      // 128 + number is what shells report for a process that a signal ended.
      if (stop.signal.aborted) process.exit(128 + constants.signals[name]);
      stop.abort();
    });
  }
  return stop.signal;
}
