import { expect, test } from 'vitest';
import { ago, aPod, aPool, NOW } from '../../../test/builders/index.ts';
import { ANNOTATION, LABEL, SESSION_PREFIX } from '../../api/group.ts';
import { createPodReader } from '../../snapshot/task.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import { overlong } from './overlong.ts';

const arena = aPool('arena');
const held = () =>
  aPod('arena-0').ofPool(arena, 0).on('n1').ready().session('Allocated').label(LABEL.session, 's');
const since = (secondsAgo: number) => held().annotation(ANNOTATION.sessionUntil, ago(secondsAgo));
const shared = (secondsAgo: number) =>
  aPod('arena-0')
    .ofPool(arena, 0)
    .session('Allocated')
    .annotation(`${SESSION_PREFIX}a`, JSON.stringify({ state: 'Allocated' }))
    .annotation(`${SESSION_PREFIX}b`, JSON.stringify({ state: 'Allocated', sessionUntil: ago(secondsAgo) }));

test.each([
  ['nobody, while nothing has an end', held(), undefined, Infinity],
  ['nobody before its time', since(-5), undefined, 5],
  ['its server when it lasts too long, with a minute of notice', since(3), 60, Infinity],
  ['its server with the notice of its pool', since(0).annotation(ANNOTATION.notice, '9'), 9, Infinity],
  [
    'its server with the time that it was told',
    since(30).annotation(ANNOTATION.inverseOffer, ago(-20)),
    20,
    Infinity,
  ],
  [
    'its server with no more time than that',
    since(0).annotation(ANNOTATION.inverseOffer, ago(-999)),
    60,
    Infinity,
  ],
  ['a server with several sessions for one of them', shared(0), 60, Infinity],
  ['nobody when somebody took the label off', since(0).label(LABEL.state, ''), undefined, Infinity],
])('an overlong session asks %s', (_, server, until, wakes) => {
  const pod = createPodReader()(server.build()) as TaskPod;
  const { asks, wakeAt } = overlong([pod], [], NOW);
  expect(asks).toEqual(
    until === undefined ? [] : [{ pod, until: NOW + until * 1000, why: 'a session on it lasts too long' }],
  );
  expect(wakeAt - NOW).toBe(wakes * 1000);
  expect(overlong([pod], asks, NOW).asks).toEqual([]);
});
