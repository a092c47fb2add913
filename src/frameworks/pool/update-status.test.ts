import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, NOW, type Buildable } from '../../../test/builders/index.ts';
import { cycle, told } from '../../plan/cycle.test-helper.ts';
import type { GameServerPoolStatus } from '../../api/gameserverpool.ts';
import { poolFacts } from './facts.ts';
import { poolStatus } from './status.ts';

const pool = (update = {}) => aPool('arena').replicas(4).cpu('1').field('update', update);
const { revision } = poolFacts(pool().build()).groups[0]!.shape;
const server = (slot: number, of: string) =>
  aPod(`arena-${slot}`).ofPool(pool(), slot).on('n1').cpu('1').revision(of);
const old = (slot: number) => server(slot, 'before').ready();
const fresh = (slot: number) => server(slot, revision).ready();

function statusOf(
  pods: Buildable[],
  {
    update = {},
    before = {},
    now = NOW,
  }: { update?: object; before?: GameServerPoolStatus; now?: number } = {},
) {
  const own = pool(update).status(before);
  const builder = aSnapshot().with(own, aNode('n1').cpu('8'), ...pods);
  return poolStatus(poolFacts(own.build()), cycle(builder).all[0]!, 0, now);
}

const shown = (status: GameServerPoolStatus) => told(status.conditions).slice(3);

