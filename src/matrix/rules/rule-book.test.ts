import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  app,
  aSnapshot,
  HOST,
  required,
  term,
  zoned,
  type Buildable,
  type PoolBuilder,
} from '../../../test/builders/index.ts';
import { buildMatrices } from '../matrices.ts';

/** Two zones of two nodes each, and a node outside. */
const nodes = () => [zoned('a1', 'a'), zoned('a2', 'a'), zoned('b1', 'b'), zoned('b2', 'b'), aNode('out')];
const pod = (name: string, node: string, labels: Record<string, string> = { app: 'web' }) => {
  const made = aPod(name).namespace('games').on(node);
  for (const key in labels) made.label(key, labels[key]!);
  return made;
};
const affinity = (kind: 'podAffinity' | 'podAntiAffinity', ...terms: object[]) => ({
  [kind]: required(...terms),
});
const pool = (affinities: object, spread: object[] = []) =>
  aPool('p')
    .podLabel('app', 'game')
    .specField('affinity', affinities)
    .specField('topologySpreadConstraints', spread);
const spread = (more: object = {}) => ({
  maxSkew: 1,
  whenUnsatisfiable: 'DoNotSchedule',
  ...term('zone', 'game'),
  ...more,
});

/** Names of the agents that one more task of the pool could go to. */
function fits(
  objects: Buildable[],
  wanted: PoolBuilder,
  namespaces: Record<string, Record<string, string>> = {},
) {
  const builder = aSnapshot().with(...objects, wanted.cpu('1m'));
  for (const name in namespaces) builder.namespace(name, namespaces[name]!);
  const snapshot = builder.build();
  const { a } = buildMatrices(snapshot, snapshot.classes);
  return snapshot.agents.filter((_, i) => a[i]! > 0).map(({ name }) => name);
}

describe('pod affinity', () => {
  const near = (term: object) => affinity('podAffinity', { topologyKey: 'zone', ...term });

  test('leaves the domains where such Pods are', () => {
    expect(fits([...nodes(), pod('w', 'b1')], pool(near({ labelSelector: app('web') })))).toEqual([
      'b1',
      'b2',
    ]);
  });

  test('counts no Pod that has ended, and none outside of the topology', () => {
    const ended = [pod('w', 'b1').exited(0), pod('v', 'out')];
    expect(fits([...nodes(), ...ended], pool(near({ labelSelector: app('web') })))).toEqual([]);
  });

  test('lets the first of a group go anywhere within the topology, as long as nobody of it is there', () => {
    const own = pool(near({ labelSelector: app('game') }));
    expect(fits(nodes(), own)).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(fits([...nodes(), pod('g', 'a1', { app: 'game' })], own)).toEqual(['a1', 'a2']);
  });

  test('wants one Pod that matches all terms', () => {
    const both = affinity('podAffinity', term('zone', 'web'), {
      topologyKey: HOST,
      labelSelector: { matchLabels: { tier: 'x' } },
    });
    const apart = [pod('w', 'a1'), pod('x', 'a1', { tier: 'x' })];
    expect(fits([...nodes(), ...apart], pool(both))).toEqual([]);
    expect(fits([...nodes(), pod('w', 'a1', { app: 'web', tier: 'x' })], pool(both))).toEqual(['a1']);
  });

  test('looks into its own namespace, the named ones, or those that a selector selects', () => {
    const there = [...nodes(), pod('w', 'a1').namespace('shop'), pod('v', 'b1').namespace('club')];
    const labels = { shop: { kind: 'store' }, club: { kind: 'bar' } };
    const web = { labelSelector: app('web') };
    expect(fits(there, pool(near(web)), labels)).toEqual([]);
    expect(fits(there, pool(near({ ...web, namespaces: ['shop'] })), labels)).toEqual(['a1', 'a2']);
    const bars = { matchLabels: { kind: 'bar' } };
    expect(fits(there, pool(near({ ...web, namespaceSelector: bars })), labels)).toEqual(['b1', 'b2']);
    expect(fits(there, pool(near({ ...web, namespaceSelector: {} })), labels)).toHaveLength(4);
  });

  test('without a selector it selects nothing', () => {
    expect(fits([...nodes(), pod('w', 'a1')], pool(near({})))).toEqual([]);
  });
});

