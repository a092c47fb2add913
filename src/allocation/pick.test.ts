import { expect, test } from 'vitest';
import { aPod, aPool, type PodBuilder } from '../../test/builders/index.ts';
import { ANNOTATION, COUNTER_PREFIX, LABEL, SESSION_PREFIX } from '../api/group.ts';
import { createPodReader } from '../snapshot/task.ts';
import { Inventory } from './inventory.ts';
import { pick, type Scene, type Search } from './pick.ts';

const readPod = createPodReader();
const arena = aPool('arena');
const duel = aPool('duel');
const server = (slot: number, node = 'n1', pool = arena): PodBuilder =>
  aPod(`${pool.identity.name}-${slot}`).ofPool(pool, slot).on(node).ready().revision('now');
const at = (address: string) => [ANNOTATION.serviceAddress, `game=${address}:7000/UDP`] as const;
const facts = (pod: PodBuilder) => readPod(pod.build());

function stock(...pods: readonly PodBuilder[]): Inventory {
  const inventory = new Inventory();
  for (const pod of pods) inventory.put(facts(pod));
  return inventory;
}

const scene = (
  more: Partial<Scene> & { scheduling?: 'Packed' | 'Distributed'; perServer?: number } = {},
): Scene => ({
  pool: (_, name) =>
    ['arena', 'duel'].includes(name)
      ? {
          role: name,
          scheduling: more.scheduling ?? 'Packed',
          revision: 'now',
          addressed: name === 'duel',
          perServer: more.perServer ?? 1,
        }
      : undefined,
  mayUse: () => true,
  ...more,
});
const picked = (inventory: Inventory, search: Partial<Search> = {}, where = scene()) =>
  pick(inventory, { namespace: 'games', selectors: [{}], order: undefined, ...search }, where)?.name;

test.each([
  ['is not ready', aPod('arena-0').ofPool(arena, 0).on('n1').starting()],
  ['is deleting', server(0).deleting()],
  ['has ended', server(0).exited(0)],
  ['is held', server(0).session('Reserved')],
  ['has an intent', server(0).label(LABEL.intent, 'Maintenance')],
  ['is asked to go', server(0).annotation(ANNOTATION.inverseOffer, '2026-01-01T00:00:00Z')],
  ['is evicted', server(0).evicted()],
  ['is of no pool', aPod('arena-0').namespace('games').on('n1').ready()],
])('a server that %s is not given out', (_, pod) => {
  const inventory = stock(pod.resourceVersion('5'));
  expect(picked(inventory)).toBeUndefined();
  inventory.put(facts(server(0).resourceVersion('6')));
  expect(picked(inventory)).toBe('arena-0');
});

test('a server of a node that is unfit, or of a pool that is gone, is not given out', () => {
  const inventory = stock(server(0, 'n1'), server(1, 'n2'));
  const mayUse = (node: string) => node === 'n2';
  expect(picked(inventory, {}, scene({ mayUse }))).toBe('arena-1');
  expect(picked(inventory, {}, scene({ pool: () => undefined }))).toBeUndefined();
});

test('Packed takes the node with the most held servers, then with the most; Distributed the other way round', () => {
  const inventory = stock(
    server(0, 'n1'),
    server(1, 'n2'),
    server(2, 'n2').session('Allocated'),
    server(3, 'n3'),
    server(4, 'n3', duel).starting(),
  );
  const next = (scheduling: 'Packed' | 'Distributed') => {
    const unused = new Set(['n1', 'n2', 'n3']);
    const order: string[] = [];
    for (let i = 0; i < 3; i++) {
      const name = picked(inventory, {}, scene({ scheduling, mayUse: (node) => unused.has(node) }))!;
      unused.delete(inventory.get(`games/${name}`)!.node!);
      order.push(name);
    }
    return order;
  };
  expect(next('Packed')).toEqual(['arena-1', 'arena-3', 'arena-0']);
  expect(next('Distributed')).toEqual(['arena-0', 'arena-3', 'arena-1']);
});

test('on a node the server goes first that is least in the way of an update and of a pool that shrinks', () => {
  const inventory = stock(
    server(0).revision('before'),
    server(1).annotation(ANNOTATION.deletionPriority, '5'),
    server(3),
    server(2),
  );
  const order: string[] = [];
  for (let name = picked(inventory); name !== undefined; name = picked(inventory)) {
    order.push(name);
    inventory.take(inventory.get(`games/${name}`)!);
  }
  expect(order).toEqual(['arena-2', 'arena-3', 'arena-1', 'arena-0']);
});

