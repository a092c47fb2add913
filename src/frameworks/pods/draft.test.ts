import { describe, expect, test } from 'vitest';
import {
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  NOW,
  type Buildable,
  type PodBuilder,
} from '../../../test/builders/index.ts';
import { REASON } from '../../api/conditions.ts';
import { CUSTOMER_LABEL } from '../../api/group.ts';

const snapshotOf = (...objects: Buildable[]) =>
  aSnapshot()
    .with(aNode('n1'), aNode('n2'), ...objects)
    .build();
const frameworkOf = (...pods: PodBuilder[]) => snapshotOf(...pods).frameworks[0]!;
const pending = (...pods: PodBuilder[]) =>
  frameworkOf(...pods).classes.map((c) => Array.from(c.pending, ({ name }) => name));
const member = (name: string, min: number | string = 3) => aPod(name).gang('g', min).cpu('1');
const replica = (name: string) => aPod(name).customer().ownedBy('ReplicaSet', 'web').cpu('1');

describe('the Pods of one owner', () => {
  test('are one framework, equal ones one class; the oldest is the first', () => {
    const pods = [replica('c'), replica('b').created(900), replica('a'), replica('d').cpu('2')];
    expect(frameworkOf(...pods)).toMatchObject({
      id: 'replicaset.apps/default/web#uid-ReplicaSet-web',
      kind: 'Pods',
      metadata: { name: 'web', namespace: 'default' },
      role: 'default',
      gang: false,
      together: false,
      hold: undefined,
      noticeSeconds: 0,
    });
    expect(pending(...pods)).toEqual([['b', 'a', 'c'], ['d']]);
  });

  test('wait for a node when they are not bound, not on their way out, not ended and not gated', () => {
    const gated = replica('e').specField('schedulingGates', [{ name: 'example.com/later' }]);
    const framework = frameworkOf(
      replica('a').on('n1').ready(),
      replica('b').on('n2').deleting(),
      replica('c').deleting(),
      replica('d').exited(0),
      gated,
      replica('f'),
    );
    expect(framework.classes.map((c) => Array.from(c.pending, ({ name }) => name))).toEqual([['f']]);
    expect(framework.live.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(framework.ready).toBe(1);
    expect([...framework.classes[0]!.perNode]).toEqual([
      ['n1', 1],
      ['n2', 1],
    ]);
  });

  test('are spread when they run for good, else packed', () => {
    expect(frameworkOf(replica('a')).classes[0]!.scheduling).toBe('Distributed');
    const ofJob = aPod('a').customer().ownedBy('Job', 'j');
    expect(frameworkOf(ofJob).classes[0]!.scheduling).toBe('Packed');
  });

  test('that failed lately speak against their node, old failures do not', () => {
    const framework = frameworkOf(
      replica('a').on('n1').failed('OutOfcpu').created(5),
      replica('b').on('n1').failed('OutOfcpu').created(601),
      replica('c').on('n2').exited(1),
      replica('d').on('n1').exited(0),
      replica('e').on('n3').exited(1, 31),
      replica('f'),
    );
    const { avoids } = framework.classes[0]!;
    expect(Array.from(avoids, ([node, { kind, setbacks }]) => [node, kind, setbacks.times])).toEqual([
      ['n1', 'refused', 1],
      ['n2', 'crashed', 1],
    ]);
  });

  test('have the highest priority of those that wait, and give way when they say so', () => {
    const withPriority = (name: string, n: number) => replica(name).specField('priority', n);
    const bound = withPriority('z', 9).on('n1');
    expect(frameworkOf(bound).priority).toBe(9);
    expect(frameworkOf(bound, withPriority('a', 2), withPriority('b', 4))).toMatchObject({
      priority: 4,
      revocable: false,
      preempts: true,
    });
    const meek = replica('a').specField('preemptionPolicy', 'Never').label(CUSTOMER_LABEL.revocable, 'true');
    expect(frameworkOf(meek)).toMatchObject({ revocable: true, preempts: false });
    expect(frameworkOf(meek, replica('b').on('n1')).revocable).toBe(false);
  });

  test('are held when the API server refuses to bind them; a field that is not honoured holds its own Pod', () => {
    const hold = { reason: REASON.api, message: 'no' };
    const held = aSnapshot()
      .with(aNode('n1'), replica('a'))
      .hold('replicaset.apps/default/web#uid-ReplicaSet-web', hold)
      .build();
    expect(held.frameworks[0]!.hold).toEqual(hold);
    const { hold: none, classes } = frameworkOf(replica('a').specField('oddity', 1), replica('b'));
    expect([none, classes.map((c) => [c.pending.length, c.hold?.message])]).toEqual([
      undefined,
      [
        [1, undefined],
        [1, 'not supported, remove it: spec.oddity'],
      ],
    ]);
  });
});

describe('a gang', () => {
  test('is held until enough of it exist, and says how many do', () => {
    const { hold, gang, together } = frameworkOf(member('a'), member('b').on('n1'));
    expect([gang, together]).toEqual([true, true]);
    expect(hold).toEqual({ reason: 'GangDoesNotFit', message: '2 of the 3 Pods of the gang exist' });
  });

  test('is held no more when all of it is done', () => {
    const done = ['a', 'b', 'c'].map((name) => member(name).ownedBy('Job', 'bake').on('n1').exited(0));
    expect(frameworkOf(...done)).toMatchObject({ hold: undefined, live: [] });
  });

  test('is held when its number cannot be read', () => {
    const { hold } = frameworkOf(member('a', 'three'));
    expect(hold?.message).toBe(
      'label proffer.dev/gang-min must be the number of Pods that run together, such as 4',
    );
  });

  test('asks for those that it lacks, the oldest first; the others come when it runs', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => member(name));
    expect(pending(...five)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
    expect(frameworkOf(...five).classes.map(({ hold }) => hold?.message)).toEqual([
      undefined,
      'the gang starts with 3 others, and it comes when they run',
    ]);
    expect([frameworkOf(...five).wakeAt, frameworkOf(...five.slice(0, 3)).wakeAt]).toEqual([NOW, Infinity]);
    const [a, b, c, ...others] = five;
    expect(pending(a!.on('n1'), b!.on('n2'), c!, ...others)).toEqual([['c'], ['d', 'e']]);
    const whole = frameworkOf(a!, b!, c!.on('n2'), ...others);
    expect([whole.gang, whole.together, whole.hold]).toEqual([false, true, undefined]);
    expect(whole.classes.map((each) => each.pending.length)).toEqual([2]);
  });

  test('counts members that are done as there, and those that failed as gone', () => {
    const of = (name: string) => member(name).ownedBy('Job', 'bake');
    const bound = [of('a').on('n1').exited(0), of('b').on('n1').exited(1)];
    expect(frameworkOf(...bound, of('c')).hold?.message).toBe('2 of the 3 Pods of the gang exist');
    expect(pending(...bound, of('c'), of('d'))).toEqual([['c', 'd']]);
  });

  test('of a CronJob does not count what an earlier run left behind', () => {
    const of = (run: string, name: string) => member(`${run}-${name}`, 2).ownedBy('Job', run);
    const before = [
      of('run-1', 'a').on('n1').exited(0, 30),
      of('run-1', 'b').on('n1').exited(1, 30),
      of('run-1', 'c').on('n2').deleting(),
    ];
    const now = ['a', 'b', 'c'].map((name) => of('run-2', name).created(10));
    const framework = frameworkOf(...before, ...now);
    expect(framework.gang).toBe(true);
    expect(framework.classes.map((c) => [c.pending.length, c.hold?.reason])).toEqual([
      [2, undefined],
      [1, 'GangDoesNotFit'],
    ]);
    const half = frameworkOf(...before, now[0]!.on('n1'), now[1]!);
    expect([half.gang, half.classes.map((c) => c.pending.length)]).toEqual([true, [1]]);
  });

  test('that ran does not hold back a member that comes again, whoever owns those that are done', () => {
    const done = (name: string) => member(name).created(100).on('n1').exited(0, 20);
    const runs = member('b').created(90).on('n1').ready();
    const late = frameworkOf(done('a').ownedBy('Job', 'x'), runs, done('c'), member('d').created(5));
    expect([late.gang, late.hold]).toEqual([false, undefined]);
    const same = (pod: PodBuilder) => pod.ownedBy('Job', 'x');
    const last = frameworkOf(same(done('a')), same(done('b')), same(done('c')), same(member('d').created(5)));
    expect([last.gang, last.hold]).toEqual([false, undefined]);
  });

  test('is told of members that draw on other roles, since they count apart', () => {
    const inLab = member('b').label(CUSTOMER_LABEL.role, 'lab');
    const ended = member('c').label(CUSTOMER_LABEL.role, 'past').exited(0);
    const holds = snapshotOf(member('a'), inLab, ended).frameworks.map(({ hold }) => hold?.message);
    expect(holds).toEqual([
      '1 of the 3 Pods of the gang exist; those that draw on other roles are gangs apart: lab',
      '1 of the 3 Pods of the gang exist; those that draw on other roles are gangs apart: default',
      undefined,
    ]);
  });

  test('goes without a member that cannot be placed, or is told which one holds it', () => {
    const bad = member('bad', 2).created(500).specField('oddity', 1);
    expect(frameworkOf(bad, member('a', 2)).hold).toEqual({
      reason: 'GangDoesNotFit',
      message: 'bad of the gang cannot be placed: not supported, remove it: spec.oddity',
    });
    const enough = frameworkOf(bad, member('a', 2), member('b', 2));
    expect(enough.hold).toBeUndefined();
    expect(enough.classes.map((c) => [c.pending.length, c.hold?.reason])).toEqual([
      [2, undefined],
      [1, 'UnsupportedField'],
    ]);
  });
});

