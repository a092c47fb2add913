import { API_VERSION } from '../../src/api/group.ts';
import { objectSchema } from './crd.ts';
import type { Kind } from './kinds.ts';
import type { Schema } from './schema.ts';
import { cell, code, generatedFrom, markdownTable } from './page.ts';
import { fieldsOf, rulesOf } from './walk.ts';

/** Init containers have the fields of containers, which the page lists once. */
const isRepeated = (path: string) => path.includes('.initContainers[]');

function typeOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'number or text';
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(', ');
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
    schema.default === undefined ? undefined : `default ${code(JSON.stringify(schema.default))}`,
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    range(undefined, schema.maxProperties, ' entries'),
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

function fieldTable(schema: Schema, root: string): string[] {
  const rows = [...fieldsOf(schema, root)]
    .filter(({ path }) => !isRepeated(path))
    .map((field) => [
      code(field.path),
      cell(typeOf(field.schema)),
      cell(limits(field.schema, field.required)),
      cell(field.schema.description ?? ''),
    ]);
  return markdownTable(['field', 'type', 'limits', 'meaning'], rows);
}

function ruleTable(schema: Schema): string[] {
  const rows = rulesOf(schema, '')
    .filter(({ path }) => !isRepeated(path))
    // The one thing about its metadata that an object's own rules can look at is the name.
    .map(({ path, rule }) => [code(path === '' ? 'metadata.name' : path), cell(rule.message)]);
  return markdownTable(['field', 'message'], rows);
}

function columnTable(kind: Kind): string[] {
  const rows = kind.columns.map(({ name, priority, jsonPath, description }) => [
    `${name}${priority ? ' (`-o wide`)' : ''}`,
    code(jsonPath.slice(1)),
    cell(description),
  ]);
  return markdownTable(['column', 'field', 'meaning'], rows);
}

function introduction({ names, scale, selectable, example = `${names.singular}.yaml` }: Kind): string[] {
  const scope = names.scope === 'Cluster' ? 'cluster scoped' : 'namespaced';
  const fields = selectable.map((path) => code(path.slice(1))).join(' and ');
  return [
    `${code(`apiVersion: ${API_VERSION}`)}, ${code(`kind: ${names.kind}`)}, ${scope}, short name ${code(names.shortName)}.`,
    `${code(`kubectl explain ${names.shortName}.spec`)} says the same as this page.`,
    ...(scale
      ? [
          `${code(`kubectl scale ${names.shortName}/NAME --replicas=N`)} and HorizontalPodAutoscalers work on it.`,
        ]
      : []),
    ...(fields ? [`${code('--field-selector')} takes ${fields}.`] : []),
    `Example: [examples/${example}](../../examples/${example}).`,
  ];
}

/** The reference page of one kind: fields, what the API server refuses, status and columns. */
export function page(kind: Kind): string {
  const schema = objectSchema(kind);
  const spec = schema.properties?.['spec'] ?? {};
  const status = schema.properties?.['status'] ?? {};
  const lines = [
    generatedFrom('src/api'),
    `# ${kind.names.kind}`,
    '',
    schema.description,
    '',
    ...introduction(kind),
    '',
    '## Spec',
    '',
    ...fieldTable(spec, 'spec'),
    '',
    '## What the API server refuses',
    '',
    'Beside values of the wrong type or outside the limits above:',
    '',
    ...ruleTable(schema),
    '',
    '## Status',
    '',
    ...fieldTable(status, 'status'),
    '',
    '## Columns of `kubectl get`',
    '',
    ...columnTable(kind),
    '',
  ];
  return lines.join('\n');
}
