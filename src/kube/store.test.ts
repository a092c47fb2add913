import { describe, expect, test } from 'vitest';
import { Store, type Change } from './store.ts';

interface Thing {
  key: string;
  value: number;
}
const thing = (key: string, value: number): Thing => ({ key, value });

const observed = (store: Store<Thing>): string[] => {
  const seen: string[] = [];
  store.subscribe((change) => seen.push(`${change.type} ${change.object.key} ${change.object.value}`));
  return seen;
};

describe('Store', () => {
  test('tells listeners of each effective change, with the state before', () => {
    const store = new Store<Thing>();
    const changes: Change<Thing>[] = [];
    store.subscribe((change) => changes.push(change));
    const before = thing('a', 1);
    const after = thing('a', 2);
    store.put(before, '5');
    store.put(after, '6');
    store.delete('a');
    store.delete('a');
    expect(changes).toEqual([
      { type: 'added', object: before },
      { type: 'modified', object: after, old: before },
      { type: 'deleted', object: after },
    ]);
    expect(store.version).toBe(3);
    expect(store.size).toBe(0);
  });

  test('ignores a state older than the one it holds', () => {
    const store = new Store<Thing>();
    store.put(thing('a', 2), '10');
    expect(store.put(thing('a', 1), '9')).toBe(false);
    expect(store.get('a')?.value).toBe(2);
  });

  test('a list replaces even newer states, for a restored etcd counts from less', () => {
    const store = new Store<Thing>();
    store.put(thing('a', 2), '10');
    store.replace([thing('a', 1)], ['9']);
    expect(store.get('a')?.value).toBe(1);
  });

  test('a list yields only the differences', () => {
    const store = new Store<Thing>();
    store.replace([thing('a', 1), thing('b', 1), thing('c', 1)], ['1', '2', '3']);
    const seen = observed(store);
    store.replace([thing('a', 1), thing('b', 2), thing('d', 1)], ['1', '4', '5']);
    expect(seen.toSorted()).toEqual(['added d 1', 'deleted c 1', 'modified b 2']);
  });

  test('keeps the older of two states that are the same to its readers', () => {
    const store = new Store<Thing>({ same: (a, b) => a.value === b.value });
    const first = thing('a', 1);
    store.put(first, '1');
    const seen = observed(store);
    store.put(thing('a', 1), '2');
    expect(seen).toEqual([]);
    expect(store.get('a')).toBe(first);
    store.put(thing('a', 2), '3');
    expect(seen).toEqual(['modified a 2']);
  });

  test('a throwing listener neither stops the others nor spoils the store, and is reported', () => {
    const store = new Store<Thing>();
    store.subscribe(() => {
      throw new Error('bug');
    });
    const seen = observed(store);
    expect(() => store.put(thing('a', 1), '1')).toThrow(AggregateError);
    expect(seen).toEqual(['added a 1']);
    expect(store.get('a')?.value).toBe(1);
  });
});
