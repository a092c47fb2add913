import { boundedText } from './bounded-text.ts';

/**
 * What a terminal obeys instead of showing: control characters but for line ends and tabs, and what turns the
 * direction of text around, with which a name can look like another one.
 */
const UNSEEN = /(?![\n\t])[\p{Control}\u202A-\u202E\u2066-\u2069]/gu;

/** A text with every unseen character written out, such as \u001b; within JSON it still means the same. */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** How much of a text of others stands within a message: bytes as UTF-8, and characters that are looked at. */
const MOST_BYTES = 256;
const MOST_CHARACTERS = 200;

/** A text of others within one line: its beginning, white space as spaces, unseen characters written out. */
export const inLine = (text: string): string =>
  boundedText(
    visible(
      text
        .slice(0, MOST_BYTES)
        .toWellFormed()
        .replaceAll(/[ \t\r\n]+/g, ' ')
        .trim(),
    ),
    MOST_BYTES,
  );

/** The same of its end, which is where a program says why it ended. */
export function lastWords(text: string): string {
  const end = text.trimEnd();
  return end.length <= MOST_CHARACTERS ? inLine(end) : `... ${inLine(end.slice(-MOST_CHARACTERS))}`;
}
