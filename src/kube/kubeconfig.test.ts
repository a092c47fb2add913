import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../lib/errors.ts';
import { loadAccess } from './access.ts';
import { Kubeconfig } from './kubeconfig.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = (name: string, content: string) => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};

const config = (user?: object, cluster: object = {}) =>
  JSON.stringify({
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'games' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443/', ...cluster } }],
    users: [{ name: 'u', user: user ?? {} }],
  });

describe('Kubeconfig', () => {
  test('reads certificates from the file itself and from files beside it', () => {
    file('ca.pem', 'CA');
    const path = file(
      'config',
      config(
        {
          'client-certificate': 'not-there.pem',
          'client-certificate-data': Buffer.from('CERT').toString('base64'),
          'client-key-data': 'S0VZ',
        },
        { 'certificate-authority': 'ca.pem', 'tls-server-name': 'k8s', 'insecure-skip-tls-verify': false },
      ),
    );
    expect(loadAccess({ kubeconfig: path })).toEqual({
      server: 'https://127.0.0.1:6443',
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'k8s' },
      auth: { kind: 'none' },
      namespace: 'games',
    });
  });

  test.each([
    { user: { token: 't' }, auth: { kind: 'headers', headers: { authorization: 'Bearer t' } } },
    {
      user: { username: 'a', password: 'b' },
      auth: { kind: 'headers', headers: { authorization: 'Basic YTpi' } },
    },
    {
      user: { tokenFile: 'token' },
      auth: { kind: 'tokenFile', path: expect.stringMatching(/^\/.*\/token$/) as string },
    },
    { user: undefined, auth: { kind: 'none' } },
  ])('reads the credentials of $user', ({ user, auth }) => {
    const access = loadAccess({ kubeconfig: file('config', config(user)) });
    expect(access.auth).toEqual(auth);
  });

  test('reads whom to act as, and what to go through', () => {
    const content = config({ as: 'nobody' }, { 'proxy-url': 'http://me:secret@p:3128' });
    const access = loadAccess({ kubeconfig: file('config', content) });
    expect(access).toMatchObject({
      auth: { kind: 'none' },
      impersonate: 'nobody',
      proxy: 'http://me:secret@p:3128',
    });
  });

  test('of a server without TLS, and a context without a user, it is content', () => {
    const content = JSON.stringify({
      'current-context': 'main',
      contexts: [{ name: 'main', context: { cluster: 'c' } }],
      clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:8001' } }],
    });
    const access = loadAccess({ kubeconfig: file('config', content) });
    expect(access).toMatchObject({ server: 'http://127.0.0.1:8001', namespace: 'default' });
  });

  test('merges files: the first to set a name wins', () => {
    const one = file('one', JSON.stringify({ users: [{ name: 'u', user: { token: 'first' } }] }));
    const two = file('two', config({ token: 'second' }));
    const { auth } = loadAccess({}, { KUBECONFIG: `${one}:${two}` });
    expect(auth).toEqual({ kind: 'headers', headers: { authorization: 'Bearer first' } });
  });

  test.each([
    ['beside the fault', 'users:\n- name: u\n  user:\n    token: s3cret\n   password: s3cret\n'],
    ['that begins as an alias does', 'users:\n- name: u\n  user:\n    password: *s3cret\n'],
  ])('shows no secret %s when it is not YAML', (_, content) => {
    const path = file('torn', content);
    const thrown = (): unknown => {
      try {
        return loadAccess({ kubeconfig: path });
      } catch (error) {
        return error;
      }
    };
    const error = thrown();
    expect(error).toMatchObject({
      code: 'PROFFER_CONFIG',
      message: expect.stringMatching(/is not YAML \(line \d/),
    });
    expect(inspect(error, { depth: 5 }), 'nor in its cause').not.toContain('s3cret');
  });

  test.each([
    { name: 'a missing file', content: undefined, context: undefined, message: 'cannot be read' },
    { name: 'no YAML', content: '{', context: undefined, message: 'is not YAML (line 1, column ' },
    {
      name: 'a server that is no URL',
      content: 'clusters: [{name: c, cluster: {server: 127.0.0.1:8001}}]',
      context: undefined,
      message: 'clusters.0.cluster.server: expected the http or https URL of an API server',
    },
    {
      name: 'a field of the wrong type',
      content: 'clusters: 3',
      context: undefined,
      message: 'is not a kubeconfig: clusters: expected array, received number',
    },
    {
      name: 'another file',
      content: 'once upon a time',
      context: undefined,
      message: 'is not a kubeconfig: the file: expected object, received string',
    },
    { name: 'no current context', content: '{}', context: undefined, message: 'current-context is not set' },
    {
      name: 'an unknown context',
      content: config({}),
      context: 'x',
      message: 'no context "x" (there is: main)',
    },
    {
      name: 'a proxy of another kind',
      content: config({}, { 'proxy-url': 'socks5://p' }),
      context: undefined,
      message: 'clusters.0.cluster.proxy-url: expected the URL of an http or https proxy',
    },
    {
      name: 'a certificate that is not there',
      content: config({}, { 'certificate-authority': 'none.pem' }),
      context: undefined,
      message: /^kubeconfig field certificate-authority: ENOENT: .*\/none\.pem/,
    },
  ])('refuses $name and says where', ({ content, context, message }) => {
    const path = content === undefined ? join(directory, 'none') : file('config', content);
    const read = () => Kubeconfig.read([path]).access(context);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });
});
