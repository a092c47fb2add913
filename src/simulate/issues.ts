import type { z } from 'zod';
import { nearest } from '../lib/nearest.ts';

/** What is wrong with a field, in words. */
export interface FieldProblem {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text (put it in quotes)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'null',
};
const word = (expected: string): string => WORDS[expected] ?? expected;

/** A value as it may stand in a message. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** Says that a word is not among those that are known, and which are. */
export function notAmong(unknown: string, known: readonly string[], plural: string): string {
  const near = nearest(unknown, known);
  return `${near === undefined ? '' : `: did you mean ${near}?`} (${plural}: ${known.join(', ') || 'none'})`;
}

/** Goes into a schema along a path, through what is optional or has a default. */
function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (
    def.type === 'optional' ||
    def.type === 'nullable' ||
    def.type === 'default' ||
    def.type === 'prefault'
  ) {
    return schemaAt(def.innerType, path);
  }
  if (def.type === 'lazy') return schemaAt(def.getter(), path);
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const inner =
    def.type === 'object'
      ? def.shape[key as string]
      : def.type === 'array'
        ? def.element
        : def.type === 'record'
          ? def.valueType
          : undefined;
  return inner && schemaAt(inner, rest);
}

/** The names that an object may have at a path. */
function fieldsAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const def = (schemaAt(schema, path) as z.core.$ZodTypes | undefined)?._zod.def;
  return def?.type === 'object' ? Object.keys(def.shape) : [];
}

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [limit, comparison] =
    issue.code === 'too_small'
      ? [issue.minimum, issue.inclusive === false ? 'over' : 'at least']
      : [issue.maximum, issue.inclusive === false ? 'under' : 'at most'];
  if (issue.code === 'too_small' && issue.origin !== 'number' && issue.origin !== 'int')
    return 'must not be empty';
  return `must be ${comparison} ${String(limit)}`;
}

function sentenceOf(issue: z.core.$ZodIssue, schema: z.core.$ZodType, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? `is missing: it must be ${word(issue.expected)}`
        : `must be ${word(issue.expected)}, not ${shown(value)}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}, not ${shown(value)}`;
    case 'unrecognized_keys': {
      const known = fieldsAt(schema, issue.path);
      return issue.keys.map((key) => `has no field "${key}"${notAmong(key, known, 'fields')}`).join('; ');
    }
    case 'too_small':
    case 'too_big':
      return `${bound(issue)}, not ${shown(value)}`;
    case 'invalid_union': {
      const types = issue.errors.flat().filter((inner) => inner.code === 'invalid_type');
      const expected = [...new Set(types.map((inner) => word(inner.expected)))];
      return `must be ${expected.join(' or ')}, not ${shown(value)}`;
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join('; ');
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_element':
    case 'custom':
      return issue.message;
  }
}

/** Puts what a schema has against a value into words. */
export function problemsOf(error: z.ZodError, schema: z.core.$ZodType, value: unknown): FieldProblem[] {
  return error.issues.map((issue) => {
    let at: unknown = value;
    for (const key of issue.path) at = (at as Record<PropertyKey, unknown> | undefined)?.[key];
    return { path: issue.path, sentence: sentenceOf(issue, schema, at) };
  });
}

/** A path as people write it: a.b[0].c. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('');
