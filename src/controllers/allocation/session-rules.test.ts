import { expect, test } from 'vitest';
import { ANNOTATION, COUNTER_PREFIX, LABEL, SESSION_PREFIX } from '../../api/group.ts';
import { formatTime } from '../../lib/time.ts';
import { createPodReader } from '../../snapshot/task.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import { aServer, PodWorld } from './pods.test-helper.ts';
import { dueOf, SessionRules } from './session-rules.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const at = (seconds: number) => formatTime(NOW + seconds * 1000);
const held = (state: 'Allocated' | 'Reserved' = 'Allocated') =>
  aServer(0).session(state).label(LABEL.session, 's');
const due = (server: ReturnType<typeof held>) => {
  const pod = createPodReader()(server.build()) as TaskPod;
  return dueOf(pod, pod.task.sessions[0]!, NOW);
};

test.each([
  ['nothing, while nothing has an end', held(), undefined],
  ['nothing before its time', held().annotation(ANNOTATION.heldUntil, at(1)), undefined],
  ['its release, when nobody came', held().annotation(ANNOTATION.heldUntil, at(0)), 'free'],
  [
    'that it has begun, when players are on it',
    held().annotation(ANNOTATION.heldUntil, at(0)).annotation(`${COUNTER_PREFIX}players`, '1/8'),
    'keep',
  ],
  [
    'the release of a reservation, whoever is on it',
    held('Reserved').annotation(ANNOTATION.heldUntil, at(0)).annotation(`${COUNTER_PREFIX}players`, '1/8'),
    'free',
  ],
  [
    'nothing when it lasts too long and its server was not told yet',
    held().annotation(ANNOTATION.sessionUntil, at(-99)),
    undefined,
  ],
  [
    'nothing while it has time to end',
    held().annotation(ANNOTATION.sessionUntil, at(-9)).annotation(ANNOTATION.inverseOffer, at(1)),
    undefined,
  ],
  [
    'its end when the time is over that its server was told',
    held().annotation(ANNOTATION.sessionUntil, at(-9)).annotation(ANNOTATION.inverseOffer, at(0)),
    'drain',
  ],
  [
    'nothing when its server is told to go for another reason',
    held().annotation(ANNOTATION.sessionUntil, at(9)).annotation(ANNOTATION.inverseOffer, at(0)),
    undefined,
  ],
  [
    'its release when it is one of several and nobody came, whoever is on the server',
    aServer(0)
      .session('Allocated')
      .annotation(`${SESSION_PREFIX}s`, JSON.stringify({ state: 'Allocated', heldUntil: at(0) }))
      .annotation(`${COUNTER_PREFIX}players`, '1/8'),
    'free',
  ],
])('due for a session is %s', (_, server, expected) => {
  expect(due(server)).toBe(expected);
});

test('the rules are kept one server after the other, and one that fails holds up no other', async () => {
  const until = (slot: number) =>
    aServer(slot)
      .session('Allocated')
      .label(LABEL.session, `s${slot}`)
      .annotation(ANNOTATION.heldUntil, at(1));
  const world = new PodWorld(until(0), until(1), until(2).annotation(`${COUNTER_PREFIX}players`, '3'));
  const warnings: unknown[] = [];
  const told: string[] = [];
  const silent = () => {};
  const rules = new SessionRules({
    inventory: world.inventory,
    desk: world.desk,
    clock: world.clock,
    log: { debug: silent, info: silent, error: silent, warn: (fields) => warnings.push(fields) },
    mayDecide: () => world.leads,
    tell: (_, { reason, note }) => told.push(`${reason}: ${note}`),
  });
  const stop = new AbortController();
  const running = rules.run(stop.signal);
  world.before = ({ metadata }) => {
    if (metadata.name === 'arena-0') throw new TypeError('a fault');
  };
  await world.clock.advance(2000);
  expect(world.states()).toEqual({ 'arena-0': 'Allocated s0', 'arena-1': '', 'arena-2': 'Allocated s2' });
  expect(world.pods.get('arena-2')!.metadata.annotations).not.toHaveProperty([ANNOTATION.heldUntil]);
  expect(warnings).toMatchObject(
    [{ server: 'games/arena-0' }, { server: 'games/arena-0' }].slice(0, warnings.length),
  );
  expect(warnings.length).toBeGreaterThan(0);

  world.before = () => {};
  world.leads = false;
  await world.clock.advance(2000);
  expect(world.states()['arena-0']).toBe('Allocated s0');
  world.leads = true;
  await world.clock.advance(2000);
  expect(world.states()['arena-0']).toBe('');
  const free = (slot: number) =>
    `SessionReleased: session s${slot} has arena-${slot} no more: nobody came for it`;
  expect(told).toEqual([free(1), free(0)]);
  stop.abort();
  await running;
});