test('where servers take several sessions, Packed fills those that have some, and an older template comes free', () => {
  const shared = (slot: number, node: string, ...ids: string[]) => {
    const pod = server(slot, node).session('Allocated');
    for (const id of ids) pod.annotation(`${SESSION_PREFIX}${id}`, '{"state":"Allocated"}');
    return pod;
  };
  const perServer = 3;
  const inventory = new Inventory(() => perServer);
  const pods = [
    server(0, 'n1'),
    shared(1, 'n1', 'a', 'b', 'c'),
    shared(2, 'n2', 'd'),
    shared(3, 'n2', 'e', 'f'),
    shared(4, 'n2', 'g').revision('before'),
    server(5, 'n2').session('Allocated'),
    shared(6, 'n2', 'h').label(LABEL.intent, 'Drain'),
    shared(7, 'n2', 'i').evicted(),
  ];
  for (const pod of pods) inventory.put(facts(pod));
  const order = (scheduling: 'Packed' | 'Distributed', search: Partial<Search> = {}) => {
    const taken: string[] = [];
    for (let i = 0; i < 20; i++) {
      const name = picked(inventory, search, scene({ scheduling, perServer }));
      if (name === undefined) break;
      taken.push(name);
      inventory.take(inventory.get(`games/${name}`)!);
    }
    for (const name of taken) inventory.giveBack(inventory.get(`games/${name}`)!);
    return taken.map((name) => name.slice(-1)).join('');
  };
  expect(order('Packed')).toBe('32200044');
  expect(order('Distributed')).toBe('00022344');
  expect(order('Packed', { selectors: [{ state: 'Ready' }, { state: 'Allocated' }] })).toBe('00032244');
  expect(order('Packed', { selectors: [{ state: 'Ready' }] })).toBe('000');
  expect(inventory.ofSession('games', 'f')?.name).toBe('arena-3');
});

test('selectors are tried in order, by pool, role, label and counter', () => {
  const players = (text: string) => [`${COUNTER_PREFIX}players`, text] as const;
  const inventory = stock(
    server(0).annotation(...players('9/10')),
    server(1).annotation(...players('4/10')),
    server(2).label('map', 'dust'),
    server(1, 'n1', duel),
    server(0, 'n1', duel).annotation(...at('198.51.100.4')),
  );
  const by = (...selectors: Search['selectors']) => picked(inventory, { selectors });
  expect(by({ pool: 'none' }, { pool: 'duel' })).toBe('duel-0');
  expect(by({ role: 'duel' })).toBe('duel-0');
  // A server whose Service has no address yet is reached by nobody.
  inventory.take(inventory.get('games/duel-0')!);
  expect(by({ pool: 'duel' })).toBeUndefined();
  expect(by({ labels: { map: 'dust' } })).toBe('arena-2');
  expect(by({ labels: { map: 'ice' } })).toBeUndefined();
  const key = 'map';
  expect(by({ matchExpressions: [{ key, operator: 'In', values: ['ice', 'dust'] }] })).toBe('arena-2');
  expect(by({ matchExpressions: [{ key, operator: 'NotIn', values: ['dust'] }] })).toBe('arena-0');
  expect(by({ matchExpressions: [{ key, operator: 'Exists' }] })).toBe('arena-2');
  expect(
    by({ labels: { map: 'dust' }, matchExpressions: [{ key, operator: 'DoesNotExist' }] }),
  ).toBeUndefined();
  expect(by({ counters: { players: { minAvailable: 2 } } })).toBe('arena-1');
  expect(by({ counters: { players: { minCount: 5 } } })).toBe('arena-0');
  expect(by({ counters: { players: { minCount: 5, maxCount: 8 } } })).toBeUndefined();
  expect(picked(inventory, { namespace: 'other' })).toBeUndefined();

  const ordered = (direction: 'Ascending' | 'Descending', use: 'Count' | 'Available') =>
    picked(inventory, { order: { counter: 'players', by: use, direction } });
  expect(ordered('Ascending', 'Available')).toBe('arena-0');
  expect(ordered('Descending', 'Available')).toBe('arena-1');
  expect(ordered('Descending', 'Count')).toBe('arena-0');
});

test('sessions are counted though a server never had one, or an older count stands there', () => {
  const perServer = 3;
  const inventory = new Inventory(() => perServer);
  const one = server(1).session('Allocated').annotation(`${SESSION_PREFIX}a`, '{"state":"Allocated"}');
  for (const pod of [server(0), one.annotation(`${COUNTER_PREFIX}sessions`, '9/9')])
    inventory.put(facts(pod));
  const by = (sessions: object, where = scene({ perServer })) =>
    picked(inventory, { selectors: [{ counters: { sessions } }] }, where);
  expect(by({ maxCount: 0 })).toBe('arena-0');
  expect(by({ minAvailable: 3 })).toBe('arena-0');
  expect(by({ minCount: 1 })).toBe('arena-1');
  expect(by({ minAvailable: 4 })).toBeUndefined();
  // Where servers take one, nobody counts but they themselves.
  expect(by({ maxCount: 0 }, scene())).toBeUndefined();
  const order = (direction: 'Ascending' | 'Descending') =>
    picked(inventory, { order: { counter: 'sessions', by: 'Count', direction } }, scene({ perServer }));
  expect([order('Ascending'), order('Descending')]).toEqual(['arena-0', 'arena-1']);
});

