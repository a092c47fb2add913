import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runMain } from './run.test-helper.ts';
import { openSource } from './source.ts';
import type { Source } from './leader-source.ts';

/**
 * A kubectl that notes how it was called and who it is. It opens no port: it names that of a listener of the test. What
 * it says when it fails is what kubectl 1.37 says.
 */
const kubectl = (): string => `#!/bin/sh
echo "$$ $*" >> ${folder}/calls
case "$*" in
  *pod/gone*) echo 'Error from server (NotFound): pods "gone" not found' >&2; exit 1 ;;
  *pod/shut*) echo 'error: error upgrading connection: pods "shut" is forbidden: User "u" cannot create resource "pods/portforward"' >&2; exit 1 ;;
  *pod/pending*) echo 'error: unable to forward port because pod is not running. Current status=Pending' >&2; exit 1 ;;
  *pod/dead*) echo 'lost connection to pod' >&2; echo "Forwarding from 127.0.0.1:2 -> 8082" ;;
  *) echo "Forwarding from 127.0.0.1:${portOf(debug)} -> 8082" ;;
esac
exec sleep 1000
`;

let folder: string;
let kubeconfig: string;
let apiServer: Server;
let debug: Server;
let holder = '';
const asked: string[] = [];

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listening = async (server: Server): Promise<Server> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proffer-leader-'));
  apiServer = await listening(
    createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ kind: 'Lease', spec: { holderIdentity: holder } }));
    }),
  );
  debug = await listening(
    createServer((request, response) => {
      asked.push(request.url!);
      response.end(JSON.stringify({ at: 'now', total: {}, count: { shown: 0, total: 0 }, roles: [] }));
    }),
  );
  kubeconfig = join(folder, 'config');
  const server = `http://127.0.0.1:${portOf(apiServer)}`;
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster: { server } }],
      users: [{ name: 'u', user: {} }],
    }),
  );
  await writeFile(join(folder, 'kubectl'), kubectl());
  await chmod(join(folder, 'kubectl'), 0o755);
});
afterAll(async () => {
  apiServer.close();
  debug.close();
  debug.closeAllConnections();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  asked.length = 0;
  holder = 'proffer-0';
  await writeFile(join(folder, 'calls'), '');
});

const withKubectl = (): Record<string, string> => ({ PATH: `${folder}:/usr/bin:/bin` });

interface Call {
  readonly pid: number;
  readonly line: string;
}
/** How kubectl was called, the first call first. */
const calls = async (): Promise<Call[]> => {
  const text = await readFile(join(folder, 'calls'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ pid: Number(line.split(' ')[0]), line: line.slice(line.indexOf(' ') + 1) }));
};
/** Whether a process runs; one that has ended may stand in the list until somebody asks how. */
const runs = ({ pid }: Call): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('a command that reads the leader', () => {
  const roles = (env: Record<string, string> = withKubectl()) =>
    runMain(['roles', '--kubeconfig', kubeconfig, '--context', 'c', '-n', 'ops'], { env });

  test('has kubectl forward a port to its Pod, and ends it after that', async () => {
    const { code, out, err } = await roles();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^There are no roles/);
    expect(asked).toEqual(['/debug/roles?limit=50']);
    const [call, ...more] = await calls();
    expect(more).toEqual([]);
    expect(call!.line).toBe(
      `port-forward --kubeconfig=${kubeconfig} --context=c --namespace=ops --address=127.0.0.1 pod/proffer-0 :8082`,
    );
    expect(runs(call!)).toBe(false);
  });

  test.each([
    ['gone', /^the Lease names gone as the leader, and there is no such Pod in namespace ops: .*--url$/],
    [
      'shut',
      /^you may not read the operator: it takes the rights to get pods and to create pods\/portforward .*"u"/,
    ],
    ['pending', /^kubectl cannot forward a port to the leader pending: .*Current status=Pending$/],
    ['dead', /^the leader dead does not answer on its port 8082: .*\(kubectl: lost connection to pod\)$/],
    ['', /^no replica of the operator leads: see why with kubectl -n ops get pods/],
  ])('says why the leader "%s" cannot be read', async (name, sentence) => {
    holder = name;
    const { code, out, err } = await roles();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.trim().replace(/^proffer: /, '')).toMatch(sentence);
    expect((await calls()).filter(runs)).toEqual([]);
  });

  test('says what to do without kubectl', async () => {
    const { code, err } = await roles({ PATH: '/nowhere' });
    expect({ code, err }).toEqual({
      code: 1,
      err:
        'proffer: there is no kubectl on the PATH, and reading the leader takes kubectl port-forward: install kubectl, ' +
        'or forward port 8082 of Pod proffer-0 yourself and give --url\n',
    });
  });

  test('takes kubectl with it when a signal ends it', async () => {
    const script = join(import.meta.dirname, '../cli.ts');
    const words = [script, 'roles', '--watch', '--kubeconfig', kubeconfig];
    const child = spawn(process.execPath, words, {
      env: withKubectl(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const [call] = await calls();
    expect(runs(call!)).toBe(true);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    await expect.poll(() => runs(call!)).toBe(false);
  });
});

describe('a source that is read again and again', () => {
  let source: Source;
  beforeEach(() => {
    source = openSource({ kubeconfig, namespace: 'proffer-system' }, withKubectl());
  });
  afterEach(() => source.close());
  const read = () => source.read('/debug/roles', new URLSearchParams());

  test('keeps its port open, and opens another when somebody else leads', async () => {
    await read();
    await read();
    expect((await calls()).map(runs)).toEqual([true]);
    holder = 'proffer-1';
    await read();
    await read();
    const [first, second, ...more] = await calls();
    expect([first, second].map((call) => runs(call!))).toEqual([false, true]);
    expect(second!.line).toContain('pod/proffer-1');
    expect(more).toEqual([]);
  });

  test('opens another when kubectl has ended', async () => {
    await read();
    const [first] = await calls();
    process.kill(first!.pid, 'SIGKILL');
    const opened = async (): Promise<number> => {
      await read();
      return (await calls()).length;
    };
    await expect.poll(opened).toBe(2);
  });
});
