import { expect, test } from 'vitest';
import type { ClaimCommand } from '../plan/command.ts';
import { SentClaims } from './claim.ts';

const framework = { id: 'gsp/games/arena', kind: 'GameServerPool', key: 'games/arena' } as const;
const command = (fields: Partial<ClaimCommand> = {}): ClaimCommand => ({
  kind: 'claim',
  framework,
  namespace: 'games',
  name: 'save',
  uid: 'u',
  resourceVersion: '7',
  node: 'n1',
  volume: undefined,
  ...fields,
});

test('the same is said once, until the watch shows a newer state', () => {
  const sent = new SentClaims();
  expect(sent.send(command())).toBe(true);
  expect(sent.send(command())).toBe(false);
  expect(sent.send(command({ name: 'other' }))).toBe(true);
  expect(sent.send(command({ resourceVersion: '8' }))).toBe(true);
  expect(sent.send(command({ resourceVersion: '8', node: 'n2' }))).toBe(true);
  const volume = { name: 'v', resourceVersion: '3', kept: false };
  expect(sent.send(command({ resourceVersion: '8', node: 'n2', volume }))).toBe(true);
  expect(sent.send(command({ resourceVersion: '8', node: 'n2', volume }))).toBe(false);
});

test('what came to nothing is said again, but not for a state that is past', () => {
  const sent = new SentClaims();
  sent.send(command());
  sent.forget(command());
  expect(sent.send(command())).toBe(true);
  sent.send(command({ resourceVersion: '8' }));
  sent.forget(command());
  expect(sent.send(command({ resourceVersion: '8' }))).toBe(false);
});

test('a new leader says it anew', () => {
  const sent = new SentClaims();
  sent.send(command());
  sent.clear();
  expect(sent.send(command())).toBe(true);
});
