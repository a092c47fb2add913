/**
 * Whether a text can name a role, and if not why. Components are parted by `/`; none is empty, `.`, `..` or `*`,
 * begins with `-`, or holds white space, a backspace or a control character.
 * Source: Apache Mesos, docs/roles.md.
 */
export function roleProblem(role: string): string | undefined {
  if (role === '') return 'a role must not be empty';
  if (role.startsWith('/')) return `role "${role}": must not begin with a slash`;
  if (role.endsWith('/')) return `role "${role}": must not end with a slash`;
  for (const part of role.split('/')) {
    if (part === '') return `role "${role}": must not hold two slashes in a row`;
    if (part === '.' || part === '..') return `role "${role}": "${part}" is not a name`;
    if (part === '*' && role !== '*') return `role "${role}": "*" can only stand alone`;
    if (part.startsWith('-')) return `role "${role}": "${part}" must not begin with "-"`;
    // All up to the space, and the delete character, as in Mesos.
    if (/[^!-~\u0080-\uffff]/.test(part)) return `role "${role}": white space is not allowed`;
  }
  return undefined;
}

/** Whether a role is the other or lies below it. */
export const isWithin = (role: string, ancestor: string): boolean =>
  role.startsWith(ancestor) && (role.length === ancestor.length || role[ancestor.length] === '/');

/** The role above, or undefined for a top-level role. */
export function parentOf(role: string): string | undefined {
  const slash = role.lastIndexOf('/');
  return slash < 0 ? undefined : role.slice(0, slash);
}
