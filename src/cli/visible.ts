import type { World } from './io.ts';

/**
 * What a terminal obeys instead of showing: control characters but for line ends and tabs, and what turns the
 * direction of text around, with which a name can look like another one.
 */
const UNSEEN = /(?![\n\t])[\p{Control}\u202A-\u202E\u2066-\u2069]/gu;

/** A text with every unseen character written out, such as \u001b; within JSON it still means the same. */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A world whose texts may come from a cluster or a file: none of them steers the terminal. */
export const visibleWorld = (io: World): World => ({
  ...io,
  out: (text) => io.out(visible(text)),
  ...(io.progress && { progress: (line: string) => io.progress?.(visible(line)) }),
});
