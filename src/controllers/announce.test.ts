import { describe, expect, test } from 'vitest';
import type { EventRecorder, RecordedEvent } from '../kube/events.ts';
import type { Outcome } from '../kube/outcome.ts';
import type { BindCommand, EvictCommand } from '../plan/command.ts';
import { announce, announceRoom, podSubject } from './announce.ts';

const pod = { name: 'p', namespace: 'a', uid: 'u' };
const bind: BindCommand = {
  kind: 'bind',
  framework: { id: 'pod/a/p', kind: 'Pods', key: 'a/p' },
  ...pod,
  node: 'n1',
};

function told(outcome: Outcome): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  const recorder = { record: (event: RecordedEvent) => events.push(event) } as unknown as EventRecorder;
  announce(recorder, podSubject(pod), bind, outcome);
  return events;
}

describe('a binding', () => {
  const regarding = { apiVersion: 'v1', kind: 'Pod', ...pod };

  test('is told on the Pod in the words of kube-scheduler', () => {
    const note = 'Successfully assigned a/p to n1';
    expect(told({ kind: 'bound' })).toEqual([
      { regarding, type: 'Normal', reason: 'Scheduled', action: 'Binding', note },
    ]);
  });

  test('that is refused is a warning, and one that came too late is nothing', () => {
    expect(told({ kind: 'refused', message: 'no' })).toEqual([
      { regarding, type: 'Warning', reason: 'WriteRefused', action: 'Binding', note: 'no' },
    ]);
    expect(told({ kind: 'stale' })).toEqual([]);
  });
});

test('an eviction is told by the name of the Pod, to those who go and to those who get the room', () => {
  const events: RecordedEvent[] = [];
  const recorder = { record: (event: RecordedEvent) => events.push(event) } as unknown as EventRecorder;
  const by = { id: 'pod/b/waits', kind: 'Pods', key: 'b/waits' } as const;
  const { framework } = bind;
  const evict: EvictCommand = { kind: 'evict', framework, ...pod, resourceVersion: undefined, by };
  const waits = podSubject({ name: 'waits', namespace: 'b', uid: 'w' });
  announce(recorder, podSubject(pod), evict, { kind: 'evicted' });
  announceRoom(recorder, waits, evict, { kind: 'evicted' });
  announceRoom(recorder, waits, evict, { kind: 'blocked', message: 'budget' });
  expect(events.map(({ regarding, reason, note }) => [regarding.name, reason, note])).toEqual([
    ['p', 'GaveWay', 'p gives way to pod/b/waits'],
    ['waits', 'MadeRoom', 'a/p of pod/a/p is evicted to make room'],
    ['waits', 'EvictionBlocked', 'a/p of pod/a/p stays: budget'],
  ]);
});