describe('in the snapshot', () => {
  test('customers come after pools and jobs, by id; their bound Pods are charged to framework and role', () => {
    const snapshot = snapshotOf(
      aRole('lab').weight(2),
      replica('w-0').on('n1').label(CUSTOMER_LABEL.role, 'lab'),
      replica('w-1').label(CUSTOMER_LABEL.role, 'lab'),
      replica('w-2').on('n2').exited(0).label(CUSTOMER_LABEL.role, 'lab'),
      aPod('alone').customer().cpu('2').on('n2'),
      aPool('arena').replicas(1),
    );
    expect(snapshot.frameworks.map(({ id, role }) => [id, role])).toEqual([
      ['gsp/games/arena', 'games'],
      ['pod/default/alone', 'default'],
      ['replicaset.apps/default/web/lab#uid-ReplicaSet-web', 'lab'],
    ]);
    expect(snapshot.held.map((h) => h[0])).toEqual([0, 2000, 1000]);
    expect(snapshot.roles.map((r) => [r.name, r.weight, r.held[0], r.frameworks])).toEqual([
      ['default', 1, 2000, [1]],
      ['games', 1, 0, [0]],
      ['lab', 2, 1000, [2]],
    ]);
  });

  test('a node that another scheduler clears for its Pod has less room; our own nomination takes none', () => {
    const supplyWith = (pod: PodBuilder) => snapshotOf(pod.cpu('3').nominated('n1')).supply[0];
    expect(supplyWith(aPod('theirs'))).toBe(1000);
    expect(supplyWith(aPod('theirs').exited(0))).toBe(4000);
    expect(supplyWith(aPod('ours').customer())).toBe(4000);
  });

  test('a customer that asks for a resource that no node has asks for the shared column', () => {
    const snapshot = snapshotOf(aPod('a').customer().request('example.com/fpga', '1'));
    expect([snapshot.columns.get('example.com/fpga'), snapshot.columns.shared]).toEqual([undefined, 4]);
    expect(snapshot.frameworks[0]!.hold).toBeUndefined();
  });
});
