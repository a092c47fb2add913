import { describe, expect, test } from 'vitest';
import {
  aClaim,
  aCsiNode,
  aNode,
  aPod,
  app,
  aSnapshot,
  aVolume,
  HOST,
  required,
  term,
  zoned,
  type Buildable,
  type PodBuilder,
  type RawStorage,
} from '../../../test/builders/index.ts';
import { decide } from '../decide.test-helper.ts';

/** A Pod of others of an app, with a priority. */
const pod = (name: string, of: string, priority: number, cpu = '1'): PodBuilder =>
  aPod(name).namespace('default').customer().label('app', of).cpu(cpu).specField('priority', priority);
/** One that runs. */
const runs = (name: string, of: string, node: string, priority = 0, cpu = '1'): PodBuilder =>
  pod(name, of, priority, cpu).on(node).ready();

const apart = (key: string, from: string) => ({ podAntiAffinity: required(term(key, from)) });
const beside = (key: string, by: string) => ({ podAffinity: required(term(key, by)) });
const spread = (key: string, of: string) => [
  { maxSkew: 1, topologyKey: key, whenUnsatisfiable: 'DoNotSchedule', labelSelector: app(of) },
];

/** Who is evicted, and where room is waited for. */
function told(objects: readonly Buildable[], storage: RawStorage = {}) {
  const snapshot = aSnapshot()
    .with(...objects)
    .storage(storage)
    .build();
  const { evictions, nominations, launches } = decide(snapshot);
  const nodeOf = (agent: number) => snapshot.agents[agent]!.name;
  return {
    evicted: evictions.map((each) => each.pod.name).sort(),
    waits: nominations.map(({ agent }) => nodeOf(agent)),
    launched: launches.map(({ offer }) => nodeOf(offer.agent)),
  };
}

const PEACE = { evicted: [], waits: [] };

describe('a rule about other Pods is judged with those gone who are evicted', () => {
  test('anti-affinity of either side gives way with them, and no other Pod goes', () => {
    const others = [runs('idle', 'x', 'n1'), runs('low', 'db', 'n1', 5)];
    const high = pod('high', 'db', 9).specField('affinity', apart(HOST, 'db'));
    expect(told([aNode('n1'), ...others, high])).toMatchObject({ evicted: ['low'], waits: ['n1'] });
    const shy = runs('shy', 'x', 'n1').specField('affinity', apart(HOST, 'db'));
    expect(told([aNode('n1'), shy, pod('high', 'db', 9)])).toMatchObject({ evicted: ['shy'] });
  });

  test('but not with those who are not evicted', () => {
    const high = pod('high', 'db', 9).specField('affinity', apart('zone', 'db'));
    const equal = runs('equal', 'db', 'a2', 9);
    const cluster = [zoned('a1', 'a').cpu('1'), zoned('a2', 'a').cpu('1'), runs('low', 'x', 'a1'), equal];
    expect(told([...cluster, high])).toMatchObject(PEACE);
  });

  test('topology spread counts them no more: as many go as it takes', () => {
    const cluster = ['n1', 'n2'].map((name) => aNode(name).cpu('4').label(HOST, name));
    const running = [
      runs('high', 'x', 'n1', 1000, '3600m'),
      ...[1, 2, 3].map((i) => runs(`low-${i}`, 'x', 'n2', 1, '1200m')),
    ];
    const medium = pod('medium', 'x', 100, '1200m').specField('topologySpreadConstraints', spread(HOST, 'x'));
    const { evicted, waits } = told([...cluster, ...running, medium]);
    expect(evicted).toHaveLength(2);
    expect(waits).toEqual(['n2']);
  });

  test('whoever has to be near a Pod does not have that one evicted', () => {
    const high = (cpu: string) => pod('high', 'client', 9, cpu).specField('affinity', beside(HOST, 'db'));
    const cluster = [aNode('n1').cpu('4').label(HOST, 'n1'), runs('db', 'db', 'n1', 0, '3')];
    expect(told([...cluster, high('3')])).toMatchObject(PEACE);
    // Another one goes, although it is the dearer one.
    const dear = [runs('dear', 'x', 'n1', 5), ...cluster];
    expect(told([...dear, high('1')])).toMatchObject({ evicted: ['dear'] });
  });

  test('those who leave already are gone by then', () => {
    const leaves = runs('low', 'db', 'n1').evicted();
    const high = pod('high', 'db', 9).specField('affinity', apart(HOST, 'db'));
    const other = runs('other', 'db', 'n2');
    const cluster = [aNode('n1').label(HOST, 'n1'), aNode('n2').label(HOST, 'n2')];
    expect(told([...cluster, leaves, other, high])).toEqual({ evicted: [], waits: ['n1'], launched: [] });
  });
});

