import { describe, expect, test } from 'vitest';
import { Holds, rangesItem, Resources, scalarItem, setItem } from './resource-bundle.ts';
import { columnOf, kindOf, plainScalar, type KindFields } from './resource-kind.ts';
import { formatResources, parseResources } from './resources.ts';

const bundle = (text: string): Resources => parseResources(text, 'test');
const text = (resources: Resources): string => formatResources(resources);

let names = 0;
const kindWith = (fields: Partial<KindFields>) => kindOf({ ...plainScalar(`bundle-${names++}`), ...fields });

describe('an item', () => {
  test('counts thousandths, or a thousand a number or member', () => {
    const kind = kindWith({});
    expect(scalarItem(kind, 1500).amount).toBe(1500);
    expect(rangesItem(kind, [1, 3, 7, 7]).amount).toBe(4000);
    expect(setItem(kind, ['a', 'b']).amount).toBe(2000);
  });
});

describe('equal bundles', () => {
  test('are one object, in whatever order they were put together', () => {
    expect(bundle('mem:5;cpus:1')).toBe(bundle('cpus:0.5;mem:5;cpus:0.5'));
    expect(bundle('ports:[1-2];zones:{a}').plus(bundle('zones:{b}'))).toBe(bundle('zones:{b,a};ports:[1-2]'));
    expect(bundle('')).toBe(Resources.empty);
    expect(bundle('cpus:2').minus(bundle('cpus:1'))).toBe(bundle('cpus:1'));
  });

  test('are told from others by every amount, number and member', () => {
    const pairs: [string, string][] = [
      ['cpus:1', 'cpus:1.001'],
      ['cpus:1', 'mem:1'],
      ['cpus:1', 'cpus(a):1'],
      ['ports:[1-23]', 'ports:[12-3000]'],
      ['ports:[1-2,34-56]', 'ports:[1-23,4556-4556]'],
      ['zones:{a,b}', 'zones:{ab}'],
      ['zones:{a,b}', 'zones:{a,c}'],
      ['disk{MOUNT}:5', 'disk{MOUNT}:5;disk{MOUNT}:5'],
    ];
    for (const [a, b] of pairs) {
      expect(bundle(a).equals(bundle(b)), `${a} and ${b}`).toBe(false);
      expect(bundle(a).id).not.toBe(bundle(b).id);
      expect(bundle(a).equals(bundle(a))).toBe(true);
    }
  });
});

test('a bundle says what it holds', () => {
  const flags = (...fields: Partial<KindFields>[]) =>
    Resources.of(fields.map((each) => scalarItem(kindWith(each), 1000))).flags;
  expect(flags()).toBe(0);
  expect(flags({})).toBe(Holds.plain);
  expect(flags({ reservations: ['a'] })).toBe(Holds.reserved);
  expect(flags({ reservations: ['a', 'a/b'] })).toBe(Holds.reserved | Holds.refined);
  expect(flags({ revocable: true })).toBe(Holds.revocable);
  expect(flags({ reservations: ['a'], shared: true })).toBe(Holds.reserved | Holds.shared);
  expect(flags({ type: 'ranges' })).toBe(Holds.unmeasured);
  expect(flags({ type: 'set', reservations: ['a'] })).toBe(Holds.unmeasured | Holds.reserved);
  expect(flags({ disk: 'MOUNT' })).toBe(Holds.plain | Holds.wholePlain);
  expect(flags({ disk: 'MOUNT', reservations: ['a'] })).toBe(Holds.reserved);
  expect(flags({}, { revocable: true })).toBe(Holds.plain | Holds.revocable);
});

describe('putting together', () => {
  test('nothing changes nothing', () => {
    const some = bundle('cpus:1;ports:[1-2]');
    expect(some.plus(Resources.empty)).toBe(some);
    expect(Resources.empty.plus(some)).toBe(some);
    expect(some.minus(Resources.empty)).toBe(some);
    expect(Resources.empty.minus(some)).toBe(Resources.empty);
    expect(some.isEmpty).toBe(false);
    expect(Resources.empty.isEmpty).toBe(true);
  });

  test('adds amounts and unites numbers and members, kind by kind', () => {
    const sum = bundle('cpus:1;ports:[1-3];zones:{c,a}').plus(
      bundle('cpus:2;cpus(r):1;ports:[3-5,9];zones:{b,a}'),
    );
    expect(text(sum)).toBe('cpus:3;cpus(r):1;ports:[1-5,9-9];zones:{a,b,c}');
  });

  test('leaves things that only come whole beside each other, the lesser first', () => {
    const sum = bundle('disk{MOUNT}:7').plus(bundle('disk{MOUNT}:5;disk:1'));
    expect(text(sum)).toBe('disk:1;disk{MOUNT}:5;disk{MOUNT}:7');
    expect(text(sum.plus(bundle('disk{MOUNT}:6')))).toBe('disk:1;disk{MOUNT}:5;disk{MOUNT}:6;disk{MOUNT}:7');
  });
});

