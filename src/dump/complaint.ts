import { z } from 'zod';
import { messageOf } from '../lib/errors.ts';
import { QuantityError } from '../lib/quantity.ts';
import type { RawObject } from '../snapshot/workload.ts';

/** Path of the first value below a field that is the given text, as people write it; undefined when there is none. */
function pathOf(value: unknown, text: string, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return String(value) === text ? path : undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = pathOf(inner, text, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Maps of quantities, in the objects that are read. */
const QUANTITIES = /(^|\.)(requests|limits|allocatable|allocatedResources|overhead|capacity)\./;

function quantityField(object: RawObject, text: string): string | undefined {
  const { spec, status, overhead } = object as RawObject & { readonly overhead?: unknown };
  const field =
    pathOf(spec, text, 'spec') ?? pathOf(status, text, 'status') ?? pathOf(overhead, text, 'overhead');
  return field !== undefined && QUANTITIES.test(field) ? field : undefined;
}

/** Says what keeps an object from being read: the field, what is wrong with it, and what to do. */
export function complaint(object: RawObject, error: unknown): string {
  if (error instanceof QuantityError) {
    const field = quantityField(object, error.text);
    return `${field === undefined ? '' : `${field}: `}${error.message}`;
  }
  if (!(error instanceof z.ZodError)) return `${messageOf(error)}: correct it`;
  const [first] = error.issues;
  const field = ['spec', ...(first?.path ?? [])].map(String).join('.');
  return `${field}: ${first?.message ?? 'is not what the schema allows'}: correct it (kubectl explain describes the field)`;
}
