import { expect, test } from 'vitest';
import { aPool } from '../../../test/builders/index.ts';
import { poolFacts } from './facts.ts';

const SAFE = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const KEPT = 'karpenter.sh/do-not-disrupt';

const shapeOf = (eviction?: object, annotations?: object) => {
  const raw = aPool('arena').field('eviction', eviction).build();
  const { template } = raw.spec as { template: object };
  const spec = {
    ...(raw.spec as object),
    template: { ...template, ...(annotations ? { metadata: { annotations } } : {}) },
  };
  return poolFacts({ ...raw, spec }).groups[0]!.shape;
};
const said = (...args: Parameters<typeof shapeOf>) => shapeOf(...args).template?.metadata?.annotations;

test.each([
  [undefined, { [SAFE]: 'false', [KEPT]: 'true' }],
  [{ policy: 'Never' }, { [SAFE]: 'false', [KEPT]: 'true' }],
  [{ policy: 'OnUpgrade' }, { [SAFE]: 'false' }],
  [{ policy: 'Always' }, { [SAFE]: 'true' }],
])('servers of %j tell node autoscalers so from their birth', (eviction, annotations) => {
  expect(said(eviction)).toEqual(annotations);
});

test('what the template says wins', () => {
  expect(said({ policy: 'Never' }, { [SAFE]: 'true', own: 'x' })).toEqual({
    [SAFE]: 'true',
    [KEPT]: 'true',
    own: 'x',
  });
});

test('another policy makes no other revision, so that no server is replaced for it', () => {
  expect(shapeOf({ policy: 'Always' }).revision).toBe(shapeOf().revision);
});
