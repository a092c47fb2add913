import { expect, test } from 'vitest';
import { OnceLater } from './once-later.ts';

test('acts once for all that ask while it waits, and again for who asks later', async () => {
  const waits: (() => void)[] = [];
  let acts = 0;
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: () => new Promise<void>((end) => waits.push(end)),
  };
  const later = new OnceLater(clock, 200, () => acts++);
  const { signal } = new AbortController();
  const asked = [later.ask(signal), later.ask(signal), later.ask(signal)];
  expect([waits.length, acts]).toEqual([1, 0]);
  waits[0]!();
  await Promise.all(asked);
  expect(acts).toBe(1);
  void later.ask(signal);
  expect(waits).toHaveLength(2);
});
