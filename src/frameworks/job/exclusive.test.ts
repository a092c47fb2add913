import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aSnapshot, type Buildable } from '../../../test/builders/index.ts';
import { decide, tasksByNode } from '../../allocator/decide.test-helper.ts';

const nodes = ['a1', 'a2', 'b1', 'b2'].map((name) => aNode(name).cpu('4').label('rack', name[0]!));
const job = (name: string, exclusive = true) =>
  aJob(name).group(aGroup('w').replicas(2).cpu('1')).field('topology', { key: 'rack', exclusive });
/** A worker as the job made it: with the rule in its Pod. */
const worker = (of: ReturnType<typeof job>, node: string, slot = 0) => {
  const shape = aSnapshot().with(of).build().frameworks[0]!.classes[0]!.shape;
  return aPod(`${of.identity.name}-w-${slot}`)
    .ofJob(of, 'w', slot)
    .on(node)
    .cpu('1')
    .specField('affinity', shape.template!.spec['affinity'] as object);
};
const placed = (...objects: Buildable[]): string[] => {
  const snapshot = aSnapshot()
    .namespace('training', { 'kubernetes.io/metadata.name': 'training' })
    .namespace('elsewhere', { 'kubernetes.io/metadata.name': 'elsewhere' })
    .with(...nodes, ...objects)
    .build();
  return Object.keys(tasksByNode(snapshot, decide(snapshot)));
};

test('a job that has its rack alone comes to none where another job is', () => {
  const other = job('other', false);
  const there = [other, worker(other, 'a1'), worker(other, 'a2', 1)];
  expect(placed(...there, job('alone')).every((each) => each.startsWith('alone b'))).toBe(true);
  expect(placed(...there, job('alone'))).not.toEqual([]);
});

test.each([
  ['of its namespace', job('other', false)],
  ['of another one, with its own name', job('alone', false).namespace('elsewhere')],
])('no job comes to its rack: one %s', (_, other) => {
  const alone = job('alone');
  const there = [alone, worker(alone, 'a1'), worker(alone, 'a2', 1)];
  const got = placed(...there, other);
  expect(got).not.toEqual([]);
  expect(got.every((each) => / b\d$/.test(each))).toBe(true);
});

test('it is left with its own workers, and with what is no job', () => {
  const alone = job('alone');
  expect(placed(alone, worker(alone, 'a1'))).toEqual([expect.stringMatching(/^alone a/)]);
  const snapshot = aSnapshot()
    .with(nodes[0]!, alone, worker(alone, 'a1'), worker(alone, 'a1', 1), aPool('arena').cpu('1'))
    .build();
  expect(Object.keys(tasksByNode(snapshot, decide(snapshot)))).toEqual(['arena a1']);
});

test('rules of the template stay', () => {
  const term = { topologyKey: 'rack', labelSelector: { matchLabels: { app: 'db' } } };
  const required = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  const affinity = { nodeAffinity: {}, podAntiAffinity: required };
  const its = aJob('alone')
    .group(aGroup('w').specField('affinity', affinity))
    .field('topology', { key: 'rack', exclusive: true });
  const { shape } = aSnapshot().with(its).build().frameworks[0]!.classes[0]!;
  expect(shape.template!.spec['affinity']).toMatchObject({
    nodeAffinity: {},
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term, {}, {}] },
  });
});
