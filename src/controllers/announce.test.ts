import { describe, expect, test } from 'vitest';
import { aGroup, aJob } from '../../test/builders/index.ts';
import { KIND } from '../api/kinds.ts';
import type { EventRecorder, RecordedEvent } from '../kube/events.ts';
import type { BindCommand, Command, CreateCommand, EvictCommand } from '../plan/command.ts';
import { ownerRef, type FrameworkRef } from '../snapshot/framework-id.ts';
import { jobFacts } from '../frameworks/job/facts.ts';
import type { Outcome } from '../writes/handler.ts';
import { announce, announceNews, announceRoom, podSubject, workloadSubject } from './announce.ts';

const pod = { name: 'p', namespace: 'a', uid: 'u' };
const bind: BindCommand = {
  kind: 'bind',
  framework: { id: 'pod/a/p', kind: 'Pods', key: 'a/p' },
  ...pod,
  node: 'n1',
};

function told(
  outcome: Outcome,
  command: Command = bind,
  subject = podSubject(pod, command.framework),
): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  const recorder = { record: (event: RecordedEvent) => events.push(event) } as unknown as EventRecorder;
  announce(recorder, subject, command, outcome, 'server');
  return events;
}

describe('a binding', () => {
  const regarding = { apiVersion: 'v1', kind: 'Pod', ...pod };
  const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'a', namespace: 'a', uid: '' };

  test('is told on the Pod in the words of kube-scheduler', () => {
    const note = 'Successfully assigned a/p to n1';
    expect(told({ kind: 'done' })).toEqual([
      { regarding, owner, type: 'Normal', reason: 'Scheduled', action: 'Binding', note },
    ]);
  });

  test('that is refused is a warning, and one that came too late is nothing', () => {
    expect(told({ kind: 'refused', message: 'no' })).toEqual([
      { regarding, owner, type: 'Warning', reason: 'WriteRefused', action: 'Binding', note: 'no' },
    ]);
    expect(told({ kind: 'stale' })).toEqual([]);
  });
});

test('the owner of the Pod answers for it, as `kubectl describe` looks for events', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'db-1', uid: 'r' };
  const framework = ownerRef(owner, 'a', []);
  expect(told({ kind: 'done' }, { ...bind, framework })[0]?.owner).toEqual({ ...owner, namespace: 'a' });
});

test('an eviction is told by the name of the Pod, to those who go and to those who get the room', () => {
  const events: RecordedEvent[] = [];
  const recorder = { record: (event: RecordedEvent) => events.push(event) } as unknown as EventRecorder;
  const by: FrameworkRef = { id: 'pod/b/waits', kind: 'Pods', key: 'b/waits' };
  const { framework } = bind;
  const evict: EvictCommand = { kind: 'evict', framework, ...pod, resourceVersion: undefined, by };
  const waits = podSubject({ name: 'waits', namespace: 'b', uid: 'w' }, by);
  announce(recorder, podSubject(pod, framework), evict, { kind: 'done' }, 'Pod');
  announceRoom(recorder, waits, evict, { kind: 'done' });
  announceRoom(recorder, waits, evict, { kind: 'blocked', message: 'budget' });
  expect(events.map(({ regarding, reason, note }) => [regarding.name, reason, note])).toEqual([
    ['p', 'GaveWay', 'p gives way to pod/b/waits'],
    ['waits', 'MadeRoom', 'a/p of pod/a/p is evicted to make room'],
    ['waits', 'EvictionBlocked', 'a/p of pod/a/p stays: budget'],
  ]);
});

describe('a creation', () => {
  const framework = { id: 'gsp/a/arena', kind: 'GameServerPool', key: 'a/arena' } as const;
  const made = { metadata: { name: 'arena-0-r1' }, spec: { nodeName: 'n2' } } as CreateCommand['pod'];
  const first: CreateCommand = {
    kind: 'create',
    framework,
    pod: made,
    after: undefined,
    admissionKey: '',
    counted: undefined,
  };
  const subject = workloadSubject({
    names: KIND.pool,
    metadata: { name: 'arena', namespace: 'a', uid: 'u' },
  });
  const toldOf = (command: CreateCommand) => told({ kind: 'done' }, command, subject)[0];

  test('is told without names, so that those of a large pool fold into one event', () => {
    const note = 'a server is created';
    expect(toldOf(first)).toEqual({ ...subject, type: 'Normal', reason: 'Created', action: 'Create', note });
  });

  test('that replaces another says how that one ended', () => {
    const ended = 'arena-0 crashed (exit 137, OOMKilled) on n1';
    expect(toldOf({ ...first, after: 'Crashed', ended })).toMatchObject({
      type: 'Warning',
      reason: 'Recovered',
      note: `${ended}; arena-0-r1 on n2 replaces it`,
    });
  });
});

test.each([
  ['Failed', 'Warning'],
  ['Succeeded', 'Normal'],
] as const)('the end of a job is told in the words of its status: %s', (phase, type) => {
  const events: RecordedEvent[] = [];
  const recorder = { record: (event: RecordedEvent) => events.push(event) } as unknown as EventRecorder;
  const job = jobFacts(aJob('learn').group(aGroup('w')).build());
  announceNews(recorder, job, [{ type, reason: phase, action: 'End', note: 'so it went' }]);
  expect(events).toMatchObject([
    { regarding: { kind: 'TrainingJob', name: 'learn' }, type, reason: phase, note: 'so it went' },
  ]);
});
