/**
 * A record whose keys are text of users: labels, names of resources. It has no prototype, so that `constructor` or
 * `__proto__` is a key like any other. Later parts win.
 */
export const record = <T>(
  ...parts: readonly (Readonly<Record<string, T>> | undefined)[]
): Record<string, T> => Object.assign(Object.create(null) as Record<string, T>, ...parts);
