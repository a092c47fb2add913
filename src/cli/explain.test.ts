import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { aGroup, aJob, aNode, aPod, aPool, NOW, type Buildable } from '../../test/builders/index.ts';
import { list, manifest } from '../dump/cluster.test-helper.ts';
import { proffer } from './run.test-helper.ts';

const DUMPS = join(import.meta.dirname, '../../examples/dumps');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proffer-explain-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function file(content: unknown): Promise<string> {
  const path = join(folder, `${++files}.yaml`);
  await writeFile(path, typeof content === 'string' ? content : stringify(content));
  return path;
}
const dump = (...objects: readonly Buildable[]) => file(list(...objects));

interface Entry {
  readonly pod: string;
  readonly fits: readonly string[];
}
/** Runs explain for its JSON. */
async function entries(...argv: string[]): Promise<readonly Entry[]> {
  const { code, out, err } = await proffer('explain', ...argv, '-o', 'json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Entry[];
}

describe('golden text, of dumps that kubectl wrote', () => {
  test.each([
    ['explain.txt', ['explain', '-f', 'waiting.yaml']],
    ['explain-limited.txt', ['explain', 'tj/learn', '-n', 'training', '-f', 'waiting.yaml', '--limit', '2']],
    ['explain-running.txt', ['explain', 'pod/studio/web', '-f', 'waiting.yaml']],
    ['explain-added.txt', ['explain', '-f', 'waiting.yaml', '--pod', 'new.yaml']],
    ['replay.txt', ['replay', 'operator-away.yaml']],
  ])('%s', async (golden, words) => {
    const { code, out, err } = await proffer(
      ...words.map((word) => (word.endsWith('.yaml') ? join(DUMPS, word) : word)),
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    await expect(out.replace(/ took [\d.]+ ms/, ' took 1.0 ms')).toMatchFileSnapshot(`golden/${golden}`);
  });

  test('explain.json', async () => {
    const { out } = await proffer('explain', '-f', join(DUMPS, 'waiting.yaml'), '-o', 'json');
    await expect(`${JSON.stringify(JSON.parse(out), undefined, 1)}\n`).toMatchFileSnapshot(
      'golden/explain.json',
    );
  });
});

test('docs/explain.md quotes what the commands print', async () => {
  const page = await readFile(join(DUMPS, '../../docs/explain.md'), 'utf8');
  const waiting = join(DUMPS, 'waiting.yaml');
  const running = await proffer('explain', 'pod/studio/web', '-f', waiting);
  const added = await proffer('explain', '-f', waiting, '--pod', join(DUMPS, 'new.yaml'));
  expect(page).toContain(running.out);
  expect(page).toContain(added.out);
});

describe('explain', () => {
  test('puts several files together, and tells what in them is not read', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
    const nodes = await file(
      [aNode('n1'), aNode('n2')].map((n) => `---\n${stringify(manifest(n))}`).join(''),
    );
    const pods = await file({ apiVersion: 'v1', kind: 'List', items: [secret, manifest(aPod('a'))] });
    const { code, out, err } = await proffer('explain', '-f', nodes, '-f', pods, '-o', 'json');
    expect({ code, err }).toEqual({ code: 0, err: `proffer: ${pods}: ignored what is not read: 1 Secret\n` });
    expect(JSON.parse(out)).toMatchObject([{ pod: 'default/a', waiting: true, fits: ['n1', 'n2'] }]);
  });

  test('prints an empty array, or a sentence, when nothing waits', async () => {
    const calm = await dump(aNode('n1'));
    expect(await entries('-f', calm)).toEqual([]);
    expect((await proffer('explain', '-f', calm)).out).toMatch(/^No task waits/);
  });

  test('answers "what if I add this", with a namespace for what names none', async () => {
    const cluster = await dump(aNode('n1').cpu('2'), aPod('large').cpu('9'));
    const added = await file(
      `${stringify({ ...manifest(aPod('b').cpu('1')), metadata: { name: 'b' } })}---\n${stringify(manifest(aPool('arena').replicas(2).cpu('3')))}`,
    );
    expect(await entries('-f', cluster, '--pod', added, '-n', 'ops')).toMatchObject([
      { pod: 'games/arena-0', fits: [] },
      { pod: 'games/arena-1', fits: [] },
      { pod: 'ops/b', fits: ['n1'] },
    ]);
  });

  test('takes the time of the dump for now, or that of --now', async () => {
    const pool = aPool('arena').replicas(1);
    const failed = aPod('arena-0').ofPool(pool, 0).on('n1').failures(9).exited(1, 0, 1);
    const cluster = await dump(aNode('n1'), pool, failed);
    expect((await proffer('explain', '-f', cluster)).out).toContain('BackOff');
    const { out } = await proffer('explain', '-f', cluster, '--now', '2026-01-02T00:00:00Z');
    expect(out).toContain('games/arena-0');
    expect(out).not.toContain('BackOff');
  });

  test('counts the host ports that it is told of', async () => {
    const cluster = await dump(aNode('n1'), aPool('arena').replicas(1).port('a', 1).port('b', 2));
    expect(await entries('-f', cluster)).toMatchObject([{ fits: ['n1'] }]);
    expect(await entries('-f', cluster, '--host-ports', '7000-7000')).toMatchObject([{ fits: [] }]);
  });
});

describe('explain and replay read what people have', () => {
  const bare = (kind: string, name: string, spec?: object) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name },
    ...(spec && { spec }),
  });
  const containers = [{ name: 'c', image: 'x', resources: { requests: { cpu: '1' } } }];

  test('a dump without any time: now is then now', async () => {
    const timeless = await file(bare('Node', 'n'));
    const { code, out, err } = await proffer('replay', timeless);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(Date.now() - Date.parse(/^One cycle at (\S+):/.exec(out)![1]!)).toBeLessThan(60_000);
  });

  test('a node without a Ready condition, which is no time since 1970', async () => {
    const lists = await file({ ...list(), items: [bare('Node', 'n'), bare('Pod', 'p', { containers })] });
    const { out } = await proffer('explain', '-f', lists);
    expect(out).toContain('node(s) were unfit (its status has no Ready condition)');
    expect(out).not.toMatch(/for \d+ s/);
    const since = { type: 'Ready', status: 'False', lastTransitionTime: null };
    const never = await file({
      ...list(),
      items: [{ ...bare('Node', 'n'), status: { conditions: [since] } }, bare('Pod', 'p', { containers })],
    });
    expect((await proffer('explain', '-f', never)).out).toContain('node(s) were unfit (not ready)');
  });

  test('a folder, and folders in it, whose other files do not count', async () => {
    const dumps = await mkdtemp(join(folder, 'dumps-'));
    await mkdir(join(dumps, 'games.d'));
    await writeFile(
      join(dumps, 'nodes.json'),
      JSON.stringify({ kind: 'NodeList', apiVersion: 'v1', items: [manifest(aNode('n1'))] }),
    );
    await writeFile(join(dumps, 'games.d', 'pods.yml'), stringify(list(aPod('a'))));
    await writeFile(join(dumps, 'games.d', 'empty.yaml'), '');
    await writeFile(join(dumps, 'logs.txt'), 'no object');
    expect(await entries('-f', dumps)).toMatchObject([{ pod: 'default/a', fits: ['n1'] }]);
    const { err } = await proffer(
      'explain',
      '-f',
      join(dumps, 'games.d'),
      '-f',
      await mkdtemp(join(folder, 'none-')),
    );
    expect(err).toMatch(/none-\w+: there is nothing in it\n$/);
  });

  test.each([
    ['Deployment', { template: { metadata: { labels: { app: 'x' } }, spec: { containers } } }],
    ['CronJob', { jobTemplate: { spec: { template: { spec: { containers } } } } }],
  ])('what has a Pod template, such as a %s, as its next Pod', async (kind, spec) => {
    const cluster = await dump(aNode('n1').cpu('2'), aPod('web').on('n1').cpu('1'));
    const added = await file({ ...bare(kind, 'web', spec), apiVersion: 'apps/v1' });
    expect(await entries('-f', cluster, '--pod', added)).toMatchObject([
      { pod: 'default/web-next', fits: ['n1'] },
    ]);
    // In a dump its Pods are there themselves.
    const { err } = await proffer('replay', added);
    expect(err).toContain(`ignored what is not read: 1 ${kind}`);
  });

  test('every name that it prints is a target', async () => {
    const pool = aPool('arena').replicas(2).cpu('9');
    const calm = aPool('lobby').replicas(1).cpu('1');
    const cluster = await dump(
      aNode('n1').cpu('2'),
      pool,
      calm,
      aPod('lobby-0').ofPool(calm, 0).on('n1').cpu('1').ready(),
      aPod('build').namespace('w138').cpu('9'),
    );
    for (const [target, heading] of [
      ['w138/build', 'w138/build: waits for a node.'],
      ['pod/w138/build', 'w138/build: waits for a node.'],
      ['games/arena-1', 'games/arena-0, games/arena-1 of gsp/games/arena: wait for a node.'],
      ['gsp/games/lobby', 'gsp/games/lobby: lacks nothing; one more task.'],
      ['games/lobby-0', 'games/lobby-0 of gsp/games/lobby: is on n1; as if it were not there.'],
    ]) {
      const { out, err } = await proffer('explain', target!, '-f', cluster);
      expect({ heading: out.split('\n')[0], err }).toEqual({ heading, err: '' });
    }
    const { err } = await proffer('explain', 'arena', '-n', 'games', '-f', cluster);
    expect(err).toContain('there is no Pod "arena" in namespace games; there is gsp/games/arena');
  });

  test('a target that is also given with --pod is explained once', async () => {
    const cluster = await dump(aNode('n1'), aPod('a'));
    expect(await entries('default/a', '-f', cluster, '--pod', await dump(aPod('a')))).toHaveLength(1);
  });

  test('the end of a back-off is told, whatever comes before it', async () => {
    const pool = aPool('arena').replicas(1).recovery({ maxBackoffSeconds: 600 });
    const failed = aPod('arena-0').ofPool(pool, 0).on('n1').failures(9).exited(1, 0, 1);
    // One failure is remembered of the node, and for less time than the ninth back-off takes.
    const { out } = await proffer('explain', '-f', await dump(aNode('n1'), pool, failed));
    const [, told = ''] = /next try at (\S+Z)/.exec(out) ?? [];
    expect(Date.parse(told) - NOW).toBeGreaterThan(60_000);
  });

  test('a pool that backs off says until when and why, and what the API server refused is shown', async () => {
    const pool = aPool('arena').replicas(1);
    const failed = aPod('arena-0').ofPool(pool, 0).on('n1').failures(9).exited(1, 0, 1);
    const message = 'the API server refused a Pod: exceeded quota: pods=1';
    const refused = {
      type: 'Placed',
      status: 'False',
      reason: 'PodRefused',
      message,
      lastTransitionTime: '',
    };
    const cluster = await dump(
      aNode('n1'),
      pool,
      failed,
      aPool('lobby')
        .replicas(1)
        .status({ conditions: [refused] }),
    );
    const { out } = await proffer('explain', '-f', cluster);
    expect(out).toMatch(
      /^gsp\/games\/arena: backs off; one more task\.\nBackOff: .*: arena-0 crashed \(exit 1\) on n1; next try at 20\S+Z/,
    );
    expect(out).toContain(`PodRefused: its status says: ${message}`);
    expect(out).not.toContain('lacks nothing');
  });

  test('a job that is suspended is said to be so', async () => {
    const conditions = [
      { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: '', lastTransitionTime: '' },
    ];
    const job = aJob('learn')
      .group(aGroup('w'))
      .field('suspend', true)
      .status({ phase: 'Suspended', conditions });
    const { out } = await proffer('explain', 'tj/training/learn', '-f', await dump(aNode('n1'), job));
    expect(out).toMatch(/^tj\/training\/learn: is suspended; one more task\.\n/);
  });
});

