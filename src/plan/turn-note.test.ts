import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aRole, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import { turnNotes } from './turn-note.ts';

const note = (id: string, ...objects: Buildable[]): string => {
  const snapshot = aSnapshot()
    .with(aNode('n1').cpu('4'), ...objects)
    .build();
  return turnNotes(snapshot, ({ classes }) => classes.some(({ pending }) => pending.length > 0))(
    snapshot.frameworks.find((framework) => framework.id === id)!,
  );
};
const waits = (name: string, role: string) => aPool(name).role(role).replicas(2).cpu('4');

test('nobody is told of turns who waits alone', () => {
  expect(note('gsp/games/arena', waits('arena', 'a'))).toBe('');
});

test('of two that wait the role with the smaller share comes first, by weight', () => {
  const arena = waits('arena', 'a');
  const objects = [arena, aPod('arena-0').ofPool(arena, 0).cpu('1').on('n1'), waits('duel', 'b')];
  expect(note('gsp/games/duel', ...objects)).toBe(
    '; its turn comes first of 2 that wait: role games/b holds 0.0% by weight',
  );
  expect(note('gsp/games/arena', ...objects)).toBe(
    '; its turn comes after gsp/games/duel: role games/a holds 25.0% by weight',
  );
  expect(note('gsp/games/arena', ...objects, aRole('a').weight(2), aRole('b'), waits('last', 'b'))).toBe(
    '; its turn comes after gsp/games/duel and 1 more: role a holds 12.5% by weight',
  );
});
