import { describe, expect, test } from 'vitest';
import { ago, aNode, aPod, aPool, aSnapshot, NOW, type PodBuilder } from '../../../test/builders/index.ts';
import { cycle } from '../../plan/cycle.test-helper.ts';
import { formatTime } from '../../lib/time.ts';
import { poolFacts } from './facts.ts';
import { poolStatus } from './status.ts';

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const volumes = [{ metadata: { name: 'world' }, spec }];
const arena = (withVolumes = true) =>
  aPool('arena')
    .replicas(2)
    .field('volumeClaimTemplates', withVolumes ? volumes : undefined);
const { revision } = poolFacts(arena().build()).groups[0]!.shape;
const server = (slot: number, name = `arena-${slot}`) =>
  aPod(name).ofPool(arena(), slot).on('n1').revision(revision);
const well = server(1).ready();
/** A server whose helper failed for the n-th time so many seconds ago, and which runs on. */
const lame = (times: number, secondsAgo: number) =>
  server(0)
    .starting()
    .failures(times - 1)
    .helper('log', { terminated: { exitCode: 1, finishedAt: ago(secondsAgo) } });

function run(
  pods: PodBuilder[],
  { pool = arena(), status = {} }: { pool?: typeof own; status?: object } = {},
) {
  const read = pool.status({ updateRevision: revision, ...status });
  const [outcome] = cycle(aSnapshot().with(read, aNode('n1'), ...pods)).all;
  const { framework } = outcome!;
  return {
    status: poolStatus(poolFacts(read.build()), outcome!, 0, NOW),
    wakeAt: framework.wakeAt,
    backingOff: framework.backingOff,
    removals: framework.removals.map(({ pod, reason }) => `${pod.name} ${reason}`),
    pending: framework.classes.flatMap(({ pending }) =>
      Array.from(pending, ({ slot, failures, after }) => ({ slot, failures, after })),
    ),
  };
}
const own = arena();

const third = { 0: { count: 3, signal: 'HelperCrashed' } };

describe.each([
  ['with volumes', true],
  ['without', false],
])('a server that failed and runs on, in a pool %s', (_, withVolumes) => {
  const pool = () => arena(withVolumes);

  test('backs off before it is cleared away, and MESSAGE says so', () => {
    const { backingOff, removals, status, wakeAt, pending } = run([lame(3, 1), well], { pool: pool() });
    expect({ backingOff, removals, pending }).toEqual({ backingOff: 1, removals: [], pending: [] });
    expect(wakeAt).toBe(NOW + 1000);
    expect(status.message).toBe(
      '1 server backing off after failures: arena-0 lost a helper container (container log: exit 1) on n1; ' +
        `next try at ${formatTime(NOW + 1000)}`,
    );
  });

  test('is cleared away when the status holds its failures, and not before', () => {
    const pods = [lame(3, 2), well];
    const first = run(pods, { pool: pool() });
    expect(first.removals).toEqual([]);
    expect(first.wakeAt).toBe(NOW + 1000);
    expect(first.status.failures).toEqual(third);
    const then = run(pods, { pool: pool(), status: first.status });
    expect(then.removals).toEqual(['arena-0 Replaced']);
    expect(then.wakeAt).toBeGreaterThan(NOW + 1000);
  });

  test('leaves its failures to the next one, also to an operator that starts anew', () => {
    const { pending, status } = run([well], { pool: pool(), status: { failures: third } });
    expect(pending).toEqual([{ slot: 0, failures: 3, after: 'HelperCrashed' }]);
    expect(status.failures).toEqual(third);
  });
});

describe('failures that the status holds', () => {
  const status = { failures: third };

  test('stay until the next server of the slot is seen, since its create may fail', () => {
    const next = () => server(0, 'arena-0-r1').failures(3).starting();
    expect(run([next(), well], { status }).status.failures).toBeUndefined();
    // Another slot lacks one, so that the pool does not forget all.
    const three = () => arena().replicas(3);
    expect(run([next(), well], { pool: three(), status }).status.failures).toBeUndefined();
    expect(run([next().launched(), well], { status }).status.failures).toEqual(third);
  });

  test('are on the next server of the slot, so that the Pod before it goes at once', () => {
    const dead = server(0).failures(2).exited(1, 30, 60);
    const { removals, status: after } = run([dead, server(0, 'arena-0-r1').failures(3).starting()]);
    expect(removals).toEqual(['arena-0 Replaced']);
    expect(after.failures).toBeUndefined();
  });

  test('count for a server that somebody deletes after it had failed', () => {
    const { pending } = run([lame(3, 9).deleting(), well], { pool: arena(false), status });
    expect(pending).toEqual([{ slot: 0, failures: 3, after: 'Deleting' }]);
  });

  test('are no ones of a server that was well', () => {
    const { status: after } = run([server(0).failures(2).ready().deleting(), well]);
    expect(after.failures).toBeUndefined();
  });

  test('are forgotten with a new template', () => {
    const { pending, status: after } = run([well], { status: { ...status, updateRevision: 'before' } });
    expect(pending).toEqual([{ slot: 0, failures: 0, after: undefined }]);
    expect(after.failures).toBeUndefined();
  });

  test('are forgotten when the pool has all its servers, and hold up nothing then', () => {
    const pool = arena().replicas(1);
    const { removals, status: after } = run([lame(3, 9), well], { pool, status: { failures: undefined } });
    expect(removals).toEqual(['arena-0 Replaced']);
    expect(after.failures).toBeUndefined();
    expect(run([well], { pool: arena().replicas(1), status }).status.failures).toBeUndefined();
  });

  test('fill no more slots than the pool lacks, and keep their own', () => {
    const failures = { 0: third[0], 5: { count: 1, signal: 'Crashed' } };
    expect(run([well], { status: { failures } }).pending.map(({ slot }) => slot)).toEqual([0]);
    const pool = arena().replicas(3);
    expect(run([well], { pool, status: { failures } }).pending.map(({ slot }) => slot)).toEqual([0, 5]);
  });

  test('that are of no slot, or no failures, count for nothing', () => {
    for (const failures of [{ x: third[0] }, { '-1': third[0] }, { '01': third[0] }, { 0: { count: 0 } }])
      expect(run([well], { status: { failures } }).pending).toEqual([
        { slot: 0, failures: 0, after: undefined },
      ]);
  });

  test('are those of the Pod where that has more', () => {
    expect(run([lame(5, 1), well], { status }).status.failures).toMatchObject({ 0: { count: 5 } });
    expect(run([lame(1, 1), well], { status }).status.failures).toEqual(third);
  });
});

test('while the crash budget is spent MESSAGE names no try before it lets one be made', () => {
  const uid = 'a';
  const at = ago(20);
  const pool = arena(false).field('crashBudget', { limit: 1, windowSeconds: 60 });
  const { status } = run([lame(3, 1), well], { pool, status: { crashes: [{ uid, at, revision }] } });
  expect(status.message).toMatch(/^1 of 2 servers waiting: the crash budget is spent/);
  expect(status.message).not.toContain('next try');
  expect(status.conditions!.find(({ type }) => type === 'Placed')).toMatchObject({
    reason: 'CrashBudgetSpent',
    message: status.message,
  });
});
