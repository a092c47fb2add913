/**
 * Makes objects that inherit nothing, and that the engine still keeps as fast as others: one that is made by
 * Object.create(null) is a slow dictionary.
 */
const Bare = function () {} as unknown as new <T>() => Record<string, T>;
Bare.prototype = Object.freeze(Object.create(null));

/**
 * A record whose keys are text of users: labels, names of resources. It inherits nothing, so that `constructor` or
 * `__proto__` is a key like any other. Later parts win.
 */
export const record = <T>(
  ...parts: readonly (Readonly<Record<string, T>> | undefined)[]
): Record<string, T> => Object.assign(new Bare<T>(), ...parts);
