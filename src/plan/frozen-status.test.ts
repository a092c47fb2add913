import { expect, test } from 'vitest';
import { aPool, NOW } from '../../test/builders/index.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { told } from './cycle.test-helper.ts';
import { frozenStatus } from './frozen-status.ts';

test('a pool that nobody can read keeps what it counted, and its state is not known', () => {
  const pool = poolFacts(aPool('arena').status({ readyReplicas: 3, message: '3 servers ready' }).build());
  const status = frozenStatus(
    pool,
    { reason: 'Unreadable', message: 'spec: no', freezes: true },
    NOW,
    'Ready',
  );
  expect(status).toMatchObject({ readyReplicas: 3, message: 'spec: no' });
  expect(told(status.conditions)).toEqual(['Supported=False Unreadable', 'Ready=Unknown Unreadable']);
});
