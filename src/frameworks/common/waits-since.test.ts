import { expect, test } from 'vitest';
import { ago, NOW } from '../../../test/builders/time.ts';
import type { Workload } from '../../snapshot/workload.ts';
import { waitsSince } from './waits-since.ts';

const at = (seconds: number): number => NOW - seconds * 1000;
const told = (type: string, status: 'True' | 'False', since: number) => ({
  type,
  status,
  reason: 'Any',
  message: '',
  lastTransitionTime: ago(since),
});

test.each([
  ['is new: since it is there', undefined, at(60)],
  ['waits: since it says so', [told('Queued', 'True', 9)], at(9)],
  ['has what it wants: not yet', [told('Queued', 'False', 9)], Number.MAX_SAFE_INTEGER],
  ['has a status of another version: not yet', [told('Placed', 'False', 9)], Number.MAX_SAFE_INTEGER],
])('a workload that %s', (_, conditions, since) => {
  const workload = { metadata: { name: 'a', creationTimestamp: ago(60) }, status: { conditions } };
  expect(waitsSince(workload as unknown as Workload, { type: 'Queued', status: 'True' })).toBe(since);
});