describe('what cannot be used ends with 2 and a sentence', () => {
  const refused = async (...argv: string[]) => {
    const { code, out, err } = await proffer(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    return err.split('\n')[0];
  };

  test.each([
    [
      ['explain', 'a//b'],
      "command-argument value 'a//b' is invalid for argument 'target'. It must be POD, NAMESPACE/POD,",
    ],
    [['explain', 'gsp/', '-f', 'x'], "command-argument value 'gsp/' is invalid"],
    [
      ['explain', '-f', 'x', '--now', 'noon'],
      "option '--now <time>' argument 'noon' is invalid. It must be a time such as 2026-11-25T06:00:00Z.",
    ],
    [
      ['explain', '-f', 'x', '--host-ports', '9-1'],
      "option '--host-ports <first-last>' argument '9-1' is invalid. It must be FIRST-LAST",
    ],
    [['explain', '-f', '-', '--pod', '-'], '- can be given once'],
    [['explain', '-f', '/nowhere/x'], '/nowhere/x: cannot be read: ENOENT'],
    [['replay'], "missing required argument 'file'"],
    [['replay', '-', '-'], '- can be given once'],
    [['replay', '/nowhere/x'], '/nowhere/x: cannot be read: ENOENT'],
  ])('%j: %s', async (argv, message) => {
    expect(await refused(...argv)).toContain(`proffer: ${message}`);
  });

  test('a file that is no dump', async () => {
    const empty = await file('# nothing\n');
    expect(await refused('explain', '-f', empty)).toBe(`proffer: ${empty}: there is nothing in it`);
    const config = await file('a: 1\n');
    expect(await refused('replay', config)).toContain(`${config}: kind is missing`);
  });

  test('an object that cannot be read in full is told of, and counts as far as it can', async () => {
    const broken = await dump(aNode('n1').cpu('lots'));
    const { code, err } = await proffer('replay', broken);
    expect(code).toBe(0);
    expect(err).toContain(`${broken}, item 1, Node n1: status.allocatable.cpu: "lots" is not a quantity`);
  });

  test('a manifest that is nothing to explain', async () => {
    const cluster = await dump(aNode('n1'));
    expect(await refused('explain', '-f', cluster, '--pod', cluster)).toBe(
      `proffer: ${cluster}: has no Pod, and nothing that makes Pods, to explain`,
    );
  });
});
