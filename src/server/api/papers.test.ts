import { connect, constants } from 'node:http2';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../lib/manual-clock.test-helper.ts';
import { start, user, WISH } from './allocation-api.test-helper.ts';
import type { AllocationApiOptions } from './allocation-api.ts';

describe('with a certificate', () => {
  /** Writes a certificate into a folder: of nobody, or signed by an authority in another one. */
  async function certify(folder: string, subject: string, authority?: string, name = 'tls'): Promise<void> {
    const [key, certificate] = ['key', 'crt'].map((end) => join(folder, `${name}.${end}`)) as [
      string,
      string,
    ];
    const signed = authority ? ['-CA', join(authority, 'ca.crt'), '-CAkey', join(authority, 'ca.key')] : [];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const what = [...curve, '-subj', subject, '-days', '1', ...signed, '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-nodes', ...what], { stdio: 'pipe' });
  }

  const folders = async (count: number): Promise<string[]> => {
    const made = await Promise.all(
      Array.from({ length: count }, () => mkdtemp(join(tmpdir(), 'allocation-tls-'))),
    );
    onTestFinished(async () => void (await Promise.all(made.map((one) => rm(one, { recursive: true })))));
    return made;
  };

  test('a caller is whom the certificate names that an authority for callers signed, by whichever replica', async () => {
    const [own, clients, strangers] = (await folders(3)) as [string, string, string];
    await certify(own, '/CN=proffer-allocation');
    await certify(clients, '/CN=callers', undefined, 'ca');
    await certify(strangers, '/CN=callers', undefined, 'ca');
    const asked: unknown[] = [];
    const clock = new ManualClock(0);
    const setting: Partial<AllocationApiOptions> = {
      tls: own,
      clientCa: clients,
      clock,
      reviews: {
        user: async (token) => (token === 'maker' ? user('maker') : undefined),
        may: async (who) => {
          asked.push(who);
          return who.name === 'maker';
        },
      },
    };
    const { api } = await start(setting);
    const { api: follower } = await start({
      ...setting,
      leads: () => false,
      leader: () => api.advertised,
    });
    const ask = async (
      url: string,
      subject: string | undefined,
      headers: Record<string, string> = {},
      authority = clients,
      allowH2 = false,
    ): Promise<number> => {
      if (subject !== undefined) await certify(strangers, subject, authority, 'caller');
      const [cert, key] = await Promise.all(
        ['crt', 'key'].map((end) => readFile(join(strangers, `caller.${end}`), 'utf8')),
      );
      const shown = subject === undefined ? {} : { cert: cert!, key: key! };
      const dispatcher = new Agent({ connect: { rejectUnauthorized: false, ...shown }, allowH2 });
      const answer = await request(`${url}/v1/allocate`, {
        method: 'POST',
        dispatcher,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(WISH),
      });
      await answer.body.dump();
      await dispatcher.destroy();
      return answer.statusCode;
    };
    const maker = '/O=studio/O=system:masters/O=live/CN=maker';
    for (const url of [api.url, follower.url]) {
      asked.length = 0;
      expect(await ask(url, maker)).toBe(200);
      expect(asked).toEqual([
        { name: 'maker', uid: '', groups: ['studio', 'live', 'system:authenticated'], extra: {} },
      ]);
      expect(await ask(url, maker, {}, clients, true)).toBe(200);
      expect(await ask(url, '/CN=other')).toBe(403);
      // A token comes first.
      expect(await ask(url, '/CN=other', { authorization: 'Bearer maker' })).toBe(200);
      expect(await ask(url, '/CN=maker', { authorization: 'Bearer nonsense' })).toBe(401);
      expect(await ask(url, undefined, { authorization: 'Bearer maker' })).toBe(200);
      expect(await ask(url, undefined)).toBe(401);
      expect(await ask(url, '/CN=maker', {}, strangers)).toBe(401);
      expect(await ask(url, '/CN=system:admin')).toBe(401);
      expect(await ask(url, '/O=studio')).toBe(401);
    }
    // Nobody but a replica is believed who somebody else is.
    const forged = { 'x-proffer-caller': encodeURIComponent(JSON.stringify(user('maker'))) };
    expect(await ask(api.url, '/CN=other', forged)).toBe(503);
    expect(await ask(api.url, undefined, forged)).toBe(503);
    expect(await ask(follower.url, '/CN=other', forged)).toBe(503);

    // Replicas take a new certificate one after the other; another authority counts without a restart.
    await certify(own, '/CN=renewed');
    await clock.advance(10_000);
    await expect.poll(async () => (await clock.advance(10_000), ask(follower.url, maker))).toBe(200);
    await certify(clients, '/CN=other callers', undefined, 'ca');
    await expect.poll(async () => (await clock.advance(10_000), ask(api.url, maker))).toBe(200);
    await writeFile(join(clients, 'ca.crt'), '');
    await clock.advance(20_000);
    expect(await ask(api.url, maker, {}, strangers)).toBe(401);
  });

  test.each([false, true])(
    'who is connected by an authority that is taken away has to show a certificate again (HTTP/2: %s)',
    async (allowH2) => {
      const [own, clients, before] = (await folders(3)) as [string, string, string];
      await certify(own, '/CN=proffer-allocation');
      await certify(clients, '/CN=callers', undefined, 'ca');
      await certify(before, '/CN=maker', clients, 'caller');
      const clock = new ManualClock(0);
      const silent = () => {};
      let renewals = 0;
      const log = { debug: silent, info: () => renewals++, warn: silent, error: silent };
      const { api } = await start({ tls: own, clientCa: clients, clock, log });
      const [cert, key] = await Promise.all(
        ['crt', 'key'].map((end) => readFile(join(before, `caller.${end}`), 'utf8')),
      );
      const dispatcher = new Agent({
        connect: { rejectUnauthorized: false, cert: cert!, key: key! },
        allowH2,
        connections: 1,
      });
      onTestFinished(() => dispatcher.destroy());
      let connections = 0;
      dispatcher.on('connect', () => connections++);
      const ask = async (): Promise<number> => {
        const answer = await request(`${api.url}/v1/sessions/s?namespace=games`, { dispatcher });
        await answer.body.dump();
        return answer.statusCode;
      };
      expect([await ask(), await ask(), connections]).toEqual([200, 200, 1]);

      // Another authority beside it leaves connections alone.
      const old = await readFile(join(clients, 'ca.crt'), 'utf8');
      await certify(before, '/CN=new callers', undefined, 'ca');
      const added = await readFile(join(before, 'ca.crt'), 'utf8');
      const renewed = async (authorities: string) => {
        await writeFile(join(clients, 'ca.crt'), authorities);
        const before = renewals;
        await expect.poll(async () => (await clock.advance(10_000), renewals)).toBeGreaterThan(before);
      };
      await renewed(`${old}${added}`);
      expect([await ask(), connections]).toEqual([200, 1]);

      await renewed(added);
      // The cut may reach a call that is under way.
      await expect.poll(() => ask().catch(() => 0)).toBe(401);
    },
  );

  test('a certificate that has expired counts no more on the connection that it began', async () => {
    const [own, clients, folder] = (await folders(3)) as [string, string, string];
    await certify(own, '/CN=proffer-allocation');
    await certify(clients, '/CN=callers', undefined, 'ca');
    await certify(folder, '/CN=maker', clients, 'caller');
    const clock = new ManualClock(Date.now());
    const { api } = await start({ tls: own, clientCa: clients, clock });
    const [cert, key] = await Promise.all(
      ['crt', 'key'].map((end) => readFile(join(folder, `caller.${end}`), 'utf8')),
    );
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false, cert: cert!, key: key! } });
    onTestFinished(() => dispatcher.destroy());
    const ask = async (): Promise<number> => {
      const answer = await request(`${api.url}/v1/sessions/s?namespace=games`, { dispatcher });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect(await ask()).toBe(200);
    await clock.advance(86_400_000);
    expect(await ask()).toBe(401);
  });

  test('authorities for callers must be some', async () => {
    const [own, clients] = (await folders(2)) as [string, string];
    await certify(own, '/CN=proffer-allocation');
    await expect(start({ tls: own, clientCa: clients })).rejects.toThrow(/--allocation-client-ca .*ca\.crt/);
    await writeFile(join(clients, 'ca.crt'), '');
    await expect(start({ tls: own, clientCa: clients })).rejects.toThrow(/holds no certificate/);
  });

  test('HTTP/1.1, HTTP/2 and other replicas are served, and a new certificate is taken without a restart', async () => {
    const [folder] = (await folders(1)) as [string];
    await certify(folder, '/CN=first');
    const clock = new ManualClock(0);
    const { api } = await start({ tls: folder, clock });
    const commonName = async (): Promise<string> => {
      const session = connect(api.url, { rejectUnauthorized: false });
      await new Promise((resolve) => session.once('connect', resolve));
      const { subject } = (
        session.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
      ).getPeerCertificate();
      const stream = session.request({
        ':path': '/v1/sessions/s?namespace=games',
        authorization: 'Bearer maker',
      });
      const status = await new Promise((resolve) => {
        stream.once('response', (headers) => resolve(headers[constants.HTTP2_HEADER_STATUS]));
      });
      expect(status).toBe(200);
      session.destroy();
      return subject.CN;
    };
    expect(await commonName()).toBe('first');

    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const headers = { authorization: 'Bearer maker', 'content-type': 'application/json' };
    const ask = async (url: string) =>
      (
        await request(`${url}/v1/allocate`, {
          method: 'POST',
          dispatcher,
          headers,
          body: JSON.stringify(WISH),
        })
      ).statusCode;
    expect(await ask(api.url)).toBe(200);
    const { api: follower } = await start({ tls: folder, leads: () => false, leader: () => api.advertised });
    expect(await ask(follower.url)).toBe(200);

    await writeFile(join(folder, 'tls.crt'), 'half a certificate');
    await clock.advance(10_000);
    expect(await commonName()).toBe('first');
    await certify(folder, '/CN=second');
    await clock.advance(10_000);
    await expect.poll(async () => (await clock.advance(10_000), commonName())).toBe('second');
    await dispatcher.destroy();
  });
});