describe('pod anti-affinity', () => {
  const far = (term: object) => affinity('podAntiAffinity', { topologyKey: 'zone', ...term });

  test('leaves the domains where no such Pod is, and nodes outside of the topology', () => {
    const found = fits([...nodes(), pod('w', 'b1')], pool(far({ labelSelector: app('web') })));
    expect(found).toEqual(['a1', 'a2', 'out']);
  });

  test('of Pods that are there binds those that they select', () => {
    const guard = pod('w', 'a1').specField('affinity', far({ labelSelector: app('game') }));
    expect(fits([...nodes(), guard], pool({}))).toEqual(['b1', 'b2', 'out']);
    expect(fits([...nodes(), guard], aPool('other').podLabel('app', 'tool'))).toHaveLength(5);
  });

  test('goes by the values that the task itself has for matchLabelKeys and mismatchLabelKeys', () => {
    const there = [
      ...nodes(),
      pod('w', 'a1', { app: 'web', team: 'x' }),
      pod('v', 'b1', { app: 'web', team: 'y' }),
    ];
    const same = pool(far({ labelSelector: app('web'), matchLabelKeys: ['team', 'none'] })).podLabel(
      'team',
      'x',
    );
    expect(fits(there, same)).toEqual(['b1', 'b2', 'out']);
    const other = pool(far({ labelSelector: app('web'), mismatchLabelKeys: ['team'] })).podLabel('team', 'x');
    expect(fits(there, other)).toEqual(['a1', 'a2', 'out']);
  });
});

describe('topology spread', () => {
  const there = (...on: string[]) => [
    ...nodes(),
    ...on.map((node, i) => pod(`g${i}`, node, { app: 'game' })),
  ];

  test('keeps the domains within maxSkew of the least, and off nodes without the label', () => {
    expect(fits(there('a1'), pool({}, [spread()]))).toEqual(['b1', 'b2']);
    expect(fits(there('a1'), pool({}, [spread({ maxSkew: 2 })]))).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(fits(there('a1', 'a1', 'b1'), pool({}, [spread()]))).toEqual(['b1', 'b2']);
  });

  test('does not count Pods on their way out, nor those of other namespaces', () => {
    const others = [
      pod('x', 'a1', { app: 'game' }).deleting(),
      pod('y', 'a1', { app: 'game' }).namespace('club'),
    ];
    expect(fits([...nodes(), ...others], pool({}, [spread()]))).toHaveLength(4);
  });

  test('holds the least for 0 with fewer domains than minDomains', () => {
    const one = [zoned('a1', 'a'), zoned('a2', 'a'), pod('g', 'a1', { app: 'game' })];
    expect(fits(one, pool({}, [spread()]))).toEqual(['a1', 'a2']);
    expect(fits(one, pool({}, [spread({ minDomains: 2 })]))).toEqual([]);
  });

  test('leaves out of the count nodes that the affinity excludes, unless told to ignore it', () => {
    const only = (more: object) => pool({}, [spread(more)]).nodeSelector('zone', 'a');
    expect(fits(there('a1'), only({}))).toEqual(['a1', 'a2']);
    expect(fits(there('a1'), only({ nodeAffinityPolicy: 'Ignore' }))).toEqual([]);
  });

  test('counts nodes with taints, unless told to honour them', () => {
    const tainted = [zoned('a1', 'a'), zoned('b1', 'b').taint('t'), pod('g', 'a1', { app: 'game' })];
    expect(fits(tainted, pool({}, [spread()]))).toEqual([]);
    expect(fits(tainted, pool({}, [spread({ nodeTaintsPolicy: 'Honor' })]))).toEqual(['a1']);
  });

  test('tells apart by matchLabelKeys', () => {
    const by = pool({}, [spread({ matchLabelKeys: ['team'] })]).podLabel('team', 'x');
    expect(fits([...nodes(), pod('g', 'a1', { app: 'game', team: 'y' })], by)).toHaveLength(4);
    expect(fits([...nodes(), pod('g', 'a1', { app: 'game', team: 'x' })], by)).toEqual(['b1', 'b2']);
  });

  test('an empty selector counts nobody', () => {
    expect(fits(there('a1', 'a1'), pool({}, [spread({ labelSelector: {} })]))).toHaveLength(4);
  });
});

test('Pods without rules cost nothing: there is no book', () => {
  const snapshot = aSnapshot()
    .with(...nodes(), pod('w', 'a1'), aPool('p'))
    .build();
  expect(buildMatrices(snapshot, snapshot.classes).rules).toBeUndefined();
  const guard = pod('w', 'a1').specField('affinity', affinity('podAntiAffinity', term(HOST, 'x')));
  const guarded = aSnapshot()
    .with(...nodes(), guard, aPool('p'))
    .build();
  expect(buildMatrices(guarded, guarded.classes).rules).toBeUndefined();
});
