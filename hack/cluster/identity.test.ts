import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  formatIdentity,
  identityOf,
  isAlive,
  parseIdentity,
  startTicksOf,
  stateLetterOf,
} from './identity.ts';

const stat = (command: string): string =>
  `42 (${command}) S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 1 18446744073709551615`;

describe('reading /proc/PID/stat', () => {
  test.each(['sleep', 'a b', 'x) S 1 (y', ')'])('the command "%s" does not shift the fields', (command) => {
    expect(startTicksOf(stat(command))).toBe('987654');
    expect(stateLetterOf(stat(command))).toBe('S');
  });

  test('a text without a command has no start time', () => {
    expect(startTicksOf('')).toBeUndefined();
  });
});

describe('pid files', () => {
  const identity = { pid: 42, startTicks: '987654', bootId: '01234567-89ab-cdef-0123-456789abcdef' };

  test('are read back as written', () => {
    expect(parseIdentity(formatIdentity(identity))).toEqual(identity);
  });

  test('cut short anywhere name no process', () => {
    const text = formatIdentity(identity);
    for (let length = 0; length < text.length; length++)
      expect(parseIdentity(text.slice(0, length))).toBeUndefined();
  });
});

describe('isAlive', () => {
  test('is true of this process and false of another start, another boot', () => {
    const own = identityOf(process.pid);
    if (own === undefined) throw new Error('this process is not in /proc');
    expect(isAlive(own)).toBe(true);
    expect(isAlive({ ...own, startTicks: '1' })).toBe(false);
    expect(isAlive({ ...own, bootId: '00000000-0000-0000-0000-000000000000' })).toBe(false);
  });

  test('is false of a process that has ended', async () => {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    const identity = identityOf(child.pid ?? 0);
    if (identity === undefined) throw new Error('cat did not start');
    expect(isAlive(identity)).toBe(true);
    child.stdin.end();
    await once(child, 'close');
    expect(isAlive(identity)).toBe(false);
  });
});
