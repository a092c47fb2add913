import { ResourcesError } from '../resources/resources.ts';

/** What an agent says of itself; offer constraints read it. */
export interface Attribute {
  readonly name: string;
  /** Text predicates look at texts only; an attribute of another type passes them. */
  readonly type: 'text' | 'scalar' | 'ranges';
  readonly value: string;
}

/**
 * Reads attributes as Mesos writes them: `rack:r1;slots:4;span:[1-9]`. A number is a scalar, brackets are ranges,
 * all else is text. Names may repeat; the first one counts.
 * @param field what the text belongs to, for messages @throws ResourcesError
 */
export function parseAttributes(text: string, field: string): readonly Attribute[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const colon = part.indexOf(':');
      const name = part.slice(0, colon).trim();
      const value = part.slice(colon + 1).trim();
      if (colon < 1 || name === '' || value === '') {
        throw new ResourcesError(`${field}: "${part}" is no NAME:VALUE; write attributes as rack:r1;zone:a`);
      }
      return { name, type: typeOf(value), value };
    });
}

function typeOf(value: string): Attribute['type'] {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(value)) return 'scalar';
  return /^\[.*\]$/.test(value) ? 'ranges' : 'text';
}

/** Whether two lists say the same in the same order. */
export const sameAttributes = (a: readonly Attribute[], b: readonly Attribute[]): boolean =>
  a.length === b.length &&
  a.every((attribute, i) => attribute.name === b[i]!.name && attribute.value === b[i]!.value);