describe('a pool that is updated', () => {
  test('says how far it is, and that it is not done', () => {
    const status = statusOf([old(0), old(1), old(2), fresh(3), fresh(4)]);
    expect(status).toMatchObject({ updatedReplicas: 2, updateRevision: revision, currentRevision: revision });
    expect(shown(status)).toEqual([
      'Progressing=True Updating',
      'Available=True MinimumReady',
      'Reconciling=True Updating',
    ]);
    expect(status.message).toBe(
      '3 of 4 servers ready; updating: 2 of 3 servers have the template of the pool, 1 to be replaced',
    );
  });

  test('is done when nobody is left that may go, and names who stays for players', () => {
    const status = statusOf([server(0, 'before').session('Allocated').ready(), fresh(1), fresh(2), fresh(3)]);
    expect(status).toMatchObject({ updatedReplicas: 3, replicas: 4 });
    expect(shown(status)).toEqual(['Progressing=True RevisionAvailable', 'Available=True MinimumReady']);
    expect(status.message).toBe(
      '4 servers ready; 3 of 4 servers have the template of the pool, 1 held on an older one',
    );
  });

  test('does not wait for a server that somebody looks after', () => {
    const status = statusOf([
      server(0, 'before').label('proffer.dev/intent', 'Maintenance').ready(),
      fresh(1),
      fresh(2),
      fresh(3),
    ]);
    expect(shown(status)).toEqual(['Progressing=True RevisionAvailable', 'Available=True MinimumReady']);
    expect(status.message).toContain('1 held on an older one');
  });

  test('stays done when a server crashes or the pool grows later', () => {
    const before = statusOf([fresh(0), fresh(1), fresh(2), fresh(3)]);
    const after = statusOf([fresh(0), fresh(1), fresh(2)], { before });
    expect(shown(after)).toEqual(['Progressing=True RevisionAvailable', 'Available=True MinimumReady']);
    expect(after.lastProgressTime).toBe(before.lastProgressTime);
  });

  test('that is paused says so', () => {
    const status = statusOf([old(0), old(1), old(2), fresh(3)], { update: { paused: true } });
    expect(shown(status)).toEqual(['Progressing=Unknown UpdatePaused', 'Available=True MinimumReady']);
    expect(status.message).toBe(
      '4 servers ready; update paused: 1 of 4 servers have the template of the pool, 3 to be replaced',
    );
  });

  test('keeps the revision that it came from until it is done', () => {
    const before = { currentRevision: 'before', updateRevision: 'before' };
    expect(statusOf([old(0), old(1), old(2), old(3)], { before })).toMatchObject({
      currentRevision: 'before',
      updateRevision: revision,
    });
    expect(statusOf([fresh(0), fresh(1), fresh(2), fresh(3)], { before }).currentRevision).toBe(revision);
  });

  test('stands still when nothing changed until its deadline, and goes on with the next server', () => {
    const stuck = server(3, revision).stuck('ImagePullBackOff');
    const servers = [old(0), old(1), old(2), stuck];
    const before = statusOf(servers);
    const at = (seconds: number, pods: Buildable[]) => statusOf(pods, { before, now: NOW + seconds * 1000 });
    expect(at(599, servers).conditions).toEqual(before.conditions);
    expect(shown(at(600, servers))).toEqual([
      'Progressing=False ProgressDeadlineExceeded',
      'Available=True MinimumReady',
      'Stalled=True ProgressDeadlineExceeded',
    ]);
    expect(at(600, servers).message).toContain('update stands still: ');
    const moved = at(600, [old(0), old(1), old(2), fresh(3)]);
    expect(moved).toMatchObject({ lastProgressTime: '2026-01-01T12:10:00Z' });
    expect(shown(moved)).toContain('Progressing=True Updating');
  });

  test('wakes at its deadline', () => {
    const own = pool().status({ lastProgressTime: '2026-01-01T12:00:00Z' });
    const { wakeAt } = aSnapshot().with(own, aNode('n1').cpu('8'), old(0)).build().frameworks[0]!;
    expect(wakeAt).toBe(NOW + 600_000);
  });

  test('is not available while fewer are ready than an update must leave', () => {
    const status = statusOf([
      fresh(0),
      fresh(1),
      server(2, revision).starting(),
      server(3, revision).starting(),
    ]);
    expect(shown(status)).toContain('Available=False BelowMinimum');
  });

  test('is not done, nor available, by servers that players hold', () => {
    const held = (slot: number) => fresh(slot).session('Allocated');
    const status = statusOf(
      [held(0), held(1), server(2, revision).starting(), server(3, revision).starting()],
      { update: { maxUnavailable: 0 } },
    );
    expect(shown(status)).toEqual([
      'Progressing=True Updating',
      'Available=False BelowMinimum',
      'Reconciling=True Updating',
    ]);
    expect(status.conditions!.find(({ type }) => type === 'Available')!.message).toBe(
      '0 of 2 servers for new players are ready, 2 are the least',
    );
  });

  test('has come forward when it gets another template, one server less of the older one, or one more that is ready', () => {
    const long = '2026-01-01T11:00:00Z';
    const pods = [old(0), old(1), fresh(2), fresh(3)];
    const before: GameServerPoolStatus = {
      lastProgressTime: long,
      updateRevision: revision,
      replicas: 4,
      updatedReplicas: 2,
      readyReplicas: 4,
    };
    const progress = (told: GameServerPoolStatus) =>
      statusOf(pods, { update: { paused: true }, before: { ...before, ...told } }).lastProgressTime;
    expect(progress({})).toBe(long);
    const now = '2026-01-01T12:00:00Z';
    expect(progress({ updateRevision: 'before' })).toBe(now);
    expect(progress({ readyReplicas: 3 })).toBe(now);
    expect(progress({ updatedReplicas: 1, replicas: 3 })).toBe(now);
    // One of the older template is gone, and nothing else changed.
    expect(progress({ replicas: 5 })).toBe(now);
  });

  test('is done once: with another template it is not any more, though as many are ready', () => {
    const servers = [fresh(0), fresh(1), fresh(2), server(3, revision).starting()];
    const done = { type: 'Progressing', status: 'True' as const, reason: 'RevisionAvailable', message: '' };
    const conditions = [{ ...done, lastTransitionTime: '2026-01-01T11:00:00Z' }];
    const reasonOf = (updateRevision: string) =>
      shown(statusOf(servers, { before: { conditions, updateRevision } }))[0];
    expect(reasonOf(revision)).toBe('Progressing=True RevisionAvailable');
    expect(reasonOf('before')).toBe('Progressing=True Updating');
  });

  test('is not done while a server backs off, however many are ready', () => {
    const crashed = server(9, revision).failures(5).exited(1, 1, 60);
    const status = statusOf([fresh(0), fresh(1), fresh(2), crashed]);
    expect(shown(status)[0]).toBe('Progressing=True Updating');
  });

  test('with more held servers than it asks for lacks none for new players', () => {
    const held = [0, 1, 2, 3, 4].map((slot) => fresh(slot).session('Allocated'));
    const status = statusOf(held);
    expect(status.conditions!.find(({ type }) => type === 'Available')).toMatchObject({
      status: 'True',
      message: '0 of 0 servers for new players are ready, 0 are the least',
    });
  });
});
