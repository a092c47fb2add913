const plural = (noun: string): string => `${noun}${noun.endsWith('s') ? 'es' : 's'}`;

/** "1 node", "3,000 nodes"; with `more` "3,000 more nodes". */
export const counted = (count: number, noun: string, more = ''): string =>
  `${count.toLocaleString('en-US')} ${more}${count === 1 ? noun : plural(noun)}`;

/** A part of one in percent with one decimal: 12.5%. */
export const percent = (part: number): string => `${(part * 100).toFixed(1)}%`;

const BAR = 20;

/** A part of one as a bar of fixed length; any at all shows at least one block. */
export function bar(part: number): string {
  const filled = part <= 0 ? 0 : Math.min(BAR, Math.max(1, Math.round(part * BAR)));
  return '█'.repeat(filled) + '░'.repeat(BAR - filled);
}

/** Units of time with their length in s; the next larger one is taken from two of it on. */
const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** A span of time in its largest whole unit, as ages are told: 119s, 2m, 47h, 2d. @param ms below 0 counts as 0 */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, length] = UNITS.find(([, length]) => seconds >= 2 * length) ?? ['s', 1];
  return `${Math.floor(seconds / length)}${unit}`;
}
