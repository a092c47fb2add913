import type { z } from 'zod';
import { record } from '../lib/record.ts';

/** Deepest that objects of ours may be nested: whoever writes deeper wants to exhaust a stack. */
const DEEPEST = 48;

/** What a spec is read by, and a status. */
export type SpecSchema<Spec> = z.ZodType<Spec>;
export type StatusSchema = z.ZodObject;

/** A spec that no schema should see. */
class Hostile extends Error {}

/**
 * A value without the fields that are null, which mean as much as no field.
 * @throws Hostile
 */
function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) throw new Hostile(`is nested deeper than ${DEEPEST} levels: flatten it`);
  if (Array.isArray(value)) return value.map((item: unknown) => withoutNulls(item, depth + 1));
  const out = record<unknown>();
  for (const [key, its] of Object.entries(value)) {
    if (key === '__proto__')
      throw new Hostile('holds a field "__proto__", which no field of Kubernetes is: remove it');
    if (its !== null) out[key] = withoutNulls(its, depth + 1);
  }
  return out;
}

/** The first thing that a schema does not allow: `spec.ports[0].protocol: ...`. */
function firstIssue({ issues }: z.ZodError): string {
  const { path, message } = issues[0]!;
  const at = path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    'spec',
  );
  return `${at}: ${message}`;
}

/**
 * Reads the spec of an object of ours.
 * @param fallback a spec that the schema allows, for one that cannot be read
 * @returns why it cannot be read, too
 */
export function specOf<Spec>(
  schema: SpecSchema<Spec>,
  raw: unknown,
  fallback: object,
): { readonly spec: Spec; readonly faults: readonly string[] } {
  const unreadable = (why: string) => ({ spec: schema.parse(fallback), faults: [why] });
  try {
    const { data, error } = schema.safeParse(withoutNulls(raw));
    return error === undefined ? { spec: data, faults: [] } : unreadable(firstIssue(error));
  } catch (error) {
    if (error instanceof Hostile) return unreadable(`spec: ${error.message}`);
    throw error;
  }
}

/** Reads a status: each of its fields that the schema allows. */
export function statusOf(schema: StatusSchema, raw: unknown): object {
  if (typeof raw !== 'object' || raw === null) return {};
  const given = raw as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = {};
  for (const [field, its] of Object.entries(schema.shape)) {
    const { data } = (its as z.ZodType).safeParse(given[field]);
    if (data !== undefined) out[field] = data;
  }
  return out;
}
