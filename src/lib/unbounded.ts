/*
 * Arguments lie on the stack: Math.max(...values) and push(...items) throw a RangeError from some hundred thousand on. These
 * take any number, for whatever grows with Pods, nodes or events.
 */

/** The largest of the values. @returns `none` when there is none, or none is larger */
export function largest(values: Iterable<number>, none = Number.NEGATIVE_INFINITY): number {
  let most = none;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** The least of the values; Infinity when there are none. */
export function least(values: Iterable<number>): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const value of values) if (value < lowest) lowest = value;
  return lowest;
}

/** Adds items to the end of a list. */
export function append<T>(to: T[], items: Iterable<T>): void {
  for (const item of items) to.push(item);
}
