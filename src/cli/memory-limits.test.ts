import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { memoryFlags } from './memory-limits.ts';

const MIB = 2 ** 20;

describe('the flags for memory', () => {
  test('leave a quarter of the limit to what is not old objects', () => {
    expect(memoryFlags(512 * MIB, [])).toEqual(['--max-semi-space-size=8', '--max-old-space-size=384']);
  });

  test('say nothing of old objects where there is no limit', () => {
    expect(memoryFlags(undefined, [])).toEqual(['--max-semi-space-size=8']);
  });

  test.each([
    ['--max-old-space-size=700', ['--max-semi-space-size=8']],
    ['--max_old_space_size=700', ['--max-semi-space-size=8']],
    ['--max-old-space-size-percentage=50', ['--max-semi-space-size=8']],
    ['--max-semi-space-size=16', ['--max-old-space-size=384']],
  ])('leave what is given as it is: %s', (given, flags) => {
    expect(memoryFlags(512 * MIB, ['--expose-gc', given])).toEqual(flags);
  });

  test('are all given in a process that was started with them', () => {
    expect(memoryFlags(512 * MIB, memoryFlags(512 * MIB, []))).toEqual([]);
  });
});

test('a process that lacks them is started anew in its own place', () => {
  const program = `
    const { limitMemory } = await import('${import.meta.resolve('./memory-limits.ts')}');
    limitMemory();
    console.log(JSON.stringify([process.pid, process.execArgv[0], process.env.MALLOC_ARENA_MAX, process.argv[1]]));`;
  const flags = ['--expose-gc', '--input-type=module', '--eval', program, 'operator'];
  const { pid, stdout } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual([pid, '--expose-gc', '1', 'operator']);
});
