import { afterAll, beforeAll, expect, test } from 'vitest';
import { IS_OLDEST, startCluster, type Cluster } from '../../../hack/cluster/index.ts';
import { POD_SPEC, type Known } from '../../../src/snapshot/known-fields.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ name: 'api-pod-spec' });
});
afterAll(async () => cluster?.down());

/** A schema of OpenAPI 3 as the API server publishes it; the parts that are looked at. */
interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

type Schemas = Readonly<Record<string, Schema>>;

/** Follows references, lists and defaults to the schema of a map. */
function resolve(schema: Schema, schemas: Schemas): Schema {
  const { $ref, allOf, items } = schema;
  if ($ref !== undefined) return resolve(schemas[$ref.slice('#/components/schemas/'.length)]!, schemas);
  const next = items ?? allOf?.[0];
  return next === undefined ? schema : resolve(next, schemas);
}

/** Compares the fields that are known with those of a schema, at any depth. */
function compare({ fields, inner }: Known, schema: Schema, schemas: Schemas, path = 'spec') {
  const properties = resolve(schema, schemas).properties ?? {};
  const served = Object.keys(properties);
  const unknown = served.filter((field) => !fields.has(field)).map((field) => `${path}.${field}`);
  const gone = [...fields].filter((field) => !served.includes(field)).map((field) => `${path}.${field}`);
  for (const [field, within] of Object.entries(inner)) {
    const deeper = compare(within, properties[field] ?? {}, schemas, `${path}.${field}`);
    unknown.push(...deeper.unknown);
    gone.push(...deeper.gone);
  }
  return { unknown: unknown.sort(), gone };
}

const REFUSED = [
  // Where only nodes can run it that declare the feature.
  'spec.containers.volumeMounts.bindMountOptions',
  // Devices of dynamic resource allocation.
  'spec.containers.resources.claims',
  'spec.initContainers.resources.claims',
  'spec.initContainers.volumeMounts.bindMountOptions',
  'spec.resourceClaims',
  'spec.resources.claims',
  // No part of a template.
  'spec.ephemeralContainers',
  'spec.nodeName',
  'spec.schedulerName',
  'spec.schedulingGates',
  // Gangs of Kubernetes' own, off by default.
  'spec.schedulingGroup',
];

test('every field of a PodSpec that the API server knows is either known or refused by name on purpose', async () => {
  const text = await cluster.kubectl('get', '--raw', '/openapi/v3/api/v1');
  const { schemas } = (JSON.parse(text) as { components: { schemas: Schemas } }).components;
  const { unknown, gone } = compare(POD_SPEC, schemas['io.k8s.api.core.v1.PodSpec']!, schemas);
  expect(unknown.filter((field) => !REFUSED.includes(field))).toEqual([]);
  // The oldest one lacks some.
  if (!IS_OLDEST) expect({ unknown, gone }).toEqual({ unknown: REFUSED.toSorted(), gone: [] });
});
