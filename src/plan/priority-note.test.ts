import { expect, test } from 'vitest';
import { aNode, aPool, aRole, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import { priorityNote } from './priority-note.ts';

const framework = (...objects: Buildable[]) =>
  aSnapshot()
    .with(aNode('n1'), ...objects)
    .priorityClass('high', 50)
    .build().frameworks[0]!;
const asks = (priority: number) => aPool('arena').priority(priority);

test('a priority that the role allows is nothing to speak of', () => {
  expect(priorityNote(framework(asks(7), aRole('games').field('maxPriority', 7)))).toBeUndefined();
  expect(priorityNote(framework(asks(-7)))).toBeUndefined();
});

test('a higher one counts as the bound of the role, below it too', () => {
  const arena = framework(asks(9), aRole('games').field('maxPriority', 7));
  expect(arena.priority).toBe(7);
  expect(priorityNote(arena)).toBe(
    'spec.priority 9 counts as 7, the maxPriority of OfferRole games: raise it there, or lower spec.priority',
  );
});

test('without a bound it counts as its PriorityClass', () => {
  const classed = framework(
    asks(90).specField('priorityClassName', 'high'),
    aRole('games').withoutPriority(),
  );
  expect(classed.priority).toBe(50);
  expect(priorityNote(classed)).toBe(
    'spec.priority 90 counts as 50, the value of its PriorityClass: name another class in the template, or have ' +
      'maxPriority in OfferRole games',
  );
  expect(priorityNote(framework(asks(90)))).toBe(
    'spec.priority 90 counts as 0, the value of its PriorityClass: name another class in the template, or have ' +
      'an OfferRole for games with maxPriority',
  );
});
