import { API_VERSION } from '../../src/api/group.ts';
import { objectSchema } from './crd.ts';
import type { Kind } from './kinds.ts';
import type { Schema } from './schema.ts';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');

function typeOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'quantity';
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.additionalProperties) return `map of ${typeOf(schema.additionalProperties)}`;
  return schema.format === 'date-time' ? 'time' : (schema.type ?? '');
}

function range(low: number | undefined, high: number | undefined, unit: string): string | undefined {
  if (low === undefined && high === undefined) return undefined;
  if (low === undefined) return `at most ${high}${unit}`;
  return high === undefined ? `at least ${low}${unit}` : `${low} to ${high}${unit}`;
}

function limits(schema: Schema, required: boolean): string {
  const parts = [
    required ? 'required' : undefined,
    schema.default === undefined ? undefined : `default \`${JSON.stringify(schema.default)}\``,
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    range(undefined, schema.maxProperties, ' entries'),
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

/** Every field below a schema as [path, field, is required], parents first. */
function* fields(schema: Schema, path: string): Generator<[string, Schema, boolean]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`;
    yield [at, field, schema.required?.includes(name) ?? false];
    yield* fields(field, at);
    if (field.items) yield* fields(field.items, `${at}[]`);
  }
}

function fieldTable(schema: Schema, root: string): string[] {
  return [
    '| field | type | limits | meaning |',
    '|---|---|---|---|',
    ...[...fields(schema, root)].map(
      ([path, field, required]) =>
        `| \`${path}\` | ${cell(typeOf(field))} | ${cell(limits(field, required))} | ${cell(field.description ?? '')} |`,
    ),
  ];
}

function ruleList(schema: Schema): string[] {
  const all: [string, Schema][] = [['metadata.name', schema]];
  for (const [path, field] of fields(schema, '')) {
    all.push([path, field]);
    if (field.items) all.push([`${path}[]`, field.items]);
  }
  return all.flatMap(([path, field]) =>
    (field['x-kubernetes-validations'] ?? []).map(
      (rule) =>
        `| \`${path === 'metadata.name' ? path : path + (rule.fieldPath ?? '')}\` | ${cell(rule.message)} |`,
    ),
  );
}

/** The reference page of one kind: columns, fields, and what the API server refuses. */
export function page(kind: Kind): string {
  const schema = objectSchema(kind);
  const { names } = kind;
  const spec = schema.properties?.['spec'] ?? {};
  const status = schema.properties?.['status'] ?? {};
  return [
    '<!-- Generated from src/api by `npm run generate`. Do not edit. -->',
    `# ${names.kind}`,
    '',
    schema.description,
    '',
    `\`apiVersion: ${API_VERSION}\`, \`kind: ${names.kind}\`, ${names.scope === 'Cluster' ? 'cluster scoped' : 'namespaced'}, ` +
      `short name \`${names.shortName}\`. The same text is in \`kubectl explain ${names.shortName}.spec\`. ` +
      `A commented example is in [examples/${names.singular}.yaml](../../examples/${names.singular}.yaml).`,
    ...(kind.scale
      ? [
          '',
          `\`kubectl scale ${names.shortName}/NAME --replicas=N\` and HorizontalPodAutoscalers work on it.`,
        ]
      : []),
    '',
    '## Spec',
    '',
    spec.description,
    '',
    ...fieldTable(spec, 'spec'),
    '',
    '## What the API server refuses',
    '',
    'Beside values of the wrong type or outside the limits above. The message names the field and what to do.',
    '',
    '| field | message |',
    '|---|---|',
    ...ruleList(schema),
    '',
    '## Status',
    '',
    status.description,
    '',
    ...fieldTable(status, 'status'),
    '',
    '## Columns of `kubectl get`',
    '',
    '| column | field | meaning |',
    '|---|---|---|',
    ...kind.columns.map(
      (c) => `| ${c.name}${c.priority ? ' (`-o wide`)' : ''} | \`${c.jsonPath}\` | ${cell(c.description)} |`,
    ),
    ...(kind.selectable.length > 0
      ? [
          '',
          `\`--field-selector\` takes ${kind.selectable.map((path) => `\`${path.slice(1)}\``).join(' and ')}.`,
        ]
      : []),
    '',
  ].join('\n');
}
