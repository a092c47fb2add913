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
