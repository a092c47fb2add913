import type { LabelSelector, SelectorRequirement } from './objects.ts';

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** A compiled label selector: an AND of requirements; none of them selects everything. */
export type Selector = readonly SelectorRequirement[];

/**
 * What Gt and Lt compare: a 64-bit integer, or undefined (the requirement then fails). No label is longer than 63 characters;
 * a template may hold a number of 60,000 digits, which takes long to read, for each node anew.
 */
function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d{1,63}$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/**
 * One requirement against a value (undefined = the label is absent). NotIn and DoesNotExist hold for an absent label,
 * the others do not; an unknown operator matches nothing.
 */
export function requirementMatches(
  { operator, values = [] }: SelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const left = integer(value);
      const right = values.length === 1 ? integer(values[0]) : undefined;
      if (left === undefined || right === undefined) return false;
      return operator === 'Gt' ? left > right : left < right;
    }
    default:
      return false;
  }
}

/** Compiles a selector with further requirements; undefined when it is left out, which selects nothing. */
export function compileSelector(
  selector: LabelSelector | undefined,
  more: readonly SelectorRequirement[] = [],
): Selector | undefined {
  if (!selector) return undefined;
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...labels.map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...(selector.matchExpressions ?? []),
    ...more,
  ];
}

/** Whether a selector selects an object with those labels. */
export function selects(selector: Selector | undefined, labels: Labels): boolean {
  return selector !== undefined && selector.every((each) => requirementMatches(each, labels[each.key]));
}
