/** A number of servers that was wanted at some time, ms since the epoch. */
export interface Wanted {
  readonly replicas: number;
  readonly at: number;
}

/**
 * What was wanted lately, as far as it can still count: later ones are lower.
 * @param recent what was wanted before, likewise
 * @param windowMs how long a wish counts
 */
export function wantedLately(
  recent: readonly Wanted[],
  replicas: number,
  now: number,
  windowMs: number,
): readonly Wanted[] {
  const counting = recent.filter(
    (wanted) => wanted.replicas > replicas && wanted.at <= now && now - wanted.at < windowMs,
  );
  return [...counting, { replicas, at: now }];
}

/** How many there are to be: more at once, fewer only when no more were wanted lately. */
export function steady(lately: readonly Wanted[], current: number): number {
  const wanted = lately.at(-1)!.replicas;
  return wanted >= current ? wanted : Math.max(wanted, Math.min(current, lately[0]!.replicas));
}
