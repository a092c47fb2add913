import { visible } from '../lib/visible.ts';
import type { Io } from './command.ts';

/** The world of a command whose texts may come from a cluster or a file: none of them steers the terminal. */
export const visibleIo = (io: Io): Io => ({
  ...io,
  out: (text) => io.out(visible(text)),
  ...(io.progress && { progress: (line: string) => io.progress?.(visible(line)) }),
});
