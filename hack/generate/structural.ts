import { z } from 'zod';
import { GenerateError, type Schema } from './schema.ts';

/** Keywords that a structural schema may carry here; any other one stops the generation. */
const KEYWORDS = new Set([
  'type',
  'description',
  'format',
  'default',
  'enum',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'properties',
  'items',
  'additionalProperties',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
]);

const TYPES = new Set(['object', 'array', 'string', 'integer', 'boolean']);
const INT32_MAX = 2 ** 31 - 1;

type Json = Record<string, unknown>;

/**
 * Turns a zod schema into the structural OpenAPI v3 schema that the API server asks for, with defaults, bounds,
 * descriptions and CEL rules.
 * @param root name that error paths start with.
 * @throws GenerateError when a field has no description or cannot be said structurally.
 */
export function toStructural(schema: z.ZodType, root: string): Schema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'throw',
    reused: 'inline',
    cycles: 'throw',
  });
  return convert(json, root);
}

function convert(json: Json, path: string): Schema {
  const out: Schema = { ...(json as Schema) };
  if (typeof out.description !== 'string' || out.description === '') {
    throw new GenerateError(
      path,
      'has no description; add .describe(...) so that kubectl explain can teach it',
    );
  }
  if (out['x-kubernetes-int-or-string']) dropIntOrStringUnion(out);
  if (out.type === 'integer') normalizeInteger(out);
  if (out.type === 'object') convertObject(out, json, path);
  if (out.type === 'array') convertArray(out, json, path);
  check(out, path);
  return out;
}

/** The union of string and number that zod writes says the same as the extension, in a form that is not structural. */
function dropIntOrStringUnion(out: Schema): void {
  delete (out as Json)['anyOf'];
}

/** Safe-integer bounds are JavaScript's, not the user's: they give way to the width of the integer. */
function normalizeInteger(out: Schema): void {
  if (out.minimum === Number.MIN_SAFE_INTEGER) delete out.minimum;
  if (out.maximum === Number.MAX_SAFE_INTEGER) delete out.maximum;
  out.format = out.maximum !== undefined && out.maximum <= INT32_MAX ? 'int32' : 'int64';
}

function convertObject(out: Schema, json: Json, path: string): void {
  if (out.properties) {
    const fields = Object.entries(json['properties'] as Record<string, Json>);
    out.properties = Object.fromEntries(
      fields.map(([name, field]) => [name, convert(field, `${path}.${name}`)]),
    );
    // The API server stores none, so an empty one would look like drift to every other manager of the definition.
    if (fields.length === 0) delete out.properties;
  }
  const rest = json['additionalProperties'] as Json | undefined;
  if (rest === undefined) return;
  if (Object.keys(rest).length > 0) {
    out.additionalProperties = convert(rest, `${path}.*`);
    return;
  }
  // A loose object: the API server keeps what it does not know instead of pruning it.
  delete out.additionalProperties;
  out['x-kubernetes-preserve-unknown-fields'] = true;
}

function convertArray(out: Schema, json: Json, path: string): void {
  if (!json['items']) throw new GenerateError(path, 'is a list without a type for its items');
  out.items = convert(json['items'] as Json, `${path}[]`);
  if (!out['x-kubernetes-list-type']) {
    throw new GenerateError(
      path,
      'is a list that does not say how it merges; add mapList(...) or atomicList',
    );
  }
  for (const key of out['x-kubernetes-list-map-keys'] ?? []) {
    const required = out.items.required?.includes(key) || out.items.properties?.[key]?.default !== undefined;
    if (!required) throw new GenerateError(path, `the list key ${key} must be required or have a default`);
  }
}

function check(schema: Schema, path: string): void {
  for (const keyword of Object.keys(schema)) {
    if (!KEYWORDS.has(keyword)) throw new GenerateError(path, `uses ${keyword}, which is not structural`);
  }
  if (schema['x-kubernetes-int-or-string']) {
    if (schema.type !== undefined)
      throw new GenerateError(path, 'is int-or-string and so must not have a type');
  } else if (schema.type === undefined || !TYPES.has(schema.type)) {
    throw new GenerateError(path, `has the type ${String(schema.type)}; use one of ${[...TYPES].join(', ')}`);
  }
  if (schema.properties && schema.additionalProperties) {
    throw new GenerateError(
      path,
      'has both named fields and additionalProperties; Kubernetes allows one of them',
    );
  }
  for (const { message } of schema['x-kubernetes-validations'] ?? []) {
    if (message.trim() === '' || message.includes('\n')) {
      throw new GenerateError(path, 'has a rule whose message is not one line of text');
    }
  }
}
