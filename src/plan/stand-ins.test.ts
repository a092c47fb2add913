import { describe, expect, test } from 'vitest';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  type Buildable,
} from '../../test/builders/index.ts';
import { cycle } from './cycle.test-helper.ts';
import { standInBase, standInPod } from './stand-in-pod.ts';
import { standInWishes } from './stand-ins.ts';

function wishes(...objects: Buildable[]) {
  const { snapshot, allocation, all } = cycle(aSnapshot().with(...objects));
  return standInWishes(snapshot, all, allocation.launches, 100);
}
const counts = (...objects: Buildable[]) =>
  wishes(...objects).map(({ framework, demandClass, count }) => [
    framework.metadata.name,
    demandClass.group,
    count,
  ]);

const node = aNode('n1').cpu('2');
const learn = (workers: number) => aJob('learn').group(aGroup('w').replicas(workers).cpu('1'));

describe('stand-ins are wanted', () => {
  test('for servers that find no room, and for no others', () => {
    expect(counts(node, aPool('arena').replicas(5).cpu('1'))).toEqual([['arena', '', 3]]);
    expect(counts(node, aPool('arena').replicas(2).cpu('1'))).toEqual([]);
    expect(counts(aPool('arena').replicas(2).cpu('1'))).toEqual([['arena', '', 2]]);
  });

  test('for a hundred of a class at a time: autoscalers add nodes in rounds', () => {
    expect(counts(node, aPool('arena').replicas(5000).cpu('1'))).toEqual([['arena', '', 100]]);
  });

  test('for the whole of a gang', () => {
    expect(counts(node, learn(3))).toEqual([['learn', 'w', 3]]);
    expect(counts(node, learn(150))).toEqual([['learn', 'w', 150]]);
    expect(counts(node, learn(1001))).toEqual([]);
  });

  test('for what the limit of a role still allows, of a gang for all or none; roles share what is left', () => {
    const limit = (cpu: string) => aRole('games').limit({ cpu });
    expect(counts(node, limit('4'), aPool('arena').replicas(9).cpu('1'))).toEqual([['arena', '', 2]]);
    expect(counts(node, limit('2'), aPool('arena').replicas(9).cpu('1'))).toEqual([]);
    expect(counts(node, aRole('training').limit({ cpu: '2' }), learn(3))).toEqual([]);
    const two = [aPool('a').replicas(3).cpu('1'), aPool('b').replicas(3).cpu('1')];
    expect(counts(limit('4'), ...two)).toEqual([
      ['a', '', 3],
      ['b', '', 1],
    ]);
  });

  test('for nobody whose template is not honoured', () => {
    expect(counts(node, aPool('arena').replicas(5).cpu('1').podLabel('proffer.dev/slot', '1'))).toEqual([]);
  });
});

describe('a stand-in', () => {
  const arena = aPool('arena').replicas(1).cpu('4').port('game', 7777).podLabel('app', 'arena');
  const [wish] = wishes(node, arena);
  const { framework, demandClass } = wish!;
  const name = `${standInBase(framework, '', demandClass.shape)}-0`;
  const pod = standInPod(framework, demandClass, name);

  test('asks for what its server asks for, without a node, a host port, or what makes it a server', () => {
    expect(pod.metadata).toMatchObject({ labels: { app: 'arena', 'proffer.dev/stand-in': 'arena' } });
    expect(Object.keys(pod.metadata.labels!)).toHaveLength(2);
    expect(pod.metadata.ownerReferences).toMatchObject([
      { kind: 'GameServerPool', name: 'arena', controller: true },
    ]);
    expect(pod.spec).toMatchObject({
      schedulerName: 'proffer',
      containers: [{ resources: { requests: { cpu: '4' } } }],
    });
    expect(JSON.stringify(pod.spec)).not.toMatch(/hostPort|nodeName/);
  });

  test('has the host ports that its server has on every node', () => {
    const fixed = [{ name: 'game', policy: 'Static', containerPort: 1, hostPort: 2, protocol: 'TCPUDP' }];
    const [of] = wishes(node, aPool('fixed').replicas(1).cpu('4').field('ports', fixed));
    const { spec } = standInPod(of!.framework, of!.demandClass, 'fixed-s-0');
    expect(spec.containers[0]!.ports).toEqual([
      { containerPort: 1, hostPort: 2, protocol: 'UDP' },
      { containerPort: 1, hostPort: 2, protocol: 'TCP' },
    ]);
  });

  test('is never placed, counted or made room for', () => {
    const stand = aPod(name).label('proffer.dev/stand-in', 'arena').customer().cpu('1');
    const { snapshot, allocation } = cycle(aSnapshot().with(node, arena, stand));
    expect(snapshot.frameworks.map(({ id, live }) => [id, live.length])).toEqual([['gsp/games/arena', 0]]);
    expect(allocation.launches).toEqual([]);
  });

  test('has another name when the template is another one', () => {
    const [other] = wishes(node, arena.cpu('3'));
    expect(standInBase(other!.framework, '', other!.demandClass.shape)).not.toBe(name.slice(0, -2));
  });
});
