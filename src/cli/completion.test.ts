import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proffer } from './run.test-helper.ts';

const missing = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).error !== undefined;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-completion-'));
  writeFileSync(join(folder, 'my dump.yaml'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The file that completion prints for a shell. */
async function scriptFor(shell: string): Promise<string> {
  const { code, out } = await proffer('completion', shell);
  expect(code).toBe(0);
  const file = join(folder, shell);
  writeFileSync(file, out);
  return file;
}

const COMMANDS =
  'allocate completion explain get help logs matrix offers operator release replay roles rollout servers simulate version';

/** What stands before the cursor, and all that is offered there. */
const OFFERED: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['proffer', ''], COMMANDS.split(' ')],
  [['proffer', 'role'], ['roles']],
  [['proffer', 'roles', '--out'], ['--output']],
  [
    ['proffer', 'roles', '-o', ''],
    ['json', 'table'],
  ],
  [['proffer', 'operator', '--log-level', 'tr'], ['trace']],
  [
    ['proffer', 'completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [['proffer', 'explain', '-f', 'my'], ['my dump.yaml']],
  [['proffer', 'replay', 'my'], ['my dump.yaml']],
  [['proffer', 'roles', '--limit', ''], []],
];

describe.skipIf(missing('bash'))('in bash', () => {
  test.each(OFFERED)('after %j comes %j', async (words, offered) => {
    const list = words.map((word) => `'${word}'`).join(' ');
    const script = `source "$1"; COMP_WORDS=(${list}) COMP_CWORD=${words.length - 1}; _proffer; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const args = ['--norc', '-c', script, 'bash', await scriptFor('bash')];
    const printed = execFileSync('bash', args, { cwd: folder, encoding: 'utf8' });
    expect(printed.split('\n').filter(Boolean).sort()).toEqual(offered);
  });
});

describe.skipIf(missing('fish'))('in fish', () => {
  test.each(OFFERED)('after %j comes %j', async (words, offered) => {
    const script = `source ${await scriptFor('fish')}; complete -C ${JSON.stringify(words.join(' '))}`;
    const printed = execFileSync('fish', ['--no-config', '-c', script], { cwd: folder, encoding: 'utf8' });
    const found = printed.split('\n').filter(Boolean);
    expect(found.map((line) => line.split('\t')[0]!).sort()).toEqual(offered);
  });
});

describe.skipIf(missing('zsh'))('in zsh', () => {
  test('the script is one that zsh reads', async () => {
    execFileSync('zsh', ['-f', '-n', await scriptFor('zsh')]);
  });
});
