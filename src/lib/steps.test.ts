import { expect, test } from 'vitest';
import { atOnce, inSlices, type Steps } from './steps.ts';

/** Three steps of 5 ms each. */
function work() {
  const state = { now: 0, steps: 0, others: 0 };
  function* steps(): Steps<string> {
    for (; state.steps < 3; state.steps++) {
      state.now += 5;
      yield;
    }
    return 'done';
  }
  const clock = {
    monotonic: () => state.now,
    sleep: () => {
      state.others++;
      return Promise.resolve();
    },
  };
  return { state, steps, clock };
}

test('steps at once leave nobody else a turn', () => {
  const { state, steps } = work();
  expect([atOnce(steps()), state.steps, state.others]).toEqual(['done', 3, 0]);
});

test('in slices, others have their turn when one has taken long enough', async () => {
  const { state, steps, clock } = work();
  expect(await inSlices(steps(), clock, new AbortController().signal)).toBe('done');
  expect([state.steps, state.others]).toEqual([3, 1]);
});

test('nothing more is done when the signal aborts between two slices', async () => {
  const { state, steps, clock } = work();
  const over = new AbortController();
  const sleep = () => {
    over.abort();
    return Promise.resolve();
  };
  expect(await inSlices(steps(), { ...clock, sleep }, over.signal)).toBeUndefined();
  expect(state.steps).toBe(1);
});
