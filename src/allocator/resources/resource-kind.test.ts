import { describe, expect, test } from 'vitest';
import {
  columnOf,
  columnsOf,
  kindOf,
  nameOf,
  plainScalar,
  withReservations,
  type KindFields,
} from './resource-kind.ts';

let names = 0;
/** A plain scalar of a name that no other test uses, since kinds are made once. */
const fresh = (fields: Partial<KindFields> = {}): KindFields => ({
  ...plainScalar(`kind-${names++}`),
  ...fields,
});

describe('a column', () => {
  test('is given to a name once, and found by it ever after', () => {
    const column = columnOf('column-test');
    expect(columnOf('column-test')).toBe(column);
    expect(columnOf('column-after')).toBe(column + 1);
    expect(nameOf(column)).toBe('column-test');
    expect(columnsOf(['column-test', 'cpus'])).toEqual(new Set([column, columnOf('cpus')]));
    expect(columnsOf([]).size).toBe(0);
  });

  test('of the usual names comes first, in their order', () => {
    expect(['cpus', 'mem', 'disk', 'gpus', 'ports'].map(columnOf)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a kind', () => {
  test('is one object, for each difference that matters another', () => {
    const fields = fresh();
    const kind = kindOf(fields);
    expect(kindOf({ ...fields })).toBe(kind);
    const others = [
      { type: 'ranges' as const },
      { type: 'set' as const },
      { reservations: ['a'] },
      { reservations: ['a', 'a/b'] },
      { revocable: true },
      { shared: true },
      { disk: 'PATH' as const },
      { disk: 'MOUNT' as const },
      { volume: 'v' },
    ].map((difference) => kindOf({ ...fields, ...difference }));
    expect(new Set([kind, ...others].map(({ id }) => id)).size).toBe(10);
  });

  test('comes only whole when it is shared, a volume, or a disk that is no path', () => {
    const isWhole = (fields: Partial<KindFields>) => kindOf(fresh(fields)).whole;
    expect([{}, { disk: 'PATH' as const }].map(isWhole)).toEqual([false, false]);
    expect((['MOUNT', 'BLOCK', 'RAW'] as const).map((disk) => isWhole({ disk }))).toEqual([true, true, true]);
    expect(isWhole({ shared: true })).toBe(true);
    expect(isWhole({ volume: 'v' })).toBe(true);
    expect(isWhole({ volume: 'v', disk: 'PATH' })).toBe(true);
  });

  test('is plain when it is a scalar that is neither reserved nor revocable', () => {
    const isPlain = (fields: Partial<KindFields>) => kindOf(fresh(fields)).plain;
    expect(isPlain({})).toBe(true);
    expect(isPlain({ type: 'ranges' })).toBe(false);
    expect(isPlain({ reservations: ['a'] })).toBe(false);
    expect(isPlain({ revocable: true })).toBe(false);
  });

  test('is reserved to the innermost role of its stack', () => {
    const fields = fresh();
    const refined = kindOf({ ...fields, reservations: ['a', 'a/b'] });
    expect([kindOf(fields).reservedTo, refined.reservedTo]).toEqual(['', 'a/b']);
    expect(withReservations(refined, ['a']).reservedTo).toBe('a');
    expect(withReservations(refined, [])).toBe(kindOf(fields));
  });

  test('is written as in text', () => {
    const label = (fields: Partial<KindFields>) => kindOf(fresh({ ...fields, name: 'disk' })).label;
    expect(label({ reservations: ['k', 'k/l'], disk: 'MOUNT', volume: 'k1', shared: true })).toBe(
      'disk(k|k/l){MOUNT,VOLUME=k1,SHARED}',
    );
    expect(label({ revocable: true, disk: 'BLOCK' })).toBe('disk{BLOCK,REV}');
  });

  test('stands with its name: the usual ones first, then by name; unreserved before reserved', () => {
    const key = (name: string, reservations: string[] = []) => kindOf(fresh({ name, reservations })).sortKey;
    const keys = [
      key('cpus'),
      key('cpus', ['r']),
      key('mem'),
      key('ports'),
      key('aaa-sort'),
      key('zzz-sort'),
      key('zzz-sort', ['aa']),
    ];
    expect(keys.toSorted()).toEqual(keys);
  });
});
