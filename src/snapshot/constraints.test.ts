import { describe, expect, test } from 'vitest';
import { exclusionOf, nodeConstraints, tolerates, type NodeTraits } from './constraints.ts';
import { requirementMatches } from './reading/selector.ts';
import type { NodeSelectorTerm, PodSpec, Taint, Toleration } from './reading/objects.ts';

describe('a requirement of node affinity', () => {
  const cases: readonly [operator: string, values: string[], value: string | undefined, matches: boolean][] =
    [
      ['In', ['a', 'b'], 'b', true],
      ['In', ['a', 'b'], 'c', false],
      ['In', ['a'], undefined, false],
      ['NotIn', ['a', 'b'], 'c', true],
      ['NotIn', ['a', 'b'], 'a', false],
      ['NotIn', ['a'], undefined, true],
      ['Exists', [], '', true],
      ['Exists', [], undefined, false],
      ['DoesNotExist', [], undefined, true],
      ['DoesNotExist', [], 'a', false],
      ['Gt', ['5'], '6', true],
      ['Gt', ['5'], '5', false],
      ['Gt', ['9'], '10', true],
      ['Gt', ['-5'], '-4', true],
      ['Gt', ['9007199254740992'], '9007199254740993', true],
      ['Gt', ['5'], undefined, false],
      ['Gt', ['5'], 'many', false],
      ['Gt', ['5.5'], '6', false],
      ['Gt', ['5', '6'], '7', false],
      ['Gt', [], '7', false],
      ['Gt', ['5'], '9223372036854775807', true],
      ['Gt', ['5'], '9223372036854775808', false],
      ['Gt', [`${'0'.repeat(62)}5`], '6', true],
      // No label is so long, and reading such a number takes long.
      ['Gt', [`${'0'.repeat(63)}5`], '6', false],
      ['Lt', ['5'], '4', true],
      ['Lt', ['5'], '5', false],
      ['Lt', ['5'], undefined, false],
      ['Near', ['a'], 'a', false],
    ];
  test.each(cases)('%s %j and the label %j: %s', (operator, values, value, matches) => {
    expect(requirementMatches({ key: 'k', operator, values }, value)).toBe(matches);
  });
});

describe('a toleration', () => {
  const taint: Taint = { key: 'gpu', value: 'a100', effect: 'NoSchedule' };
  test.each<[toleration: Toleration, covers: boolean]>([
    [{ key: 'gpu', operator: 'Exists' }, true],
    [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }, true],
    [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'gpu', operator: 'Equal', value: 'a100' }, true],
    [{ key: 'gpu', value: 'a100' }, true],
    [{ key: 'gpu', operator: '', value: 'a100', effect: '' }, true],
    [{ key: 'gpu', operator: 'Equal', value: 'h100' }, false],
    [{ key: 'gpu' }, false],
    [{ key: 'disk', operator: 'Exists' }, false],
    [{ operator: 'Exists' }, true],
    [{ operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: '', operator: 'Equal', value: 'a100' }, false],
  ])('%j covers gpu=a100:NoSchedule: %s', (toleration, covers) =>
    expect(tolerates(toleration, taint)).toBe(covers),
  );

  test('without a value covers a taint without one', () => {
    expect(tolerates({ key: 'gpu' }, { key: 'gpu', effect: 'NoSchedule' })).toBe(true);
  });
});

describe('a node', () => {
  const node: NodeTraits = { name: 'n1', labels: { zone: 'a', gen: '5' }, taints: [], unschedulable: false };
  const exclusion = (spec: Partial<PodSpec>, traits: Partial<NodeTraits> = {}) =>
    exclusionOf(nodeConstraints({ containers: [], ...spec }), { ...node, ...traits });
  const affinity = (...nodeSelectorTerms: NodeSelectorTerm[]): Partial<PodSpec> => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  });
  const zone = (...values: string[]) => ({ key: 'zone', operator: 'In', values });
  const named = (...values: string[]) => ({
    matchFields: [{ key: 'metadata.name', operator: 'In', values }],
  });
  const taint = (effect: string): Partial<NodeTraits> => ({ taints: [{ key: 'k', effect }] });
  const cordonToleration = {
    key: 'node.kubernetes.io/unschedulable',
    operator: 'Exists',
    effect: 'NoSchedule',
  };

  test.each<[what: string, found: string | undefined, expected: string | undefined]>([
    ['without constraints fits', exclusion({}), undefined],
    ['with the labels of the selector fits', exclusion({ nodeSelector: { zone: 'a', gen: '5' } }), undefined],
    ['with another value does not', exclusion({ nodeSelector: { zone: 'b' } }), 'selector'],
    ['without the label does not', exclusion({ nodeSelector: { arch: 'arm64' } }), 'selector'],
    [
      'needs one term of the affinity',
      exclusion(affinity({ matchExpressions: [zone('b')] }, { matchExpressions: [zone('a')] })),
      undefined,
    ],
    [
      'needs every expression of a term',
      exclusion(affinity({ matchExpressions: [zone('a'), { key: 'arch', operator: 'Exists' }] })),
      'affinity',
    ],
    ['is named by matchFields', exclusion(affinity(named('n1'))), undefined],
    ['is not another by name', exclusion(affinity(named('n2'))), 'affinity'],
    [
      'needs fields and expressions of a term',
      exclusion(affinity({ ...named('n1'), matchExpressions: [zone('b')] })),
      'affinity',
    ],
    [
      'has no other field',
      exclusion(affinity({ matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['n1'] }] })),
      'affinity',
    ],
    ['matches no empty term', exclusion(affinity({})), 'affinity'],
    ['matches no empty list of terms', exclusion(affinity()), 'affinity'],
    ['with NoSchedule repels', exclusion({}, taint('NoSchedule')), 'taint'],
    ['with NoExecute repels', exclusion({}, taint('NoExecute')), 'taint'],
    ['with PreferNoSchedule does not repel', exclusion({}, taint('PreferNoSchedule')), undefined],
    [
      'repels until each taint is tolerated',
      exclusion(
        { tolerations: [{ key: 'k', operator: 'Exists' }] },
        {
          taints: [
            { key: 'k', effect: 'NoSchedule' },
            { key: 'l', effect: 'NoSchedule' },
          ],
        },
      ),
      'taint',
    ],
    [
      'that is tolerated fits',
      exclusion({ tolerations: [{ key: 'k', operator: 'Exists' }] }, taint('NoExecute')),
      undefined,
    ],
    ['that is cordoned is out', exclusion({}, { unschedulable: true }), 'cordon'],
    [
      'that is cordoned takes those who tolerate it',
      exclusion({ tolerations: [cordonToleration] }, { unschedulable: true }),
      undefined,
    ],
  ])('%s', (_, found, expected) => expect(found).toBe(expected));
});
