import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, NOW, type Buildable } from '../../../test/builders/index.ts';
import type { Framework } from '../../snapshot/framework.ts';
import { poolFacts } from './facts.ts';

const arena = aPool('arena').replicas(2);
const server = (slot: number) => aPod(`arena-${slot}`).ofPool(arena, slot).on('n1').asked().starting();
const well = server(1).found('Answered', 60).ready();
const { revision } = poolFacts(arena.build()).groups[0]!.shape;
const readOf = (pool: Buildable, ...servers: Buildable[]): Framework =>
  aSnapshot()
    .with(aNode('n1'), pool, ...servers)
    .build().frameworks[0]!;
const read = (...servers: Buildable[]): Framework => readOf(arena, ...servers);
/** The same when the status of the pool holds so many failures of slot 0. */
const readTold = (count: number, ...servers: Buildable[]): Framework =>
  readOf(
    aPool('arena')
      .replicas(2)
      .status({ updateRevision: revision, failures: { 0: { count, signal: 'Mute' } } }),
    ...servers,
  );

/** What is done about the server of slot 0: kept, deleted, or waited for; and how the one after it begins. */
function fate(framework: Framework): string {
  const [removal] = framework.removals;
  const [vacancy] = framework.classes[0]!.pending;
  if (removal)
    return `${removal.reason} ${removal.signal}: ${vacancy?.name} with ${vacancy?.failures} failures`;
  return framework.live.some(({ name }) => name === 'arena-0') ? 'kept' : `backing off: ${framework.failed}`;
}

const PORT_IS_CLOSED = 'Replaced Closed: arena-0-r1 with 1 failures';
const HANGS = 'Replaced Mute: arena-0-r1 with 1 failures';

describe('a server that is asked and does not answer', () => {
  test.each<[what: string, servers: Buildable[], fate: string]>([
    ['that nobody holds is replaced when it hangs', [server(0).found('Silent'), well], HANGS],
    ['and when its port is closed', [server(0).found('Refused'), well], PORT_IS_CLOSED],
    ['be it the only one', [server(0).found('Refused')], HANGS],
    [
      'that is held stays when it hangs',
      [server(0).session('Allocated').found('Silent', 9000), well],
      'kept',
    ],
    ['so does a reserved one', [server(0).session('Reserved').found('Silent', 9000), well], 'kept'],
    [
      'that is held goes when the port of its players is closed and another server answers',
      [server(0).session('Allocated').found('Refused'), well],
      PORT_IS_CLOSED,
    ],
    [
      'that is held stays when no other server answers: the way there may be closed',
      [server(0).session('Allocated').found('Refused'), server(1).found('Refused').session('Allocated')],
      'kept',
    ],
    [
      'nor does one count that is not ready',
      [server(0).session('Allocated').found('Refused'), server(1).found('Answered')],
      'kept',
    ],
    [
      'that is held stays when it is asked by TCP, whose connections outlive the port',
      [
        aPod('arena-0')
          .ofPool(arena, 0)
          .on('n1')
          .namedPort('tcp', 80, 7001, 'TCP')
          .asked({ protocol: 'TCP', port: 'tcp', expect: 'hi' })
          .starting()
          .session('Allocated')
          .found('Refused'),
        well,
      ],
      'kept',
    ],
    [
      'on a lost node is a matter of the node',
      [server(0).on('gone').found('Silent'), well],
      'Replaced NodeGone: arena-0-r1 with 0 failures',
    ],
    [
      'that crashed meanwhile has crashed',
      [server(0).found('Silent').exited(1, 0, 60), well],
      'Replaced Crashed: arena-0-r1 with 1 failures',
    ],
  ])('%s', (_, servers, expected) => {
    // What ended holds nothing and stays until its slot is filled: only what runs is deleted first.
    const framework = read(...servers);
    const ended = framework.removals.length === 0 && [...framework.classes[0]!.pending][0];
    if (ended)
      expect(`Replaced ${ended.after}: ${ended.name} with ${ended.failures} failures`).toBe(expected);
    else expect(fate(framework)).toBe(expected);
  });

  test('that is held stays when the one that answers is on its way out', () => {
    const going = server(1).found('Answered', 60).ready().deleting();
    expect(fate(read(server(0).session('Allocated').found('Refused'), going))).toBe('kept');
  });

  test('is replaced after its back-off when it is not the first', () => {
    const again = read(server(0).created(100).failures(4).found('Silent', 2), well);
    expect(fate(again)).toMatch(/^backing off: arena-0 did not answer any more on n1 \(asked A2S/);
    expect(again.wakeAt - NOW).toBe(6000);
    expect(fate(readTold(5, server(0).created(100).failures(4).found('Silent', 9), well))).toBe(
      'Replaced Mute: arena-0-r1 with 5 failures',
    );
  });

  test('and had run for long begins anew', () => {
    expect(fate(readTold(1, server(0).created(3600).failures(4).found('Silent', 0), well))).toBe(HANGS);
  });
});

test('a query makes another revision of the template, and none at all leaves it as it was', () => {
  const shape = (pool: Buildable) =>
    aSnapshot().with(aNode('n1'), pool).build().frameworks[0]!.classes[0]!.shape;
  const plain = shape(aPool('arena'));
  const query = { protocol: 'A2S', port: 'game' };
  const asked = shape(aPool('arena').field('health', { query }));
  expect(plain.query).toBeUndefined();
  expect(shape(aPool('arena').field('health', {})).revision).toBe(plain.revision);
  expect(asked.revision).not.toBe(plain.revision);
  expect(JSON.parse(asked.query!)).toMatchObject({ ...query, periodSeconds: 10, failureThreshold: 3 });
});
