/** A quantile of numbers, by the nearest rank. @returns NaN when there are none */
export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * quantile) - 1)] ?? Number.NaN;
}

/** The middle one of an odd number of values. */
export const median = (values: readonly number[]): number => quantileOf(values, 0.5);
