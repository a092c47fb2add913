import { describe, expect, test } from 'vitest';
import { aPod, NOW, type PodBuilder } from '../../test/builders/index.ts';
import { createPodReader } from '../snapshot/task.ts';
import { podStatus } from './pod-status.ts';

const MESSAGE = '0/3 nodes have room';
const waiting = () => aPod('p').namespace('a').customer().resourceVersion('7');

function statusOf(pod: PodBuilder, nominated?: string, onWritten: () => void = () => {}) {
  const facts = createPodReader()(pod.build());
  return podStatus({ pod: facts, reason: 'Unschedulable', message: MESSAGE, nominated }, NOW, onWritten);
}

describe('the status of a Pod that waits', () => {
  test('is a patch of the Pod as it was seen, that adds one condition', () => {
    const written = () => {};
    const at = new Date(NOW).toISOString().replace('.000', '');
    expect(statusOf(waiting(), 'n1', written)).toEqual({
      path: '/api/v1/namespaces/a/pods/p',
      current: { reason: '', message: '', nominated: '' },
      desired: { reason: 'Unschedulable', message: MESSAGE, nominated: 'n1' },
      patch: {
        contentType: 'application/strategic-merge-patch+json',
        body: {
          metadata: { uid: 'uid-pod-a-p', resourceVersion: '7' },
          status: {
            conditions: [
              {
                type: 'PodScheduled',
                status: 'False',
                reason: 'Unschedulable',
                message: MESSAGE,
                lastProbeTime: at,
                lastTransitionTime: at,
              },
            ],
            nominatedNodeName: 'n1',
          },
        },
      },
      onWritten: written,
    });
  });

  test('is not written when it is right, however old', () => {
    expect(statusOf(waiting().told('Unschedulable', MESSAGE, 9999))).toBeUndefined();
    expect(statusOf(waiting().told('Unschedulable', MESSAGE).nominated('n1'), 'n1')).toBeUndefined();
  });

  test('is renewed after 30 s when only its message changed', () => {
    expect(statusOf(waiting().told('Unschedulable', '0/2 nodes have room', 29))).toBeUndefined();
    expect(statusOf(waiting().told('Unschedulable', '0/2 nodes have room', 30))).toBeDefined();
    const byAClockAhead = waiting().told('Unschedulable', '0/2 nodes have room', -3600);
    expect(statusOf(byAClockAhead)).toBeDefined();
  });

  test('is written at once when its reason or the node for it changed; since when it waits stays', () => {
    const other = statusOf(waiting().told('QuotaExceeded', MESSAGE, 0));
    expect(other?.patch?.body).toMatchObject({ status: { conditions: [{ reason: 'Unschedulable' }] } });
    expect(JSON.stringify(other)).not.toContain('lastTransitionTime');
    const told = () => waiting().told('Unschedulable', MESSAGE, 0);
    expect(statusOf(told(), 'n1')?.desired).toMatchObject({ nominated: 'n1' });
    const moved = statusOf(told().nominated('n1'));
    expect(moved?.patch?.body).toMatchObject({ status: { nominatedNodeName: null } });
  });
});
