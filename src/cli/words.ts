import type { AmountTexts } from '../views/amounts.ts';

/** Amounts in one cell: cpu 2, memory 4Gi; a dash for none. The number of Pods says nothing that tasks do not. */
export const amountsInWords = (amounts: AmountTexts): string =>
  Object.entries(amounts)
    .filter(([name]) => name !== 'pods')
    .map(([name, amount]) => `${name} ${amount}`)
    .join(', ') || '-';

/** Numbers in ascending order with runs drawn together: 7000-7002, 7005. */
export function runs(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const n of numbers.toSorted((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else parts.push([n, n]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

/** Time of day, UTC, of an RFC 3339 text: 12:00:00Z. */
export const timeOfDay = (at: string): string => `${at.slice(11, 19)}Z`;
