import { describe, expect, test } from 'vitest';
import { aPod, NOW, type PodBuilder } from '../../test/builders/index.ts';
import { ANNOTATION, CUSTOMER_LABEL } from '../api/group.ts';
import { createCustomerReader, type CustomerFacts } from './customer.ts';
import { shownId } from './framework-id.ts';
import { readPod } from './reading/pod.ts';

const read = (pod: PodBuilder): CustomerFacts => createCustomerReader()(readPod(pod.build()))!;
const mine = () => aPod('p').namespace('web').customer();

test('a Pod that another scheduler places is nobody of ours', () => {
  expect(createCustomerReader()(readPod(aPod('p').build()))).toBeUndefined();
  const other = aPod('p').specField('schedulerName', 'default-scheduler');
  expect(createCustomerReader()(readPod(other.build()))).toBeUndefined();
});

describe('the framework of a Pod', () => {
  test.each<[what: string, pod: PodBuilder, id: string]>([
    ['is itself, when nobody owns it', mine(), 'pod/web/p'],
    ['is its owner', mine().ownedBy('StatefulSet', 'db'), 'statefulset.apps/web/db#uid-StatefulSet-db'],
    [
      'is what its label says, whoever owns it',
      mine().ownedBy('ReplicaSet', 'a-6f').label(CUSTOMER_LABEL.framework, 'shop'),
      'framework/web/shop',
    ],
    [
      'is its gang before all',
      mine().ownedBy('Job', 'j').label(CUSTOMER_LABEL.framework, 'shop').gang('train', 2),
      'gang/web/train',
    ],
    ['is not an empty label', mine().label(CUSTOMER_LABEL.framework, ''), 'pod/web/p'],
    [
      'is apart from those of its owner that draw on another role',
      mine().ownedBy('StatefulSet', 'db').label(CUSTOMER_LABEL.role, 'lab'),
      'statefulset.apps/web/db/lab#uid-StatefulSet-db',
    ],
  ])('%s', (_, pod, id) => {
    const [, namespace, name] = shownId(id).split('/');
    expect(read(pod).framework).toMatchObject({ id, kind: 'Pods', key: `${namespace}/${name}` });
  });

  test('cannot be taken for another one, whatever its owner is called', () => {
    const owner = { apiVersion: 'v1', kind: 'gsp', name: 'arena', uid: 'u' };
    const ids = [
      owner,
      { ...owner, uid: 'v' },
      { ...owner, apiVersion: 'x/v1' },
      { ...owner, kind: 'pod' },
      { ...owner, kind: 'x/web', name: 'arena#u' },
      { ...owner, name: '../games/arena' },
      { ...owner, name: 'arena/lab' },
      { ...owner, apiVersion: 'b.c/v1', kind: 'a' },
      { ...owner, apiVersion: 'c/v1', kind: 'a.b' },
      { ...owner, name: 'half a character: \ud800' },
    ].map((its) => read(mine().controlledBy(its)).framework.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[^/]+\.[^/]+\/web\/[^/]+#[^/#]+$/);
    const { id } = read(mine().controlledBy(owner).label(CUSTOMER_LABEL.role, 'lab')).framework;
    expect(ids).not.toContain(id);
  });

  test('can be named with what is no Unicode, which the API server replaces', () => {
    const odd = mine().label(CUSTOMER_LABEL.framework, 'a\ud800');
    expect(read(odd).framework.id).toBe('framework/web/a%EF%BF%BD');
    expect(read(mine().ownedBy('\ud800', 'b')).framework.id).toContain('%EF%BF%BD.apps/web/b#');
  });

  test('is one object for all of its Pods', () => {
    const reader = createCustomerReader();
    const [a, b] = ['a', 'b'].map((name) =>
      reader(readPod(aPod(name).customer().ownedBy('Job', 'j').build())),
    );
    expect(a!.framework).toBe(b!.framework);
  });
});

describe('the role of a Pod', () => {
  test.each<[what: string, pod: PodBuilder, role: string]>([
    ['is its namespace', mine(), 'web'],
    ['is what its annotation says', mine().annotation(ANNOTATION.role, 'studio'), 'studio'],
    [
      'is what its label says before that',
      mine().annotation(ANNOTATION.role, 'studio').label(CUSTOMER_LABEL.role, 'lab'),
      'lab',
    ],
    [
      'is the annotation when nobody can have a role of the name on the label',
      mine().annotation(ANNOTATION.role, 'studio/night').label(CUSTOMER_LABEL.role, 'Not_A_Role'),
      'studio/night',
    ],
    ['is its namespace when neither can be read', mine().annotation(ANNOTATION.role, '../up'), 'web'],
    ['is its namespace when it is too long', mine().annotation(ANNOTATION.role, 'r'.repeat(254)), 'web'],
  ])('%s', (_, pod, role) => expect(read(pod).role).toBe(role));
});

describe('the least number of a gang', () => {
  test('is undefined without a gang, also when the number is there', () =>
    expect(read(mine().label(CUSTOMER_LABEL.gangMin, '3')).gangMin).toBeUndefined());

  test('is what the label says', () => expect(read(mine().gang('g', 12)).gangMin).toBe(12));

  test.each(['0', '-1', '1.5', 'two', '', '1000000'])('cannot be read from %j', (text) =>
    expect(read(mine().gang('g', text)).gangMin).toBeNaN(),
  );

  test('cannot be read when there is none', () =>
    expect(read(mine().label(CUSTOMER_LABEL.gang, 'g')).gangMin).toBeNaN());
});

test('gives way only when its label says true, and has others evicted unless its class says Never', () => {
  expect(read(mine())).toMatchObject({ revocable: false, preempts: true });
  expect(read(mine().label(CUSTOMER_LABEL.revocable, 'true')).revocable).toBe(true);
  expect(read(mine().label(CUSTOMER_LABEL.revocable, 'yes')).revocable).toBe(false);
  expect(read(mine().specField('preemptionPolicy', 'Never')).preempts).toBe(false);
});

test.each([
  ['ReplicaSet', true],
  ['StatefulSet', true],
  ['ReplicationController', true],
  ['Job', false],
])('replicas of a %s are better apart: %s', (kind, spreads) =>
  expect(read(mine().ownedBy(kind, 'x')).spreads).toBe(spreads),
);

describe('what a Pod asks for', () => {
  test.each<[what: string, pod: PodBuilder]>([
    ['is bound', mine().on('n1')],
    ['is on its way out', mine().deleting()],
    ['ended', mine().exited(0)],
    ['failed', mine().failed('Evicted')],
    ['is held by a gate', mine().specField('schedulingGates', [{ name: 'example.com/later' }])],
  ])('matters no more, nor what was said of it, when it %s', (_, pod) =>
    expect(read(pod.told('Unschedulable', 'no room'))).toMatchObject({ shape: undefined, told: undefined }),
  );

  test('is one object for Pods that ask for the same', () => {
    const reader = createCustomerReader();
    const shapeOf = (name: string, cpu: string) =>
      reader(readPod(aPod(name).customer().cpu(cpu).build()))!.shape!;
    expect(shapeOf('a', '1')).toBe(shapeOf('b', '1000m'));
    expect(shapeOf('a', '1')).not.toBe(shapeOf('b', '2'));
    expect(shapeOf('a', '1').demand).toEqual({ cpu: 1000, pods: 1 });
  });
});

test('what was last said of a Pod that waits is known; nothing of one that nobody has looked at', () => {
  expect(read(mine()).told).toBeUndefined();
  const told = { reason: 'Unschedulable', message: 'no room', at: NOW - 5000 };
  expect(read(mine().told('Unschedulable', 'no room', 5)).told).toEqual(told);
});
