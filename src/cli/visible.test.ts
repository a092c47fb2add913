import { createServer, type Server } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { visible } from '../lib/visible.ts';
import { proffer, runMain } from './run.test-helper.ts';

/** Colours, an operating system command, a return, a delete, a C1 introducer and characters that reverse text. */
const HOSTILE = 'a\u001B[31m\u001B]0;t\u0007\r\u007F\u009B2J\u202Eb\u2066c';
const SHOWN = 'a\\u001b[31m\\u001b]0;t\\u0007\\u000d\\u007f\\u009b2J\\u202eb\\u2066c';
// oxlint-disable-next-line no-control-regex
const STEERS = /(?![\n\t])[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;

describe('visible', () => {
  test('writes out what a terminal obeys, and leaves the rest', () => {
    expect(visible(HOSTILE)).toBe(SHOWN);
    const plain = 'two\nlines\tof a table ├── █████░ Größe 日本 👾';
    expect(visible(plain)).toBe(plain);
  });

  test.each([0x00, 0x08, 0x0b, 0x0d, 0x1b, 0x1f, 0x7f, 0x80, 0x9f, 0x202a, 0x202e, 0x2066, 0x2069])(
    'writes out code point %i',
    (code) => {
      expect(visible(String.fromCharCode(code))).toBe(`\\u${code.toString(16).padStart(4, '0')}`);
    },
  );
});

describe('nothing that an operator or a file says steers the terminal', () => {
  let server: Server;
  let url: string;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proffer-visible-'));
    const nothing = {
      weight: 1,
      share: 0,
      weightedShare: 0,
      held: {},
      guarantee: {},
      limit: {},
      reserved: {},
      pending: 0,
      frameworkCount: { shown: 0, total: 0 },
      frameworks: [],
    };
    const roles = {
      total: { cpu: '1' },
      count: { shown: 1, total: 1 },
      roles: [{ name: HOSTILE, path: HOSTILE, problem: HOSTILE, ...nothing }],
    };
    server = createServer((request, response) => {
      const known = request.url!.startsWith('/debug/roles');
      response.writeHead(known ? 200 : 404).end(JSON.stringify(known ? roles : { message: HOSTILE }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  test('in a table', async () => {
    const { code, out } = await proffer('roles', '--url', url);
    expect({ code, steers: STEERS.test(out) }).toEqual({ code: 0, steers: false });
    expect(out).toContain(SHOWN);
  });

  test('in JSON, which still says the same', async () => {
    const { out } = await proffer('roles', '--url', url, '-o', 'json');
    expect(STEERS.test(out)).toBe(false);
    expect(JSON.parse(out)).toMatchObject({ roles: [{ name: HOSTILE }] });
  });

  test('in an error', async () => {
    const { err } = await proffer('offers', '--url', url);
    expect(err).toBe(`proffer: ${SHOWN}\n`);
  });

  test('in what a dump holds, or in how a file is called', async () => {
    const pod = { apiVersion: 'v1', kind: HOSTILE, metadata: { name: HOSTILE } };
    const file = join(folder, '\u001B[2J.yaml');
    await writeFile(file, stringify({ ...pod, items: [] }));
    const { out, err } = await proffer('explain', '-f', file);
    expect(STEERS.test(out + err)).toBe(false);
    expect(err).toContain('\\u001b[2J.yaml');
  });

  test('in the line of progress', async () => {
    const lines: string[] = [];
    const file = join(folder, '\u001B[31m.yaml');
    const agents = { agents: [{ name: 'a', resources: { cpu: 1 } }] };
    await writeFile(file, stringify(agents));
    await runMain(['simulate', file], { progress: (line) => void lines.push(line) });
    expect(lines.filter((line) => STEERS.test(line))).toEqual([]);
  });

  test('but --watch clears the terminal by our own sequence', async () => {
    const shown: string[] = [];
    const two = new Error('printed twice');
    const out = (text: string): void => {
      shown.push(text);
      // What ends --watch otherwise is a signal.
      if (shown.length === 4) throw two;
    };
    const clear = () => void shown.push('<clear>');
    const { err } = await runMain(['roles', '--watch', '--url', url], { out, clear, terminal: true });
    expect(err).toContain(two.message);
    expect(shown.map((text) => text === '<clear>')).toEqual([true, false, true, false]);
  });
});
