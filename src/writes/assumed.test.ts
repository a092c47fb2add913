import { beforeEach, describe, expect, test } from 'vitest';
import { aPod, aPool, type PodBuilder } from '../../test/builders/index.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';

const read = createPodReader();
const facts = (pod: PodBuilder): PodFacts => read(pod.namespace('a').build());
const launched: PodFacts = { ...facts(aPod('p').on('n1')), uid: '', resourceVersion: '' };
const stored = facts(aPod('p').on('n1').resourceVersion('50'));
const other = facts(aPod('other'));

let assumed: AssumedPods;
const overlay = (...store: PodFacts[]) =>
  [...assumed.overlay(store)].map((p) => `${p.name}@${p.resourceVersion}${p.deleting ? ' deleting' : ''}`);

beforeEach(() => {
  assumed = new AssumedPods();
});

describe('a Pod that was decided on', () => {
  beforeEach(() => assumed.launch(launched));

  test('counts at once, and with its identity when the API server answered', () => {
    expect(overlay(other)).toEqual(['other@1', 'p@']);
    assumed.stored(stored, 5000);
    expect(overlay(other)).toEqual(['other@1', 'p@50']);
  });

  test('is known as it was stored, at that version alone, until the watch shows it', () => {
    expect([assumed.awaits('a/p'), assumed.storedAt('a/p', '')]).toEqual([true, undefined]);
    assumed.stored(stored, 5000);
    expect([assumed.storedAt('a/p', '50'), assumed.storedAt('a/p', '51')]).toEqual([stored, undefined]);
    assumed.seen(stored, false);
    expect([assumed.awaits('a/p'), assumed.storedAt('a/p', '50')]).toEqual([false, undefined]);
  });

  test('is left to the store when the watch showed it, before the answer or after it', () => {
    assumed.seen(stored, false);
    assumed.stored(stored, 5000);
    expect(overlay(stored)).toEqual(['p@50']);
  });

  test('is gone when the watch showed it come and go', () => {
    assumed.stored(stored, 5000);
    assumed.seen(stored, true);
    expect(overlay()).toEqual([]);
  });

  test('does not count any more when it was not made', () => {
    assumed.failed('a/p');
    expect(overlay()).toEqual([]);
  });

  test('counts for as long as its fate is unknown, however new the store', () => {
    assumed.expire('99');
    expect(overlay()).toEqual(['p@']);
  });

  test('expires when the store is newer than it and does not have it', () => {
    assumed.stored(stored, 5000);
    assumed.expire('9');
    assumed.expire('50');
    expect(overlay()).toEqual(['p@50']);
    assumed.expire('100');
    expect(overlay()).toEqual([]);
  });
});

describe('a Pod that was ordered to go', () => {
  beforeEach(() => assumed.remove('a/p', stored.uid, false));

  test('is seen as going', () => expect(overlay(stored, other)).toEqual(['p@50 deleting', 'other@1']));

  test('stays when the order came to nothing', () => {
    assumed.keep('a/p');
    expect(overlay(stored)).toEqual(['p@50']);
  });

  test('is not its successor of the same name', () => {
    const next = { ...stored, uid: 'another' };
    expect(overlay(next)).toEqual(['p@50']);
    assumed.seen(next, false);
    expect(overlay(stored)).toEqual(['p@50 deleting']);
  });

  test('owes no event any more when a list shows its successor', () => {
    assumed.removed(stored.key, 5000);
    const successor: PodFacts = { ...stored, uid: 'another' };
    assumed.seen(successor, false);
    expect(assumed.unseenSince()).toBeUndefined();
    expect(overlay(successor)).toEqual(['p@50']);
  });

  test('is forgotten when the watch shows it gone', () => {
    assumed.seen({ ...stored, deleting: true }, false);
    expect(overlay(stored)).toEqual(['p@50 deleting']);
    assumed.seen(stored, true);
    expect(overlay(stored)).toEqual(['p@50']);
  });

  test('may stay until the watch shows it going', () => {
    assumed.remove('a/p', stored.uid, true);
    expect([...assumed.overlay([stored])].map((pod) => pod.ordered)).toEqual([true]);
    expect([...assumed.overlay([{ ...stored, deleting: true }])].map((pod) => pod.ordered)).toEqual([
      undefined,
    ]);
  });

  test('is known to be dismissed until it is gone, if it was', () => {
    const going = { ...stored, deleting: true };
    const dismissed = () => [...assumed.overlay([going])].map((pod) => pod.dismissed);
    assumed.seen(going, false);
    expect(dismissed()).toEqual([false]);
    assumed.remove('a/p', stored.uid, true);
    assumed.seen(going, false);
    expect(dismissed()).toEqual([true]);
    assumed.seen(going, true);
    expect(dismissed()).toEqual([undefined]);
  });

  test('is still seen as going after a change that is not its end', () => {
    assumed.seen(stored, false);
    expect(overlay(stored)).toEqual(['p@50 deleting']);
  });
});