describe('those who are only nominated', () => {
  const cluster = [aNode('n1').cpu('1').label(HOST, 'n1'), aNode('n2').cpu('1').label(HOST, 'n2')];
  const low = [runs('low-1', 'x', 'n1'), runs('low-2', 'x', 'n2')];

  test('keep others away who would not suffer them', () => {
    const pair = ['a', 'b'].map((name) => pod(name, 'db', 9).specField('affinity', apart(HOST, 'db')));
    expect(told([...cluster, ...low, ...pair])).toMatchObject({
      evicted: ['low-1', 'low-2'],
      waits: ['n1', 'n2'],
    });
    expect(told([cluster[0]!, low[0]!, ...pair])).toMatchObject({ evicted: ['low-1'], waits: ['n1'] });
  });

  test('bring nobody near who needs them there', () => {
    const wide = aNode('n1').cpu('2').label(HOST, 'n1');
    const first = pod('first', 'db', 9, '2');
    const then = pod('then', 'client', 8, '1').specField('affinity', beside('zone', 'db'));
    const zone = [wide.label('zone', 'a'), aNode('n2').cpu('1').label('zone', 'a')];
    const { launched } = told([...zone, runs('low', 'x', 'n1', 0, '2'), first, then]);
    expect(launched).toEqual([]);
  });
});

describe('volumes are free when those are gone who use them', () => {
  const node = () => aNode('n1').cpu('4');

  test('a claim that one Pod alone may use', () => {
    const storage = {
      claims: [aClaim('data', { boundTo: 'v', modes: ['ReadWriteOncePod'] })],
      volumes: [aVolume('v')],
    };
    const low = runs('low', 'x', 'n1').claims('data');
    const high = pod('high', 'x', 9).claims('data');
    const idle = runs('idle', 'x', 'n1', -1);
    expect(told([node(), idle, low, high], storage)).toMatchObject({ evicted: ['low'], waits: ['n1'] });
    expect(told([node(), runs('equal', 'x', 'n1', 9).claims('data'), high], storage)).toMatchObject(PEACE);
  });

  test('volumes that are attached, until they are detached as well', () => {
    const driver = 'disks.example.com';
    const storage = {
      claims: [aClaim('a', { boundTo: 'va' }), aClaim('b', { boundTo: 'vb' })],
      volumes: [aVolume('va', { driver }), aVolume('vb', { driver })],
      csiNodes: [aCsiNode('n1', { [driver]: 1 }), aCsiNode('n2', { [driver]: 0 })],
      attachments: [
        {
          metadata: { name: 'at', resourceVersion: '1' },
          spec: { attacher: driver, nodeName: 'n1', source: { persistentVolumeName: 'va' } },
        },
      ],
    };
    const high = pod('high', 'x', 9).claims('b');
    const cluster = [node(), aNode('n2').cpu('1'), runs('idle', 'x', 'n2')];
    expect(told([...cluster, runs('low', 'x', 'n1').claims('a'), high], storage)).toMatchObject({
      evicted: ['low'],
      waits: ['n1'],
    });
    // It is gone, and its volume is not: nobody else has to go for that.
    expect(told([...cluster, runs('idle-1', 'x', 'n1'), high], storage)).toEqual({
      evicted: [],
      waits: ['n1'],
      launched: [],
    });
  });
});
