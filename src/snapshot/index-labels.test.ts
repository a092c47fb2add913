import { describe, expect, test } from 'vitest';
import { aNode, aPod, aSnapshot, HOST, required, term, type PodBuilder } from '../../test/builders/index.ts';

const INDEX = 'batch.kubernetes.io/job-completion-index';
const numbered = (i: number) =>
  aPod(`bake-${i}`).namespace('default').customer().ownedBy('Job', 'bake').label(INDEX, `${i}`);
const matching = { topologyKey: HOST, labelSelector: { matchLabels: { [INDEX]: '0' } } };
const apart = (pod: PodBuilder, rule: object) =>
  pod.specField('affinity', { podAntiAffinity: required(rule) });

/** How many classes three Pods of an Indexed Job are, beside others. */
function classes(builder: ReturnType<typeof aSnapshot>, ...more: PodBuilder[]): number {
  const snapshot = builder.with(aNode('n1'), numbered(0), numbered(1), numbered(2), ...more).build();
  return snapshot.frameworks.find(({ id }) => id.startsWith('job'))!.classes.length;
}

describe('Pods that a Job numbers', () => {
  test('are one class while nothing tells them apart', () => {
    expect(classes(aSnapshot())).toBe(1);
    expect(
      classes(aSnapshot().service('all', { app: 'x' }), apart(aPod('other').customer(), term(HOST, 'db'))),
    ).toBe(1);
  });

  test('are one each when a rule of a Pod that waits or runs, or a Service, goes by their number', () => {
    expect(classes(aSnapshot(), apart(aPod('other').customer(), matching))).toBe(3);
    expect(classes(aSnapshot(), apart(aPod('other').on('n1').ready(), matching))).toBe(3);
    expect(classes(aSnapshot().service('first', { [INDEX]: '0' }))).toBe(3);
    const spread = { ...matching, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' };
    const own = aPod('other').customer().specField('topologySpreadConstraints', [spread]);
    expect(classes(aSnapshot(), own)).toBe(3);
  });

  test('are one each when they ask by matchLabelKeys to be told apart', () => {
    const spread = {
      maxSkew: 1,
      topologyKey: HOST,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: {},
      matchLabelKeys: [INDEX],
    };
    const own = [3, 4].map((i) => numbered(i).specField('topologySpreadConstraints', [spread]));
    expect(classes(aSnapshot(), ...own)).toBe(5);
  });
});
