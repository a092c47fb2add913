import { describe, expect, test } from 'vitest';
import { troubleText } from './class-trouble.ts';
import { aPool } from '../../test/builders/index.ts';
import type { PodSpec } from './reading/objects.ts';
import {
  runtimeClassFacts,
  runtimeTrouble,
  withRuntimeClass,
  type RuntimeClassFacts,
} from './runtime-class.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import type { TaskShape } from './workload.ts';

const aClass = (fields: object) => runtimeClassFacts({ metadata: { name: 'sandbox' }, ...fields });
const spec = (fields: object) => ({ containers: [{ name: 'main' }], ...fields });
const overhead = { podFixed: { cpu: '250m', memory: '120Mi' } };
const toleration = { key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' };
const sandbox = aClass({
  handler: 'runsc',
  overhead,
  scheduling: { nodeSelector: { runtime: 'sandbox' }, tolerations: [toleration] },
});
const plain = aClass({ handler: 'runc' });

const shapeOf = (pool = aPool('arena')) => poolFacts(pool.build()).groups[0]!.shape;
const withClass = (shape: TaskShape, runtimeClass: RuntimeClassFacts) =>
  withRuntimeClass(shape, shape.template!.spec as unknown as PodSpec, runtimeClass);

describe('a shape with its RuntimeClass', () => {
  const shape = shapeOf(aPool('arena').cpu('1').nodeSelector('disk', 'ssd').tolerate('games'));
  const merged = withClass(shape, sandbox);

  test('has the overhead in its demand', () => {
    expect(merged.demand).toEqual({ cpu: 1250, memory: 120 * 2 ** 20, pods: 1 });
  });

  test('has the selector and the tolerations of the class beside its own', () => {
    expect(merged.constraints.nodeSelector).toEqual({ disk: 'ssd', runtime: 'sandbox' });
    expect(merged.constraints.tolerations).toEqual([
      { key: 'games', operator: 'Exists', effect: 'NoSchedule' },
      toleration,
    ]);
  });

  test('makes Pods with the overhead, and stays of the same revision', () => {
    expect(merged.template?.spec).toMatchObject({ overhead: { cpu: '250m', memory: '120Mi' } });
    expect(merged.revision).toBe(shape.revision);
  });

  test('is made once', () => {
    expect(withClass(shape, sandbox)).toBe(merged);
    expect(withClass(shape, aClass({ handler: 'runsc', overhead }))).not.toBe(merged);
  });

  test('does not count an overhead twice that the template has already', () => {
    const pool = aPool('arena').cpu('1').specField('overhead', { cpu: '0.25', memory: '120Mi' });
    expect(withClass(shapeOf(pool), sandbox).demand).toEqual({ cpu: 1250, memory: 120 * 2 ** 20, pods: 1 });
  });

  test('is unchanged by a class that says nothing', () => {
    expect(withClass(shape, plain)).toEqual(shape);
  });
});

describe('what the API server would refuse', () => {
  test.each<[what: string, fields: object, known: typeof sandbox | undefined]>([
    ['no class', {}, undefined],
    ['a class that exists', { runtimeClassName: 'sandbox' }, sandbox],
    ['the same selector', { runtimeClassName: 'sandbox', nodeSelector: { runtime: 'sandbox' } }, sandbox],
    [
      'the same overhead',
      { runtimeClassName: 'sandbox', overhead: { memory: '120Mi', cpu: '.25' } },
      sandbox,
    ],
    ['an empty overhead', { overhead: {}, nodeSelector: null }, undefined],
  ])('not %s', (_, fields, known) => expect(runtimeTrouble(spec(fields), known)).toBeUndefined());

  const removeOverhead =
    'overhead: is not what its RuntimeClass says: remove it, the API server adds it to each Pod';
  test.each<[message: string, fields: object, known: typeof sandbox | undefined]>([
    [
      'runtimeClassName: there is no RuntimeClass "lost": create it, or name another',
      { runtimeClassName: 'lost' },
      undefined,
    ],
    [removeOverhead, { overhead: { cpu: '1' } }, undefined],
    [removeOverhead, { runtimeClassName: 'sandbox', overhead: { cpu: '1' } }, plain],
    [removeOverhead, { runtimeClassName: 'sandbox', overhead: { cpu: '250m', memory: '121Mi' } }, sandbox],
    [removeOverhead, { runtimeClassName: 'sandbox', overhead: { cpu: '250m' } }, sandbox],
    [
      'nodeSelector[runtime]: "other" conflicts with "sandbox" of RuntimeClass "sandbox": remove it',
      { runtimeClassName: 'sandbox', nodeSelector: { runtime: 'other' } },
      sandbox,
    ],
  ])('%s', (message, fields, known) =>
    expect(troubleText(runtimeTrouble(spec(fields), known)!)).toBe(`template.spec.${message}`),
  );
});
