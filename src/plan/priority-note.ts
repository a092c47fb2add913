import type { Framework } from '../snapshot/framework.ts';

/**
 * Says of a framework that its `spec.priority` is more than it may have, and what it counts as.
 * @returns undefined when there is nothing to say
 */
export function priorityNote({ askedPriority, priority, account }: Framework): string | undefined {
  if (askedPriority === undefined) return undefined;
  const counts = `spec.priority ${askedPriority} counts as ${priority}`;
  const { offerRole, maxPriority, path } = account;
  if (maxPriority !== undefined)
    return `${counts}, the maxPriority of OfferRole ${offerRole}: raise it there, or lower spec.priority`;
  const cure =
    offerRole === undefined
      ? `an OfferRole for ${path} with maxPriority`
      : `maxPriority in OfferRole ${offerRole}`;
  return `${counts}, the value of its PriorityClass: name another class in the template, or have ${cure}`;
}
