import { expect, test } from 'vitest';
import type { ClusterAccess } from '../kube/cluster-access.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import { Office } from './office.ts';

function opened() {
  const state = { synced: true, terms: [] as AbortSignal[] };
  let listed: () => void = () => {};
  const office = new Office({
    access: {} as ClusterAccess,
    namespace: 'proffer-system',
    name: 'proffer',
    identity: 'one',
    leaderElect: false,
    clock: new ManualClock(0),
    random: () => 0,
    resync: () => new Promise((resolve) => (listed = resolve)),
    synced: () => state.synced,
    onTaken: (term) => void state.terms.push(term),
    onLost: () => {},
  });
  return { office, state, list: () => (listed(), new Promise(setImmediate)) };
}

test('a leader writes at once, and decides when the Pods were listed once more', async () => {
  const { office, state, list } = opened();
  await office.run(new AbortController().signal);
  expect([office.mayWrite(), office.mayDecide(), state.terms.length]).toEqual([true, false, 0]);
  await list();
  expect([office.mayDecide(), state.terms.length]).toEqual([true, 1]);
});

test('it decides nothing while a mirror shows less than the cluster', async () => {
  const { office, state, list } = opened();
  await office.run(new AbortController().signal);
  await list();
  state.synced = false;
  expect(office.mayDecide()).toBe(false);
});

test('the end of the term is heard by whoever works by it', async () => {
  const { office, state, list } = opened();
  await office.run(new AbortController().signal);
  await list();
  expect(state.terms[0]!.aborted).toBe(false);
  office.end();
  expect(state.terms[0]!.aborted).toBe(true);
});
