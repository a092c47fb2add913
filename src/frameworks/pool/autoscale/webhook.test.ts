import { describe, expect, test } from 'vitest';
import { aPool } from '../../../../test/builders/index.ts';
import { poolAutoscale, type WebhookPolicy } from '../../../api/pool/autoscale.ts';
import { poolFacts } from '../facts.ts';
import { scalesItself } from './pool.ts';
import { readReview, reviewOf } from './review.ts';
import { COMING, type Server } from './server.ts';
import { targetOf } from './target.ts';

const webhook = (fields: object): WebhookPolicy =>
  poolAutoscale.parse({ maxReplicas: 1, webhook: fields }).webhook!;

const SERVICES: Readonly<Record<string, string | undefined>> = {
  'games/scaler': '10.96.0.7',
  'games/six': 'fd00::7',
  'games/external': undefined,
};
const addressOf = (key: string) => (key in SERVICES ? { clusterIP: SERVICES[key] } : undefined);
const called = (fields: object, origins: string[] = []) =>
  targetOf(webhook(fields), 'games', addressOf, origins);

describe('a webhook is called', () => {
  test.each<[what: string, fields: object, target: object]>([
    [
      'by the address of its Service',
      { service: { name: 'scaler' } },
      { origin: 'http://10.96.0.7:8000', path: '/', host: 'scaler.games.svc' },
    ],
    [
      'by https with certificates',
      { service: { name: 'six', port: 443, path: '/scale' }, caBundle: btoa('PEM') },
      { origin: 'https://[fd00::7]:443', path: '/scale', host: 'six.games.svc', ca: 'PEM' },
    ],
    [
      'not at all without a Service',
      { service: { name: 'none' } },
      { refusal: 'the Service none does not exist' },
    ],
    [
      'not at all where a Service has no address',
      { service: { name: 'external' } },
      { refusal: 'the Service external has no address of its own (clusterIP)' },
    ],
  ])('%s', (_, fields, target) => {
    expect(called(fields)).toEqual(target);
  });

  test('by an address that was allowed, and no other', () => {
    const origins = ['https://scaler.example.com'];
    expect(called({ url: 'https://scaler.example.com/a?b=c' }, origins)).toEqual({
      origin: 'https://scaler.example.com',
      path: '/a?b=c',
    });
    const others = [
      'http://scaler.example.com/',
      'https://scaler.example.com:8443/',
      'https://scaler.example.com.evil.example/',
      'https://scaler.example.com@evil.example/',
      'https://evil.example/https://scaler.example.com',
      'file:///etc/passwd',
      'nonsense',
    ];
    for (const url of others) expect(called({ url }, origins)).toHaveProperty('refusal');
    expect(called({ url: 'https://scaler.example.com/' })).toHaveProperty('refusal');
  });
});

describe('a review', () => {
  test('is what Agones sends for a Fleet', () => {
    const pool = poolFacts(
      aPool('arena')
        .replicas(5)
        .field('autoscale', { maxReplicas: 9, webhook: { url: 'https://a' } })
        .build(),
    );
    if (!scalesItself(pool)) throw new Error('it does not scale itself');
    const idle: Server = { ...COMING, ready: true };
    const players = (count: number) => ({ counters: { players: { count, capacity: 8 } } });
    const servers = [
      COMING,
      idle,
      { ...idle, ...players(1) },
      { ...idle, held: true, session: 'Reserved' },
      { ...idle, held: true, session: 'Allocated', ...players(5) },
    ];
    expect(reviewOf(pool, servers, 'u-1')).toEqual({
      request: {
        uid: 'u-1',
        name: 'arena',
        namespace: 'games',
        status: {
          replicas: 5,
          readyReplicas: 2,
          reservedReplicas: 1,
          allocatedReplicas: 1,
          counters: { players: { count: 6, capacity: 16, allocatedCount: 5, allocatedCapacity: 8 } },
        },
      },
      response: null,
    });
  });

  test.each<[answer: unknown, read: object]>([
    [{ response: { uid: 'u', scale: true, replicas: 7 } }, { replicas: 7 }],
    [{ response: { uid: 'u', scale: true, replicas: 0 } }, { replicas: 0 }],
    [{ response: { uid: 'u', scale: false } }, { replicas: undefined }],
    [{ response: { uid: 'u', scale: false, replicas: 'x' } }, { replicas: undefined }],
    [
      { response: { uid: 'v', scale: true, replicas: 7 } },
      { failure: expect.stringContaining('uid') as string },
    ],
    [{ response: { uid: 'u', replicas: 7 } }, { failure: expect.stringContaining('scale') as string }],
    ...[undefined, null, '7', 7.5, -1, Infinity, 2 ** 60].map((replicas): [unknown, object] => [
      { response: { uid: 'u', scale: true, replicas } },
      { failure: expect.stringContaining('replicas') as string },
    ]),
    ...[null, 7, 'text', [], {}, { response: null }, { response: 7 }].map((answer): [unknown, object] => [
      answer,
      { failure: 'the answer has no "response"' },
    ]),
  ])('%j is read as it must', (answer, read) => {
    expect(readReview(answer, 'u')).toEqual(read);
  });
});
