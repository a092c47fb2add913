import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { crd, crdYaml } from './crd.ts';
import { KINDS, type Kind } from './kinds.ts';
import { GenerateError, type Schema } from './schema.ts';

const [pool] = KINDS as readonly [Kind];

/** Lists and maps without a bound, and texts below a rule without one, make CEL too dear for the API server. */
function unbounded(schema: Schema, path: string): string[] {
  const open =
    (schema.type === 'array' && schema.maxItems === undefined) ||
    (schema.additionalProperties !== undefined && schema.maxProperties === undefined) ||
    (schema.type === 'string' && schema.maxLength === undefined && schema.enum === undefined);
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    unbounded(field, `${path}.${name}`),
  );
  const parts = [schema.items, schema.additionalProperties].flatMap((part) =>
    part ? unbounded(part, `${path}[]`) : [],
  );
  return [...(open ? [path] : []), ...below, ...parts];
}

describe('crd', () => {
  test.each(KINDS.map((kind) => [kind.names.kind, kind] as const))(
    '%s: everything in the spec has a bound',
    (_name, kind) => {
      const spec = crd(kind).spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'];
      expect(spec).toBeDefined();
      expect(unbounded(spec ?? {}, 'spec')).toEqual([]);
    },
  );

  test('only the pool has a scale; columns begin with the state, those of pools with their numbers, and have since when and why', () => {
    for (const kind of KINDS) {
      const version = crd(kind).spec.versions[0];
      expect('scale' in (version?.subresources ?? {})).toBe(kind.names.kind === 'GameServerPool');
      const names = version?.additionalPrinterColumns.map(({ name }) => name) ?? [];
      expect(names[0]).toBe(
        { GameServerPool: 'Desired', TrainingJob: 'Phase', OfferRole: 'State', GameServerClaim: 'Pool' }[
          kind.names.kind
        ],
      );
      expect(names).toEqual(expect.arrayContaining(['Age', 'Message']));
    }
  });

  test.each([
    [
      'a column',
      { columns: [{ name: 'X', type: 'string', jsonPath: '.status.massage', description: 'X.' }] },
    ],
    ['a selectable field', { selectable: ['.spec.rolle'] }],
    [
      'a scale path',
      {
        scale: {
          specReplicasPath: '.spec.count',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.selector',
        },
      },
    ],
  ] satisfies [string, Partial<Kind>][])('refuses %s that leads to no field', (_what, part) => {
    expect(() => crd({ ...pool, ...part })).toThrow(GenerateError);
  });

  test('the YAML is the object', () => {
    expect(parse(crdYaml(pool))).toEqual(JSON.parse(JSON.stringify(crd(pool))));
  });
});
