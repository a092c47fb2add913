import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, HOST, type Buildable } from '../../test/builders/index.ts';
import { decide } from '../allocator/decide.test-helper.ts';
import { serviceFacts } from './service.ts';

const ZONE = 'topology.kubernetes.io/zone';
const zones: Readonly<Record<string, string>> = { a1: 'a', a2: 'a', b1: 'b' };
const nodes = Object.entries(zones).map(([name, zone]) =>
  aNode(name).cpu('8').label(HOST, name).label(ZONE, zone),
);
const pods = (count: number, of = 'web') =>
  Array.from({ length: count }, (_, i) =>
    aPod(`${of}-${i}`).namespace('default').customer().label('app', of).label('track', `${i}`).cpu('100m'),
  );

/** How many Pods are placed on each node. */
function placed(builder: ReturnType<typeof aSnapshot>, ...objects: Buildable[]): Record<string, number> {
  const snapshot = builder.with(...objects).build();
  const out: Record<string, number> = {};
  for (const { offer } of decide(snapshot).launches) {
    const { name } = snapshot.agents[offer.agent]!;
    out[name] = (out[name] ?? 0) + 1;
  }
  return out;
}

test('Pods that a Service selects are spread over zones and nodes, each of which is a framework of its own', () => {
  const web = () => aSnapshot().service('web', { app: 'web' });
  expect(placed(web(), ...nodes, ...pods(2))).toEqual({ a1: 1, b1: 1 });
  expect(placed(web(), ...nodes, ...pods(6))).toEqual({ a1: 2, a2: 2, b1: 2 });
});

test('those that none selects fill one node after the other', () => {
  expect(placed(aSnapshot().service('web', { app: 'other' }), ...nodes, ...pods(6))).toEqual({ a1: 6 });
  expect(placed(aSnapshot().service('web', {}), ...nodes, ...pods(6))).toEqual({ a1: 6 });
});

test('with several Services those count that all of them select', () => {
  const services = aSnapshot().service('web', { app: 'web' }).service('first', { track: '0' });
  const there = pods(3).map((pod) => pod.on('a1').ready());
  const more = aPod('more')
    .namespace('default')
    .customer()
    .label('app', 'web')
    .label('track', '0')
    .cpu('100m');
  const { a1 = 0 } = placed(services, ...nodes, ...there, more);
  expect(a1).toBe(0);
});

test('a zone is no must: nodes without one are taken as well', () => {
  const bare = [aNode('n1'), aNode('n2')].map((node, i) => node.cpu('8').label(HOST, `n${i + 1}`));
  expect(placed(aSnapshot().service('web', { app: 'web' }), ...bare, ...pods(4))).toEqual({ n1: 2, n2: 2 });
});

test('constraints of their own, and pools, say themselves how they are placed', () => {
  const own = [{ maxSkew: 5, topologyKey: HOST, whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} }];
  const said = pods(3).map((pod) => pod.specField('topologySpreadConstraints', own));
  const web = () => aSnapshot().service('web', { app: 'web' });
  expect(placed(web(), ...nodes, ...said)).toEqual({ a1: 3 });
  expect(
    placed(web(), ...nodes, aPool('p').namespace('default').podLabel('app', 'web').replicas(3).cpu('100m')),
  ).toEqual({ a1: 3 });
});

test('a Service is read as far as it goes', () => {
  const metadata = { name: 's', namespace: 'n' };
  expect(serviceFacts({ metadata })).toEqual({ key: 'n/s', namespace: 'n', selector: undefined, faults: [] });
  expect(serviceFacts({ metadata, spec: { selector: { app: 1 } } }).faults).not.toEqual([]);
});
