import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMain } from './run.test-helper.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = globSync('examples/scenarios/*.yaml', { cwd: ROOT }).sort();
const AGENT = '- agent: {id: A1, total: "cpus:2;mem:1024"}\n';
const FRAMEWORK = '- framework: {id: F1, roles: [role1]}\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proffer-simulate-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs bin/proffer simulate. */
async function simulate(args: readonly string[], input = '') {
  const child = spawn(join(ROOT, 'bin/proffer'), ['simulate', ...args], { cwd: ROOT });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.end(input);
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { out, err, code };
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

// Programs start slowly on a busy machine.
describe('bin/proffer simulate', { timeout: 120_000 }, () => {
  test('holds all that the examples expect', async () => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(9);
    const { code, out, err } = await simulate(EXAMPLES);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const example of EXAMPLES) {
      expect(out).toContain(`── ${example}\n`);
      expect(out).toMatch(new RegExp(`^${example}: \\d+ steps.* expectations? holds?\\.$`, 'm'));
    }
  });

  test('prints one line of JSON for each step', async () => {
    const scenario = await file('two.json', JSON.stringify({ steps: [{ pause: {} }, { resume: {} }] }));
    expect(await simulate([scenario, '-o', 'json'])).toEqual({
      code: 0,
      out:
        '{"step":1,"event":"pause","time":0,"offers":[],"inverseOffers":[],"rescinded":[],"shares":{}}\n' +
        '{"step":2,"event":"resume","time":0,"offers":[],"inverseOffers":[],"rescinded":[],"shares":{}}\n',
      err: '',
    });
    const { out } = await simulate([scenario, scenario, '-o', 'json']);
    expect(out.trim().split('\n')).toHaveLength(4);
    expect(JSON.parse(out.split('\n')[0]!)).toMatchObject({ file: scenario, step: 1 });
  });

  test('reads standard input', async () => {
    const { code, out } = await simulate(['-', '-o', 'json'], `steps:\n${AGENT}${FRAMEWORK}`);
    expect(code).toBe(0);
    expect(JSON.parse(out.split('\n')[1]!)).toEqual({
      step: 2,
      event: 'framework',
      time: 0,
      offers: [{ framework: 'F1', role: 'role1', agent: 'A1', resources: 'cpus:2;mem:1024' }],
      inverseOffers: [],
      rescinded: [],
      shares: { role1: 1 },
    });
  });

  test('writes a chart', async () => {
    const svg = join(folder, 'shares.svg');
    const { code } = await simulate(['examples/scenarios/drf-48-nodes.yaml', '--svg', svg]);
    expect(code).toBe(0);
    const chart = await readFile(svg, 'utf8');
    expect(chart).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    for (const words of ['time (s)', 'dominant share', '>job1</text>', '>job2</text>']) {
      expect(chart).toContain(words);
    }
  });

  test('ends with 1 and all differences when expectations do not hold, after running to the end', async () => {
    const wrong = '- expect: {offers: {F1: {role1: {A1: "cpus:1;mem:1024"}}}}\n';
    const path = await file('wrong.yaml', `steps:\n${AGENT}${FRAMEWORK}${wrong}- advance: {}\n${wrong}`);
    for (const format of ['json', 'table']) {
      const { code, out, err } = await simulate([path, '-o', format]);
      expect(code).toBe(1);
      expect(err).toBe(`proffer: ${path}:4: step 3, expect does not hold:
  different    offer to F1 as role1 on A1: expected cpus:1;mem:1024, found cpus:2;mem:1024 (cpus:1 too much)
${path}:6: step 5, expect does not hold:
  missing      offer to F1 as role1 on A1: cpus:1;mem:1024
`);
      if (format === 'json') expect(out.trim().split('\n')).toHaveLength(5);
      else expect(out).toContain('2 of 2 expectations did not hold.');
    }
  });

  test('ends with 2 when the input is wrong, whether reading or running finds it', async () => {
    const unknown = await file('unknown.yaml', `steps:\n${AGENT}- activate: {framework: F9}\n`);
    const run = await simulate([unknown, '-o', 'json']);
    expect([run.code, run.out.trim().split('\n').length]).toEqual([2, 1]);
    expect(run.err).toMatch(new RegExp(`^proffer: ${unknown}:3: step 2, activate\\.framework.*F9`));
    const bad = await file('bad.yaml', 'steps:\n- agent: {id: A1, total: cpus}\n');
    const read = await simulate([bad]);
    expect([read.code, read.out]).toEqual([2, '']);
    expect(read.err).toMatch(
      new RegExp(`^proffer: ${bad}:2: step 1, agent\\.total "cpus": not NAME:VALUE; write `),
    );
    // One that is wrong does not keep the others from being run.
    const both = await simulate([bad, join(folder, 'none.yaml'), EXAMPLES[0]!]);
    expect(both.code).toBe(2);
    expect(both.err).toMatch(/none\.yaml: cannot be read: ENOENT/);
    expect(both.out).toContain('expectations hold.');
  });

  test('is not disturbed by a reader that has seen enough', async () => {
    const child = spawn('sh', ['-c', 'bin/proffer simulate examples/scenarios/*.yaml | head -n 1'], {
      cwd: ROOT,
    });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([out, err]).toEqual([`── ${EXAMPLES[0]!}\n`, '']);
  });
});

describe('within the program', { timeout: 120_000 }, () => {
  const within = (argv: string[], progress?: (line: string) => void) =>
    runMain(['simulate', ...argv], { width: 80, ...(progress && { progress }) });

  test.each([
    [[], "missing required argument 'file'"],
    [['a', 'b', '--svg', 'c.svg'], '--svg takes one FILE, and there are 2'],
    [['-', '-'], '- can be given once'],
    [
      [EXAMPLES[0]!, '--limit', '0'],
      "option '--limit <rows>' argument '0' is invalid. It must be a whole number from 1 to 1000000",
    ],
    [[join(ROOT, EXAMPLES[0]!), '--svg', '/nowhere/a.svg'], '--svg /nowhere/a.svg cannot be written: ENOENT'],
  ])('%j is refused', async (argv, sentence) => {
    const { code, err } = await within(argv);
    expect(code).toBe(2);
    expect(err).toContain(`proffer: ${sentence}`);
  });

  test('a long run shows how far it is, and clears that before it prints', async () => {
    const long = `steps:\n${AGENT}${FRAMEWORK}- recoverAll: {}\n- advance: {intervals: 1000000}\n`;
    const path = await file('long.yaml', long);
    const seen: string[] = [];
    const stop = new Error('seen enough');
    const { err } = await within([path], (line) => {
      seen.push(line);
      if (seen.length === 2) throw stop;
    });
    expect(err).toContain(stop.message);
    expect(seen.slice(0, 2)).toEqual([
      expect.stringMatching(/long\.yaml: step 4 of 4, \d+ s$/),
      expect.stringMatching(/long\.yaml: step 4 of 4, \d+ s$/),
    ]);
    expect(seen.at(-1)).toBe('');
  });
});
