import { expect, test } from 'vitest';
import { Turnstile } from './turnstile.ts';

/** Work that ends when it is told to. */
function works(turnstile: Turnstile) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (name: string, key: string) =>
    turnstile.pass(key, () => {
      begun.push(name);
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      ends.set(name, () => (name.startsWith('bad') ? reject(new Error(name)) : resolve(name)));
      return promise;
    });
  return { begun, start, end: (name: string) => ends.get(name)!() };
}

test('two of a key are through at a time, the others in the order in which they came', async () => {
  const { begun, start, end } = works(new Turnstile(2));
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => start(name, 'x'));
  expect(begun).toEqual(['a', 'b']);
  end('b');
  expect(await b).toBe('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  end('a');
  end('c');
  expect([await a, await c]).toEqual(['a', 'c']);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  end('d');
  await d;
});

test('one key keeps nobody of another waiting', () => {
  const { begun, start } = works(new Turnstile(1));
  for (const name of ['a', 'b', 'c']) void start(name, 'x');
  void start('other', 'y');
  expect(begun).toEqual(['a', 'other']);
});

test('work that fails gives its turn on', async () => {
  const { begun, start, end } = works(new Turnstile(1));
  const bad = start('bad', 'x');
  const good = start('good', 'x');
  end('bad');
  await expect(bad).rejects.toThrow('bad');
  expect(begun).toEqual(['bad', 'good']);
  end('good');
  expect(await good).toBe('good');
});
