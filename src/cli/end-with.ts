import type { ChildProcess } from 'node:child_process';

/** Signals that would end this process without a chance to say goodbye. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends a child when this process ends, by a signal too. @returns undoes it, for a child that has ended */
export function endWithProcess(child: ChildProcess): () => void {
  const end = (): void => void child.kill();
  const onSignal = (signal: NodeJS.Signals): void => {
    end();
    undo();
    // Without our handler the signal does to this process what it does to any.
    process.kill(process.pid, signal);
  };
  const undo = (): void => {
    process.off('exit', end);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', end);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return undo;
}
