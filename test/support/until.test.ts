import { expect, test } from 'vitest';
import { endWaits, saw, until } from './until.ts';

const soon = { everyMs: 1, patienceMs: 50 };

test('what it gives up says what it waited for, and what was seen last', async () => {
  let asked = 0;
  const noted = until('three', () => saw({ count: asked++ }).count < 0, soon);
  await expect(noted).rejects.toThrow(/^gave up waiting for three; seen last: \{ count: [1-9]\d* \}$/);
  await expect(until('more', () => 0, soon)).rejects.toThrow('gave up waiting for more; seen last: 0');
});

test('a question that is never answered is not waited for', async () => {
  const hangs = () => new Promise<boolean>(() => undefined);
  await expect(until('an answer', hangs, soon)).rejects.toThrow("an answer; seen last: 'no answer'");
});

test('an object may be missing until it comes, and other errors end the wait', async () => {
  let asked = 0;
  const comes = () => {
    if (asked++ === 0) throw new Error('Error from server (NotFound): pods "a" not found');
    return 'a';
  };
  expect(await until('a Pod', comes)).toBe('a');
  const broken = new Error('connection refused');
  const wait = until('a Pod', () => Promise.reject(broken));
  await expect(wait).rejects.toMatchObject({
    message: 'waiting for a Pod: Error: connection refused',
    cause: broken,
  });
});

test('all waiting ends with the test', async () => {
  let asked = 0;
  const wait = until('nothing', () => asked++ < 0, { everyMs: 1 });
  const ended = expect(wait).rejects.toThrow('gave up waiting for nothing');
  endWaits();
  await ended;
  const before = asked;
  // The next test waits again, and asks often enough for the one that has ended to have asked, too.
  let others = 0;
  await until('many questions', () => ++others > 20, { everyMs: 1 });
  expect(asked).toBe(before);
});
