import { expect } from 'vitest';

/** A test with the hooks around it, ready to run as often as wanted. */
export interface CollectedTest {
  readonly name: string;
  /** Rejects if the test fails. */
  readonly run: () => Promise<void>;
}

type Body = (...args: unknown[]) => unknown;

/**
 * Stands in for vitest while test files are loaded, and collects their tests. It knows what the allocator's tests use
 * and no more: what it lacks is undefined there, which fails loudly. `expect` is the real one.
 */
export function collect(load: (vitest: object) => void): CollectedTest[] {
  const tests: CollectedTest[] = [];
  let path: readonly string[] = [];
  /** The hooks of each group around, the outermost first; a group may still get more. */
  let hooks: readonly Body[][] = [[]];

  const describe = (name: string, body: () => void): void => {
    const outer = { path, hooks };
    path = [...path, name];
    hooks = [...hooks, []];
    body();
    ({ path, hooks } = outer);
  };
  const one = (name: string, body: Body): void => {
    const before = hooks;
    const run = async (): Promise<void> => {
      for (const hook of before.flat()) await hook();
      await body();
    };
    tests.push({ name: [...path, name].join(' > '), run });
  };
  const each = (table: readonly unknown[]) => (name: string, body: Body) => {
    for (const row of table) one(name, () => body(...(Array.isArray(row) ? (row as unknown[]) : [row])));
  };
  const beforeEach = (hook: Body): void => {
    hooks.at(-1)!.push(hook);
  };

  load({ describe, test: Object.assign(one, { each }), beforeEach, expect });
  return tests;
}
