import { expect, test } from 'vitest';
import { Unreadable } from './unreadable.ts';

test('what of an object cannot be read is logged once, until it changes', () => {
  const lines: unknown[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    error: () => {},
    warn: (fields: object) => void lines.push(fields),
  };
  const counted: string[] = [];
  const unreadable = new Unreadable(log, {
    add: (...[, labels]) => void counted.push(...Object.values<string>(labels)),
  });
  const look = (...faults: string[]) => unreadable.look('nodes', { key: 'n', faults });
  look();
  look('a');
  look('a');
  look('b');
  look();
  look('b');
  expect(lines).toEqual(
    ['a', 'b', 'b'].map((fault) => ({ resource: 'nodes', object: 'n', faults: [fault] })),
  );
  expect(counted).toEqual(['nodes', 'nodes', 'nodes']);
});
