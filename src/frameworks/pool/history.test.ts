import { expect, test } from 'vitest';
import { aPool } from '../../../test/builders/index.ts';
import { poolFacts } from './facts.ts';
import { poolHistory } from './history.ts';

test('a template is kept when it can be honoured, and not otherwise: nobody is to go back to it', () => {
  const current = (pool: ReturnType<typeof aPool>) => poolHistory.current(poolFacts(pool.build()));
  expect(current(aPool('arena'))).toMatchObject({ limit: 10 });
  expect(current(aPool('arena').specField('schedulerName', 'other'))).toBeUndefined();
  expect(current(aPool('arena').field('replicas', 'many'))).toBeUndefined();
});
