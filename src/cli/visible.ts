import { visible } from '../lib/visible.ts';
import type { World } from './io.ts';

/** A world whose texts may come from a cluster or a file: none of them steers the terminal. */
export const visibleWorld = (io: World): World => ({
  ...io,
  out: (text) => io.out(visible(text)),
  ...(io.progress && { progress: (line: string) => io.progress?.(visible(line)) }),
});
