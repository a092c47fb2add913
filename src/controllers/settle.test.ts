import { beforeEach, describe, expect, test } from 'vitest';
import { aPod, aPool, NOW } from '../../test/builders/index.ts';
import { KIND } from '../api/kinds.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { Store } from '../kube/store.ts';
import type { RecordedEvent } from '../kube/events.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { Command, CreateCommand, EvictCommand } from '../plan/command.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import type { Workload } from '../snapshot/workload.ts';
import { Memory } from './memory.ts';
import { Quarantine } from './quarantine.ts';
import { Settling } from './settle.ts';

const arena = { id: 'gsp/games/arena', kind: 'GameServerPool', key: 'games/arena' } as const;
const web = { id: 'replicaset.apps/games/web', kind: 'Pods', key: 'games/web' } as const;
const nothing = (): void => {};

const create = (fields: Partial<CreateCommand> = {}): CreateCommand => ({
  kind: 'create',
  framework: arena,
  pod: { ...aPod('arena-0').on('n1').build(), apiVersion: 'v1', kind: 'Pod' },
  after: undefined,
  admissionKey: '',
  counted: undefined,
  ...fields,
});
const evict: EvictCommand = {
  kind: 'evict',
  framework: web,
  namespace: 'games',
  name: 'web-1',
  uid: 'u',
  resourceVersion: undefined,
  by: arena,
};

let memory: Memory;
let settling: Settling;
let events: RecordedEvent[];
/** What was counted, and which cycles were asked for. */
let heard: string[];

beforeEach(() => {
  [events, heard] = [[], []];
  memory = new Memory(new Quarantine(nothing));
  const pools = new Store<Workload>();
  pools.put(poolFacts(aPool('arena').status({ recovered: 4 }).build()));
  const count = (what: string) => void heard.push(what);
  settling = new Settling({
    memory,
    stores: { workloads: new Map([[KIND.pool.kind, pools]]) },
    drivers: DRIVERS,
    events: { record: (event) => void events.push(event) },
    counts: {
      add: (...[counter, labels]) => count(Object.values<string>(labels)[0] ?? counter),
      phases: nothing,
      state: nothing,
    },
    clock: new ManualClock(NOW),
    log: { debug: nothing, info: (_, text) => count(text), warn: nothing, error: nothing },
    again: { now: () => count('a cycle'), later: () => count('a cycle later') },
    lastSnapshot: () => undefined,
  });
});

const told = () => events.map(({ reason, regarding }) => `${reason} of ${regarding?.name}`);

describe('what came of a write', () => {
  test('a first server is counted, and is an event of its pool', () => {
    settling.settled(create(), { kind: 'done' });
    expect(heard).toEqual(['podsCreated']);
    expect(told()).toEqual(['Created of arena']);
    expect(memory.recovered.size).toBe(0);
  });

  test('a server that takes the place of another goes on from the count in the status of its pool', () => {
    const again = create({ after: 'Crashed', ended: 'arena-0 crashed' });
    settling.settled(again, { kind: 'done' });
    settling.settled(again, { kind: 'done' });
    expect([...memory.recovered.values()]).toEqual([6]);
    expect(heard.slice(0, 3)).toEqual(['podsCreated', 'task recreated', 'Crashed']);
    expect(told()).toEqual(['Recovered of arena', 'Recovered of arena']);
  });

  test('a refusal holds the pool, until a Pod of it is accepted after the wait', () => {
    settling.settled(create(), { kind: 'refused', message: 'exceeded quota' });
    expect(memory.holds(NOW, new Map()).get(arena.id)!.message).toContain('exceeded quota');
    expect(heard).toEqual(['a cycle']);
    expect(told()).toEqual(['WriteRefused of arena']);
    settling.settled(create(), { kind: 'done' });
    expect(heard).toEqual(['a cycle', 'a cycle', 'podsCreated']);
  });

  test('an eviction that a budget forbids is remembered, and told to both', () => {
    settling.settled(evict, { kind: 'blocked', message: 'the budget pdb forbids it' });
    expect(memory.giving.memory.blocked.get('u')).toMatchObject({ message: 'the budget pdb forbids it' });
    expect(heard).toEqual(['a cycle', 'blocked']);
    expect(told()).toEqual(['EvictionBlocked of arena']);
    settling.settled(evict, { kind: 'done' });
    expect(told()).toEqual(['EvictionBlocked of arena', 'GaveWay of web-1', 'MadeRoom of arena']);
  });

  test('an eviction that the API server refuses does not hold whoever was to go', () => {
    settling.settled(evict, { kind: 'refused', message: 'no right' });
    expect(memory.holds(NOW, new Map()).size).toBe(0);
    expect(memory.giving.memory.blocked.has('u')).toBe(true);
  });

  test('a write that met a newer state waits for the watch, and is told to nobody', () => {
    const bind: Command = { ...evict, kind: 'bind', node: 'n1' };
    settling.settled(bind, { kind: 'stale' });
    expect(heard).toEqual(['a cycle later']);
    expect(told()).toEqual([]);
  });
});
