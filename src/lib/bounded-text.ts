/** Most bytes of a message in a status, a condition or an event, as UTF-8: the API server takes no longer event. */
export const MOST_BYTES = 1024;

/** What a message ends with that was cut. */
const CUT = ' ...';

/** Most things that a message lists, unless it says less. */
const MOST_LISTED = 8;

/** How much of a text has room in so many bytes, in characters; none is cut in two. */
const lengthIn = (text: string, bytes: number): number =>
  new TextEncoder().encodeInto(text, new Uint8Array(bytes)).read;

/**
 * A message, cut where it would be longer than a status should hold. Its end says so.
 * @param most bytes, as UTF-8
 */
export function boundedText(text: string, most = MOST_BYTES): string {
  // A character takes three bytes for each of its units at most.
  if (3 * text.length <= most || lengthIn(text, most) === text.length) return text;
  return text.slice(0, lengthIn(text, most - CUT.length)) + CUT;
}

/** Things in one sentence: "a, b, c", and of many the first `most`: "a, b and 3 more". None is left out alone. */
export function listed<T>(
  all: readonly T[],
  separator = ', ',
  words: (one: T) => string = String,
  most = MOST_LISTED,
): string {
  const shown = all.length > most + 1 ? all.slice(0, most) : all;
  const more = all.length - shown.length;
  return shown.map(words).join(separator) + (more > 0 ? ` and ${more} more` : '');
}
