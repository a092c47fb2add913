import { expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import { createAskedReader } from './asked.ts';
import { readPod } from './reading/pod.ts';

const read = createAskedReader();
const askedOf = (pod: ReturnType<typeof aPod>) => read(readPod(pod.build()).pod);

test('a Pod says how it is asked, where, and what was found', () => {
  const pod = aPod('arena-0').asked({ periodSeconds: 5 }, '10.0.0.7').starting().found('Refused', 60);
  expect(askedOf(pod)).toMatchObject({
    query: { protocol: 'A2S', periodSeconds: 5, failureThreshold: 3 },
    address: '10.0.0.7',
    port: 27_015,
    isPlayed: true,
    isRunning: true,
    verdict: { unanswered: 'Refused', message: 'asked A2S by port game (27015): why' },
  });
  expect(askedOf(aPod('a').asked().found('Answered'))!.verdict!.unanswered).toBeUndefined();
  expect(askedOf(aPod('a').asked())).toMatchObject({ verdict: undefined, isRunning: false });
});

test.each([
  ['no JSON', '{'],
  ['another type', '[]'],
  ['a protocol that there is not', '{"protocol":"X","port":"game"}'],
  ['UDP with a backslash of no use', '{"protocol":"UDP","port":"game","send":"\\\\q"}'],
  ['a text that is far too long', `{"protocol":"A2S","port":"game","more":"${'x'.repeat(10_000)}"}`],
])('%s is no query', (_, text) => {
  expect(askedOf(aPod('a').annotation('proffer.dev/query', text))).toBeUndefined();
});

test('a port that no container has is not asked, and one for TCP is not what players of UDP come by', () => {
  expect(askedOf(aPod('a').asked({ port: 'rcon' }))).toMatchObject({ port: undefined, isPlayed: false });
  const tcp = aPod('a').namedPort('tcp', 80, 7001, 'TCP').asked({ port: 'tcp' });
  expect(askedOf(tcp)).toMatchObject({ port: 80, isPlayed: false });
});
