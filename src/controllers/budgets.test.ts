import { afterEach, beforeEach, expect, test } from 'vitest';
import { aPool } from '../../test/builders/index.ts';
import { WORKLOADS } from '../frameworks/drivers.ts';
import { KubeError } from '../kube/errors.ts';
import { Store } from '../kube/store.ts';
import type { KubeRequest } from '../kube/client.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { Workload } from '../snapshot/workload.ts';
import { Budgets, type BudgetFacts } from './budgets.ts';

const { guard, read } = WORKLOADS.find((kind) => kind.guard)!;
const arena = read(aPool('arena').build());
const good = canonicalJson(guard!.budget(arena)!);
let end: AbortController;

beforeEach(() => (end = new AbortController()));
afterEach(() => end.abort());

function running() {
  const clock = new ManualClock(0);
  const workloads = new Store<Workload>();
  const budgets = new Store<BudgetFacts>();
  const sent: KubeRequest[] = [];
  const state = { leads: true, failures: 0, warnings: 0 };
  const request = (each: KubeRequest): Promise<never> => {
    sent.push(each);
    if (state.failures-- > 0) throw new KubeError({ kind: 'server', message: 'no' });
    return Promise.resolve() as Promise<never>;
  };
  const silent = { debug: () => {}, info: () => {}, warn: () => void state.warnings++, error: () => {} };
  void new Budgets({
    client: { request },
    guard: guard!,
    workloads,
    budgets,
    clock,
    random: () => 0,
    log: silent,
    mayDecide: () => state.leads,
    mayWrite: () => true,
  }).run(end.signal);
  const verbs = async () => {
    await clock.advance(2000);
    return sent.splice(0).map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
  };
  const found = (fields: Partial<BudgetFacts>) =>
    budgets.put({
      key: 'games/arena-held',
      uid: 'u1',
      deleting: false,
      owner: arena.metadata.uid,
      spec: good,
      faults: [],
      ...fields,
    });
  return { workloads, budgets, state, verbs, found };
}

test('a pool without servers needs no budget; that of others lets none go that players hold', () => {
  expect(guard!.budget(read(aPool('arena').replicas(0).build()))).toBeUndefined();
  expect(guard!.budget(read(aPool('arena').replicas(0).status({ replicas: 1 }).build()))).toBeDefined();
  expect(guard!.budget(arena)).toEqual({
    minAvailable: 1_000_000,
    selector: {
      matchLabels: { 'proffer.dev/pool': 'arena' },
      matchExpressions: [{ key: 'proffer.dev/state', operator: 'Exists' }],
    },
  });
});

test('it is made once, and mended when somebody changes or deletes it', async () => {
  const { workloads, budgets, found, verbs } = running();
  workloads.put(arena);
  expect(await verbs()).toEqual(['POST poddisruptionbudgets']);
  found({});
  expect(await verbs()).toEqual([]);
  found({ spec: '{}' });
  expect(await verbs()).toEqual(['PATCH arena-held']);
  budgets.delete('games/arena-held');
  expect(await verbs()).toEqual(['POST poddisruptionbudgets']);
});

test('one that an orphaning deletion left is taken over; one that is about to go is waited for', async () => {
  const { workloads, budgets, found, verbs } = running();
  found({ owner: undefined });
  workloads.put(arena);
  expect(await verbs()).toEqual(['PATCH arena-held']);
  found({ owner: 'another pool of that name' });
  expect(await verbs()).toEqual([]);
  budgets.delete('games/arena-held');
  expect(await verbs()).toEqual(['POST poddisruptionbudgets']);
});

test('nothing is written by who does not lead, and all of it by who comes to lead', async () => {
  const { workloads, state, verbs } = running();
  state.leads = false;
  workloads.put(arena);
  expect(await verbs()).toEqual([]);
  state.leads = true;
  expect(await verbs()).toEqual(['POST poddisruptionbudgets']);
});

test('a write that fails is tried again, and holds up no other', async () => {
  const { workloads, state, verbs } = running();
  state.failures = 1;
  workloads.put(arena);
  workloads.put(read(aPool('other').build()));
  expect(await verbs()).toHaveLength(3);
  expect(state.warnings).toBe(1);
});