describe('taking away', () => {
  test.each([
    ['cpus:3;mem:5', 'cpus:1', 'cpus:2;mem:5'],
    ['cpus:3', 'cpus:3', ''],
    ['cpus:3;cpus(r):1', 'cpus(r):2', 'cpus:3'],
    ['ports:[1-9];mem:1', 'ports:[3-4,8-12]', 'mem:1;ports:[1-2,5-7]'],
    ['ports:[1-9];mem:1', 'ports:[1-9]', 'mem:1'],
    ['zones:{a,b,c}', 'zones:{b,d}', 'zones:{a,c}'],
    ['zones:{a,b}', 'zones:{a,b}', ''],
    ['disk{MOUNT}:5;disk{MOUNT}:7;disk{MOUNT}:7', 'disk{MOUNT}:7', 'disk{MOUNT}:5;disk{MOUNT}:7'],
    ['disk{MOUNT}:5;disk{MOUNT}:5', 'disk{MOUNT}:5;disk{MOUNT}:5', ''],
    ['disk{MOUNT}:5', 'disk{MOUNT}:4', 'disk{MOUNT}:5'],
    ['cpus:1;mem:1', 'disk:1;mem:1;aaa:1', 'cpus:1'],
  ])('%s without %s is "%s"', (all, part, rest) => {
    expect(text(bundle(all).minus(bundle(part)))).toBe(rest);
  });
});

describe('containing', () => {
  test.each([
    ['cpus:3;mem:5', 'mem:5', true],
    ['cpus:3;mem:5', '', true],
    ['cpus:3;mem:5', 'mem:5.001', false],
    ['cpus:3;mem:5', 'mem:5;disk:1', false],
    ['cpus:3;mem:5', 'cpus(r):1', false],
    ['cpus(r):1', 'cpus:1', false],
    ['ports:[1-9]', 'ports:[2-3,9-9]', true],
    ['ports:[1-9]', 'ports:[2-3,9-10]', false],
    ['zones:{a,b,c}', 'zones:{a,c}', true],
    ['zones:{a,b,c}', 'zones:{a,d}', false],
    ['disk{MOUNT}:5;disk{MOUNT}:7', 'disk{MOUNT}:7', true],
    ['disk{MOUNT}:5;disk{MOUNT}:7', 'disk{MOUNT}:6', false],
    ['disk{MOUNT}:5;disk{MOUNT}:7', 'disk{MOUNT}:8', false],
    ['disk{MOUNT}:5;disk{MOUNT}:7', 'disk{MOUNT}:5;disk{MOUNT}:5', false],
    ['disk{MOUNT}:5;disk{MOUNT}:7;mem:1', 'disk{MOUNT}:5;disk{MOUNT}:7;mem:1', true],
    ['disk{MOUNT}:5', 'disk:5', false],
    ['disk(a){VOLUME=v1,SHARED}:2', 'disk(a){VOLUME=v1,SHARED}:1', false],
  ])('"%s" contains "%s": %s', (all, part, contained) => {
    expect(bundle(all).contains(bundle(part))).toBe(contained);
  });

  test('nothing contains nothing, and nothing else', () => {
    expect(Resources.empty.contains(Resources.empty)).toBe(true);
    expect(Resources.empty.contains(bundle('cpus:1'))).toBe(false);
  });
});

describe('parts of a bundle', () => {
  const all = bundle('cpus:1;cpus(p):2;cpus(p|p/c):3;cpus{REV}:4;ports:[1-2];ports(p):[3-3]');

  test('are chosen by kind', () => {
    expect(text(all.filter((kind) => kind.revocable))).toBe('cpus{REV}:4');
    expect(all.filter(() => true)).toBe(all);
    expect(all.filter(() => false)).toBe(Resources.empty);
  });

  test('unreserved, and plain', () => {
    expect(text(all.unreserved)).toBe('cpus:1;cpus{REV}:4;ports:[1-2]');
    expect(text(all.plain)).toBe('cpus:1');
    const open = bundle('cpus:1;ports:[1-2]');
    expect(open.unreserved).toBe(open);
    expect(bundle('mem:7').plain).toBe(bundle('mem:7'));
  });

  test('lose their innermost reservation, and merge with what they are then', () => {
    expect(text(bundle('cpus(p):2;cpus(p|p/c):3').withoutInnermost())).toBe('cpus:2;cpus(p):3');
    expect(text(bundle('cpus:1;cpus(p):2').withoutInnermost())).toBe('cpus:3');
  });
});

describe('the amount under a name', () => {
  test('is the sum over all kinds of it', () => {
    const all = bundle('cpus:1;cpus(p):2;cpus{REV}:4;mem:9;ports:[1-3]');
    expect(all.amountOf(columnOf('cpus'))).toBe(7000);
    expect(all.amountOf(columnOf('ports'))).toBe(3000);
    expect(all.amountOf(columnOf('gpus'))).toBe(0);
  });

  test('counts the copies of a shared thing once, but every whole disk', () => {
    const disk = columnOf('disk');
    const copy = 'disk(p){VOLUME=v,SHARED}:10';
    expect(bundle(`${copy};${copy};disk(p){VOLUME=w,SHARED}:5`).amountOf(disk)).toBe(15_000);
    expect(bundle('disk{MOUNT}:10;disk{MOUNT}:10').amountOf(disk)).toBe(20_000);
  });
});
