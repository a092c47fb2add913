import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A process that says what it hears of its signals and never ends by itself. */
const PROGRAM = `
  import { stopOnSignals } from ${JSON.stringify(join(import.meta.dirname, 'signals.ts'))};
  setInterval(() => undefined, 1000);
  stopOnSignals().addEventListener('abort', () => console.log('stopping'));
  console.log('running');
`;

test.each([
  ['SIGTERM', 'SIGTERM', 143],
  ['SIGINT', 'SIGTERM', 143],
  ['SIGTERM', 'SIGINT', 130],
] as const)('%s asks to stop, then %s ends the process at once', async (first, second, code) => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const hear = async () => String((await once(child.stdout, 'data'))[0]).trim();
  expect(await hear()).toBe('running');
  child.kill(first);
  expect(await hear()).toBe('stopping');
  const ended = once(child, 'exit');
  child.kill(second);
  expect(await ended).toEqual([code, null]);
});
