import { expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aSnapshot,
  type PoolBuilder,
  type PodBuilder,
} from '../../../test/builders/index.ts';
import { poolFacts } from './facts.ts';
import { poolOverflow } from './overflow.ts';

const overflow = { labels: { 'studio.example/old': 'yes' }, annotations: { note: 'leave soon' } };
const TOLD = JSON.stringify({ annotations: overflow.annotations, labels: overflow.labels });
const pool = (update: object = { overflow }) => aPool('arena').replicas(2).field('update', update);
const { revision } = poolFacts(pool().build()).groups[0]!.shape;
const server = (slot: number, of: string) =>
  aPod(`arena-${slot}`).ofPool(pool(), slot).on('n1').revision(of).ready();
const held = (slot: number, of = 'before') => server(slot, of).session('Allocated');

const marked = (own: PoolBuilder, ...pods: PodBuilder[]) => {
  const { frameworks } = aSnapshot()
    .with(own, aNode('n1'), ...pods)
    .build();
  return poolOverflow(poolFacts(own.build()), frameworks[0]!).map(({ pod, metadata }) => [
    pod.name,
    metadata,
  ]);
};
const PUT = {
  labels: overflow.labels,
  annotations: { ...overflow.annotations, 'proffer.dev/overflow': TOLD },
};

test('servers of an older template that players hold are marked, and no others', () => {
  expect(marked(pool(), held(0), held(1, revision), server(2, revision), server(3, 'before'))).toEqual([
    ['arena-0', PUT],
  ]);
});

test('of more held servers than replicas those that are too many are marked, the old ones first', () => {
  const servers = [held(0, revision), held(1, revision), held(2, revision)];
  expect(marked(pool(), ...servers)).toEqual([['arena-0', PUT]]);
  expect(marked(pool(), ...servers, held(3)).map(([name]) => name)).toEqual(['arena-0', 'arena-3']);
});

test('nobody is marked twice, for a paused update, or where the pool says nothing', () => {
  expect(marked(pool(), held(0).annotation('proffer.dev/overflow', TOLD))).toEqual([]);
  expect(marked(pool({ overflow, paused: true }), held(0))).toEqual([]);
  expect(marked(pool({}), held(0))).toEqual([]);
});

test('marks are taken off when they hold no more, and what the template says comes back', () => {
  const given = (own: PodBuilder) => own.annotation('proffer.dev/overflow', TOLD);
  const off = {
    labels: { 'studio.example/old': null },
    annotations: { note: null, 'proffer.dev/overflow': null },
  };
  expect(marked(pool(), given(held(0, revision)))).toEqual([['arena-0', off]]);
  expect(marked(pool({}), given(held(0)))).toEqual([['arena-0', off]]);
  const labelled = pool({}).podLabel('studio.example/old', 'no');
  expect(marked(labelled, given(held(0)))).toEqual([
    ['arena-0', { ...off, labels: { 'studio.example/old': 'no' } }],
  ]);
});

test('other marks take the place of those that were put on before', () => {
  const other = { labels: { draining: 'true' }, annotations: {} };
  const [[, metadata]] = marked(
    pool({ overflow: other }),
    held(0).annotation('proffer.dev/overflow', TOLD),
  ) as [[string, { labels: object; annotations: object }]];
  expect(metadata.labels).toEqual({ 'studio.example/old': null, draining: 'true' });
  expect(metadata.annotations).toMatchObject({ note: null });
});

test('what a Pod says that it was given never touches names that Proffer goes by', () => {
  for (const forged of [
    'null',
    '[',
    '{"labels":7}',
    '{"labels":{"proffer.dev/state":"x"},"annotations":null}',
  ])
    expect(marked(pool({}), held(0).annotation('proffer.dev/overflow', forged))).toEqual([
      ['arena-0', { labels: {}, annotations: { 'proffer.dev/overflow': null } }],
    ]);
});