describe('a Pod that was bound', () => {
  const waiting = facts(aPod('w').customer());
  const on = (node: string): PodFacts => ({ ...waiting, node });
  const nodes = (...store: PodFacts[]) => [...assumed.overlay(store)].map((pod) => pod.node);

  beforeEach(() => assumed.bind('a/w', waiting.uid, 'n1'));

  test('counts on its node at once, and still after a change that is not the binding', () => {
    expect(nodes(waiting, other)).toEqual(['n1', undefined]);
    assumed.seen({ ...waiting, resourceVersion: '7' }, false);
    expect(nodes(waiting)).toEqual(['n1']);
    expect(assumed.asDecided('a/w', waiting)).toEqual(on('n1'));
  });

  test('is left to the store when the watch shows it with a node, whichever', () => {
    assumed.seen(on('n2'), false);
    expect(nodes(on('n2'))).toEqual(['n2']);
    expect(nodes(waiting)).toEqual([undefined]);
  });

  test('is not another Pod of its name', () => {
    const next: PodFacts = { ...waiting, uid: 'another' };
    expect(nodes(next)).toEqual([undefined]);
    assumed.seen(next, false);
    expect(nodes(waiting)).toEqual([undefined]);
  });

  test('is forgotten when it is gone, when it was not bound for sure, or when another leads', () => {
    const ends = [
      () => assumed.seen(waiting, true),
      () => assumed.unbind('a/w'),
      () => assumed.clear(),
    ] as const;
    for (const end of ends) {
      assumed.bind('a/w', waiting.uid, 'n1');
      end();
      expect(nodes(waiting)).toEqual([undefined]);
    }
  });

  test('owes an event from its answer on, until the watch shows it', () => {
    expect(assumed.unseenSince()).toBeUndefined();
    assumed.bindingStored('a/w', 5000);
    expect(assumed.unseenSince()).toBe(5000);
    assumed.seen(waiting, false);
    expect(assumed.unseenSince()).toBe(5000);
    assumed.seen(on('n1'), false);
    assumed.bindingStored('a/w', 6000);
    expect(assumed.unseenSince()).toBeUndefined();
  });

  test('can go at the same time', () => {
    assumed.remove('a/w', waiting.uid, false);
    expect([...assumed.overlay([waiting])]).toMatchObject([{ node: 'n1', deleting: true }]);
  });
});

describe('a write that the watch has not shown', () => {
  test('is known from its answer on, until the watch shows it', () => {
    assumed.launch(launched);
    expect(assumed.unseenSince()).toBeUndefined();
    assumed.stored(stored, 5000);
    assumed.remove('a/other', other.uid, false);
    expect(assumed.unseenSince()).toBe(5000);
    assumed.removed('a/other', 4000);
    expect(assumed.unseenSince()).toBe(4000);
    assumed.seen({ ...other, deleting: true }, false);
    expect(assumed.unseenSince()).toBe(5000);
    assumed.seen(stored, false);
    expect(assumed.unseenSince()).toBeUndefined();
  });

  test('is not one that the watch showed before its answer came', () => {
    assumed.launch(launched);
    assumed.seen(stored, false);
    assumed.stored(stored, 5000);
    assumed.remove('a/p', stored.uid, false);
    assumed.seen({ ...stored, deleting: true }, false);
    assumed.removed('a/p', 6000);
    expect(assumed.unseenSince()).toBeUndefined();
  });
});

test('another leader forgets everything', () => {
  assumed.launch(launched);
  assumed.remove('a/other', other.uid, false);
  assumed.clear();
  expect(overlay(other)).toEqual(['other@1']);
});

test('a server that is changed in place takes the more of what it had and will have, until the watch shows it changed', () => {
  const pool = aPool('arena');
  const server = (revision: string) =>
    read(aPod('s').ofPool(pool, 0).on('n1').cpu('2').memory('1Gi').revision(revision).ready().build());
  const old = server('old');
  const seen = () =>
    [...assumed.overlay([old])].map(({ requests, ready, task }) => [requests, ready, task?.revision]);
  assumed.change(old.key, old.uid, { revision: 'new', demand: { cpu: 3000, memory: 2 ** 20 } });
  expect(seen()).toEqual([[{ ...old.requests, cpu: 3000 }, false, 'new']]);
  assumed.seen(server('new'), false);
  expect(seen()).toEqual([[old.requests, true, 'old']]);
});
