import { expect, test } from 'vitest';
import type { z } from 'zod';
import { claimedWish } from './allocation.ts';
import { gameServerClaimSpec } from './gameserverclaim.ts';

/** Every field that a schema knows, by its path; those of lists and maps with a `.*`. */
function fieldsOf(schema: z.ZodType, path: string): string[] {
  const def = (schema as unknown as { def: Def }).def;
  const inner = def.innerType ?? def.in;
  if (inner) return fieldsOf(inner, path);
  const items = def.element ?? def.valueType;
  if (items) return fieldsOf(items, `${path}.*`);
  if (!def.shape) return [path];
  return Object.entries(def.shape).flatMap(([name, field]) => fieldsOf(field, `${path}.${name}`));
}

interface Def {
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly shape?: Record<string, z.ZodType>;
}

test('a claim has every field of an allocate call, and no other', () => {
  const own = fieldsOf(gameServerClaimSpec, 'spec').sort();
  expect(own).toContain('spec.selectors.*.counters.*.minCount');
  expect(own).toEqual(fieldsOf(claimedWish, 'spec').sort());
});
