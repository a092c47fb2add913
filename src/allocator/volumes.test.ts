import { describe, expect, test } from 'vitest';
import {
  aClaim,
  aCsiNode,
  aGroup,
  aJob,
  aNode,
  aPool,
  aSnapshot,
  aStorageClass,
  aVolume,
  type Buildable,
  type RawStorage,
} from '../../test/builders/index.ts';
import { decide, tasksByNode } from './decide.test-helper.ts';

const classes = [aStorageClass('local'), aStorageClass('made', 'disks')];
const nodes = ['n1', 'n2', 'n3'].map((name) => aNode(name));
const pool = (name: string, ...claims: string[]) =>
  aPool(name)
    .namespace('default')
    .claims(...claims);

/** What becomes of the tasks: where they are launched, and what claims of those that wait get. */
function outcome(storage: RawStorage, ...objects: Buildable[]) {
  const snapshot = aSnapshot()
    .with(...nodes, ...objects)
    .storage({ classes, ...storage })
    .build();
  const allocation = decide(snapshot);
  const awaiting = allocation.awaiting.map(({ launch, choices }) => {
    const { name } = snapshot.frameworks[launch.offer.framework]!.metadata;
    const node = snapshot.agents[launch.offer.agent]!.name;
    return `${name} ${node}: ${choices.map(({ claim, volume }) => `${claim.name} ${volume?.key ?? 'made'}`).join(', ')}`;
  });
  return { launched: tasksByNode(snapshot, allocation), awaiting };
}

test('a task goes where its volume is', () => {
  const claims = [aClaim('data', { boundTo: 'v' })];
  expect(outcome({ claims, volumes: [aVolume('v', { on: ['n2'] })] }, pool('a', 'data').replicas(2))).toEqual(
    {
      launched: { 'a n2': 2 },
      awaiting: [],
    },
  );
});

test('the tasks of a claim that waits go together, and are launched when it has its volume', () => {
  const claims = [aClaim('data', { of: 'made' })];
  const { launched, awaiting } = outcome({ claims }, pool('a', 'data').replicas(3).distributed());
  expect(launched).toEqual({});
  expect(awaiting).toEqual(['a n1: data made', 'a n1: data made', 'a n1: data made']);
});

test('others are launched meanwhile, in the room that is left', () => {
  const claims = [aClaim('data', { of: 'local' })];
  const volumes = [aVolume('v', { of: 'local', on: ['n3'] })];
  const waiting = pool('a', 'data').cpu('3');
  const { launched, awaiting } = outcome({ claims, volumes }, waiting, pool('b').replicas(3).cpu('3'));
  expect(awaiting).toEqual(['a n3: data v']);
  expect(launched).toEqual({ 'b n1': 1, 'b n2': 1 });
});

test('the last volume goes to one of two pools', () => {
  const claims = [aClaim('x', { of: 'local' }), aClaim('y', { of: 'local' })];
  const volumes = [aVolume('v', { of: 'local' })];
  expect(outcome({ claims, volumes }, pool('a', 'x'), pool('b', 'y')).awaiting).toEqual(['a n1: x v']);
});

test('a claim of one Pod alone has one task in a cycle', () => {
  const claims = [aClaim('data', { boundTo: 'v', modes: ['ReadWriteOncePod'] })];
  expect(outcome({ claims, volumes: [aVolume('v')] }, pool('a', 'data').replicas(4)).launched).toEqual({
    'a n1': 1,
  });
});

test('nodes take no more volumes than they can attach', () => {
  const names = ['x', 'y', 'z'];
  const claims = names.map((name) => aClaim(name, { boundTo: `v-${name}` }));
  const volumes = names.map((name) => aVolume(`v-${name}`, { driver: 'disks' }));
  const csiNodes = ['n1', 'n2', 'n3'].map((name) => aCsiNode(name, { disks: 1 }));
  const pools = names.map((name) => pool(`pool-${name}`, name).replicas(2));
  expect(outcome({ claims, volumes, csiNodes }, ...pools).launched).toEqual({
    'pool-x n1': 2,
    'pool-y n2': 2,
    'pool-z n3': 2,
  });
});

describe('a gang', () => {
  const job = (...claims: string[]) =>
    aJob('learn')
      .namespace('default')
      .group(
        aGroup('w')
          .replicas(2)
          .cpu('1')
          .claims(...claims),
      )
      .group(aGroup('leader').cpu('1'));

  test('waits as a whole for the claims of some', () => {
    const claims = [aClaim('data', { of: 'made' })];
    expect(outcome({ claims }, job('data'))).toEqual({
      launched: {},
      awaiting: ['learn n1: data made', 'learn n1: data made', 'learn n1: '],
    });
  });

  test('that does not fit takes no volume', () => {
    const claims = [aClaim('data', { of: 'local' }), aClaim('y', { of: 'local' })];
    const volumes = [aVolume('v', { of: 'local', on: ['n1'] })];
    const large = aJob('large')
      .namespace('default')
      .group(aGroup('w').cpu('1').claims('data'))
      .group(aGroup('x').cpu('9'));
    expect(outcome({ claims, volumes }, large, pool('small', 'y')).awaiting).toEqual(['small n1: y v']);
  });
});
