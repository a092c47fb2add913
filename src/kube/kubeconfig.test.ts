import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const config = (user: object, cluster: object = {}) =>
  JSON.stringify({
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'games' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
  });

describe('Kubeconfig', () => {
  test('reads certificates from the file itself and from files beside it', () => {
    file('ca.pem', 'CA');
    const path = file(
      'config',
      config(
        { 'client-certificate-data': Buffer.from('CERT').toString('base64'), 'client-key-data': 'S0VZ' },
        { 'certificate-authority': 'ca.pem' },
      ),
    );
    expect(loadAccess({ kubeconfig: path })).toEqual({
      server: 'https://127.0.0.1:6443',
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
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
      user: { exec: { command: './login', apiVersion: 'client.authentication.k8s.io/v1' } },
      auth: { kind: 'exec', plugin: { command: expect.stringMatching(/^\/.*\/login$/), args: [] } },
    },
  ])('reads the credentials of $user', ({ user, auth }) => {
    expect(loadAccess({ kubeconfig: file('config', config(user)) }).auth).toMatchObject(auth);
  });

  test('merges files: the first to set a name wins', () => {
    const one = file('one', JSON.stringify({ users: [{ name: 'u', user: { token: 'first' } }] }));
    const two = file('two', config({ token: 'second' }));
    const { auth } = loadAccess({}, { KUBECONFIG: `${one}:${two}` });
    expect(auth).toEqual({ kind: 'headers', headers: { authorization: 'Bearer first' } });
  });

  test.each([
    { name: 'a missing file', content: undefined, context: undefined, message: 'cannot be read' },
    { name: 'no YAML', content: '{', context: undefined, message: 'is not YAML' },
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
      name: 'an auth provider',
      content: config({ 'auth-provider': { name: 'oidc' } }),
      context: undefined,
      message: 'auth-provider "oidc" is not supported: use an exec plugin',
    },
    {
      name: 'a proxy',
      content: config({}, { 'proxy-url': 'http://p' }),
      context: undefined,
      message: 'proxy-url is not supported',
    },
  ])('refuses $name and says where', ({ content, context, message }) => {
    const path = content === undefined ? join(directory, 'none') : file('config', content);
    const read = () => Kubeconfig.read([path]).access(context);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
  });
});
