import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot, HOST, required, term } from '../../../test/builders/index.ts';
import { buildMatrices } from '../../matrix/matrices.ts';
import { Room } from './room.ts';

const plain = () => aPool('plain').role('blue').cpu('1').memory('1Gi').replicas(9);
const game = () => aPool('game').role('red').cpu('2').memory('1Gi').port('game', 1).replicas(9);
const fixed = () => aPool('fixed').role('red').cpu('1').fixedPort(7001).replicas(9);
const alone = () =>
  aPool('alone')
    .role('blue')
    .podLabel('app', 'alone')
    .cpu('1')
    .replicas(9)
    .specField('affinity', { podAntiAffinity: required(term(HOST, 'alone')) });

const snapshot = aSnapshot()
  .with(aNode('a').cpu('8').label('tier', 'gold'), aNode('b').cpu('6'), aNode('c').cpu('3'))
  .with(aRole('red').reserve('tier', 'gold', { cpu: '4' }), aRole('blue'))
  .with(plain(), game(), fixed(), alone())
  .with(aPod('plain-0').ofPool(plain(), 0).on('a').cpu('1').memory('1Gi').ready())
  .with(aPod('alone-0').ofPool(alone(), 0).on('b').label('app', 'alone').cpu('1').ready())
  .with(aPod('fixed-0').ofPool(fixed(), 0).on('c').fixedPort(7001).cpu('1').ready())
  .hostPorts(7000, 7003)
  .build();
const matrices = buildMatrices(snapshot, snapshot.classes);
const AGENTS = [...snapshot.agents.keys()];
const ROWS = [...matrices.classes.keys()];

/** All that anybody can ask a room. @param ahead whether somebody looks at what will be, which makes it */
const seenOf = (room: Room, ahead: boolean) =>
  JSON.stringify([
    [...room.supply],
    AGENTS.map((agent) =>
      ROWS.map((row) => [
        room.fit(agent, row),
        room.reservedAt(agent, row),
        room.isRuledOut(agent, row),
        ahead && [...room.later.free(agent, row)],
        ahead && room.later.open(agent, row),
        ahead && room.later.hasPorts(agent, row, []),
      ]),
    ),
  ]);

const anyStep = fc.record({
  what: fc.constantFrom('take', 'take', 'nominate', 'leave', 'begin', 'commit', 'rollBack', 'rollBack'),
  agent: fc.constantFrom(...AGENTS),
  row: fc.constantFrom(...ROWS),
  tasks: fc.integer({ min: 1, max: 3 }),
});

test('what is rolled back was never there, however transactions lie in each other', () => {
  let rolledBack = 0;
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 10, maxLength: 60 }), fc.boolean(), (steps, ahead) => {
      const room = new Room(snapshot, matrices);
      const begun: { readonly seen: string; readonly left: ReadonlySet<string> }[] = [];
      let left: ReadonlySet<string> = new Set();
      for (const { what, agent, row, tasks } of steps) {
        switch (what) {
          case 'take': {
            const fit = Math.min(tasks, room.fit(agent, row));
            if (fit > 0) room.take(agent, row, fit);
            break;
          }
          case 'nominate':
            if (room.fitLater(agent, row) > 0) room.nominate(agent, row);
            break;
          case 'leave': {
            const pod = snapshot.pods[agent]!;
            if (!left.has(pod.name)) room.leave(pod, snapshot.roles[0]?.path);
            left = new Set([...left, pod.name]);
            break;
          }
          case 'begin':
            begun.push({ seen: seenOf(room, ahead), left });
            room.begin();
            break;
          case 'commit':
            if (begun.pop()) room.commit();
            break;
          case 'rollBack': {
            const last = begun.pop();
            if (!last) break;
            const before = seenOf(room, ahead);
            room.rollBack();
            ({ left } = last);
            expect(seenOf(room, ahead)).toEqual(last.seen);
            if (before !== last.seen) rolledBack++;
          }
        }
      }
    }),
    { numRuns: 500 },
  );
  expect(rolledBack).toBeGreaterThan(100);
});