test('where servers take several sessions, one takes as many as it says itself', () => {
  const own = (slot: number, count: string) =>
    server(slot).annotation(`${COUNTER_PREFIX}session-capacity`, count);
  const order = (perServer: number): string => {
    const inventory = new Inventory(() => perServer);
    for (const pod of [server(0), own(1, '3'), own(2, '0'), own(3, '99')]) inventory.put(facts(pod));
    let taken = '';
    for (let i = 0; i < 100; i++) {
      const name = picked(inventory, {}, scene({ perServer }));
      if (name === undefined) break;
      taken += name.slice(-1);
      inventory.take(inventory.get(`games/${name}`)!);
    }
    return taken;
  };
  expect(order(2)).toBe(`00111${'3'.repeat(64)}`);
  expect(order(1)).toBe('0123');
  const inventory = new Inventory(() => 2);
  for (const pod of [server(0), own(1, '3')]) inventory.put(facts(pod));
  const selectors = [{ counters: { sessions: { minAvailable: 3 } } }];
  expect(picked(inventory, { selectors }, scene({ perServer: 2 }))).toBe('arena-1');
});

test('a server that a write is under way to is nobody else’s, and after a conflict until it is seen anew', () => {
  const inventory = stock(server(0).resourceVersion('5'));
  const pod = inventory.get('games/arena-0')!;
  inventory.take(pod);
  expect(picked(inventory)).toBeUndefined();
  inventory.put(facts(server(0).resourceVersion('6')));
  expect(picked(inventory)).toBeUndefined();
  inventory.giveBack(pod);
  expect(picked(inventory)).toBe('arena-0');

  const seen = inventory.get('games/arena-0')!;
  inventory.take(seen);
  inventory.spoil(seen);
  inventory.giveBack(seen);
  expect(picked(inventory)).toBeUndefined();
  inventory.put(facts(server(0).resourceVersion('7')));
  expect(picked(inventory)).toBe('arena-0');
});

test('what our own write was answered counts, though the watch shows an older state after it', () => {
  const inventory = stock(server(0).resourceVersion('5'));
  const mine = server(0).resourceVersion('7').session('Allocated').label(LABEL.session, 's');
  inventory.answered(facts(mine));
  inventory.put(facts(server(0).resourceVersion('6')));
  expect(picked(inventory)).toBeUndefined();
  expect(inventory.ofSession('games', 's')?.name).toBe('arena-0');
  expect(inventory.ofSession('other', 's')).toBeUndefined();
  // Once the watch has come so far it is believed, whatever the version: an API server may come back out of a backup.
  inventory.put(facts(mine));
  inventory.put(facts(mine.resourceVersion('6').label('restored', 'yes')));
  expect(inventory.get('games/arena-0')?.labels['restored']).toBe('yes');
  // The watch may be faster than the answer.
  inventory.put(facts(server(0).resourceVersion('9')));
  inventory.answered(facts(mine.resourceVersion('8')));
  expect(inventory.ofSession('games', 's')).toBeUndefined();
  inventory.put(facts(mine.resourceVersion('10')));
  inventory.delete('games/arena-0');
  expect(inventory.ofSession('games', 's')).toBeUndefined();
  expect([...inventory.held()]).toEqual([]);
});

test('of two servers of one session that one has it that had it first', () => {
  const held = (slot: number, since: string) =>
    server(slot).session('Allocated').label(LABEL.session, 's').annotation(ANNOTATION.heldSince, since);
  const [first, second] = [held(0, '2026-01-01T00:00:00Z'), held(1, '2026-01-01T00:00:09Z')];
  for (const inventory of [stock(first, second), stock(second, first)])
    expect(inventory.ofSession('games', 's')?.name).toBe('arena-0');
});

test('a listener hears of each server that comes free', () => {
  const inventory = stock(server(0).session('Allocated').resourceVersion('5'));
  let heard = 0;
  inventory.subscribe(() => heard++);
  inventory.put(facts(server(0).session('Allocated').resourceVersion('6')));
  expect(heard).toBe(0);
  inventory.put(facts(server(0).resourceVersion('7')));
  expect(heard).toBe(1);
});
