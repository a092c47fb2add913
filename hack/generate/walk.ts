import type { Schema, SchemaRule } from './schema.ts';

/** A field of a schema, with its path such as `spec.ports[].name`. */
export interface Field {
  readonly path: string;
  readonly schema: Schema;
  readonly required: boolean;
}

/**
 * Every named field below a schema, parents first.
 * @param path path of the schema itself; empty for a whole object.
 */
export function* fieldsOf(schema: Schema, path: string): Generator<Field> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`;
    yield { path: at, schema: field, required: schema.required?.includes(name) ?? false };
    yield* fieldsOf(field, at);
    if (field.items) yield* fieldsOf(field.items, `${at}[]`);
  }
}

/** Every CEL rule in a schema, with the path of the field that its refusal points at; empty for the root. */
export function rulesOf(schema: Schema, path: string): { path: string; rule: SchemaRule }[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map((rule) => ({
    path: path + (rule.fieldPath ?? ''),
    rule,
  }));
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    rulesOf(field, path === '' ? name : `${path}.${name}`),
  );
  const items = schema.items ? rulesOf(schema.items, `${path}[]`) : [];
  const values = schema.additionalProperties ? rulesOf(schema.additionalProperties, `${path}[*]`) : [];
  return [...own, ...below, ...items, ...values];
}
