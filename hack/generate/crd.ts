import { stringify } from 'yaml';
import { GROUP, VERSION } from '../../src/api/group.ts';
import type { Kind } from './kinds.ts';
import { GenerateError, type Schema } from './schema.ts';
import { toStructural } from './structural.ts';

const HEADER = '# Generated from src/api by `npm run generate`. Do not edit.\n';

/**
 * Schema of a whole object: what zod says of spec and status, and the fields that every Kubernetes object has.
 * @throws GenerateError when the schema is not structural or a field has no description.
 */
export function objectSchema(kind: Kind): Schema {
  const { description = '', ...schema } = toStructural(kind.schema, kind.names.kind);
  return {
    description,
    ...schema,
    properties: {
      apiVersion: { type: 'string', description: `Always ${GROUP}/${VERSION}.` },
      kind: { type: 'string', description: `Always ${kind.names.kind}.` },
      metadata: { type: 'object' },
      ...schema.properties,
    },
  };
}

/** Follows a JSON path such as `.status.message`, or one through a list by a filter or to its first item, through a schema; undefined when the field is not declared. */
function fieldAt(schema: Schema, path: string): Schema | undefined {
  let at: Schema | undefined = schema;
  for (const step of path
    .replaceAll(/\[(\?\(.*?\)|0)\]/g, '.[]')
    .split('.')
    .slice(1))
    at = step === '[]' ? at?.items : at?.properties?.[step];
  return at;
}

/** A column or a scale path with a typing error would show nothing for ever, and the API server would not mind. */
function checkPaths(kind: Kind, schema: Schema): void {
  const paths = [
    ...kind.columns.map((c) => c.jsonPath),
    ...kind.selectable,
    ...Object.values(kind.scale ?? {}),
  ];
  for (const path of paths) {
    if (!path.startsWith('.metadata.') && !fieldAt(schema, path)) {
      throw new GenerateError(kind.names.kind, `the path ${path} leads to no field`);
    }
  }
}

/**
 * The CustomResourceDefinition of a kind as a plain object.
 * @throws GenerateError when the schema is not structural, or a column points at no field.
 */
export function crd(kind: Kind) {
  const { names } = kind;
  const schema = objectSchema(kind);
  checkPaths(kind, schema);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${GROUP}`, labels: { 'app.kubernetes.io/name': 'proffer' } },
    spec: {
      group: GROUP,
      scope: names.scope,
      names: {
        kind: names.kind,
        listKind: `${names.kind}List`,
        plural: names.plural,
        singular: names.singular,
        shortNames: [names.shortName],
        categories: ['proffer', ...(names.scope === 'Namespaced' ? ['all'] : [])],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {}, ...(kind.scale ? { scale: { ...kind.scale } } : {}) },
          additionalPrinterColumns: kind.columns.map((column) => ({ ...column })),
          ...(kind.selectable.length > 0
            ? { selectableFields: kind.selectable.map((jsonPath) => ({ jsonPath })) }
            : {}),
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}

/** The CRD of a kind as a YAML file. */
export function crdYaml(kind: Kind): string {
  return HEADER + stringify(crd(kind), { lineWidth: 120, aliasDuplicateObjects: false });
}
