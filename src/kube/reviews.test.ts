import { expect, test } from 'vitest';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { KubeRequest } from './client.ts';
import { KubeError } from './errors.ts';
import { Reviews } from './reviews.ts';

function setUp() {
  const sent: KubeRequest[] = [];
  const clock = new ManualClock(0);
  const world = { known: true, allowed: true, fails: false, audiences: undefined as string[] | undefined };
  const request = async (asked: KubeRequest): Promise<never> => {
    sent.push(asked);
    if (world.fails) throw new KubeError({ kind: 'server', message: 'no' });
    const user = { username: 'ann', uid: 'u1', groups: ['makers'], extra: { pod: ['p'] } };
    const answer = asked.path.endsWith('tokenreviews')
      ? { status: world.known ? { authenticated: true, user, audiences: world.audiences } : {} }
      : { status: { allowed: world.allowed } };
    return answer as never;
  };
  return { reviews: new Reviews({ request }, clock), sent, clock, world };
}
const ACCESS = { group: 'g', resource: 'r', subresource: 's', verb: 'create', namespace: 'games' };

test('a token and a right are asked about once in ten seconds, and once by those who ask together', async () => {
  const { reviews, sent, clock, world } = setUp();
  const [ann] = await Promise.all([reviews.user('token'), reviews.user('token')]);
  expect(ann).toEqual({ name: 'ann', uid: 'u1', groups: ['makers'], extra: { pod: ['p'] } });
  expect(await reviews.may(ann!, ACCESS)).toBe(true);
  expect(await reviews.may(ann!, ACCESS)).toBe(true);
  expect(sent.map(({ body }) => body)).toMatchObject([
    { kind: 'TokenReview', spec: { token: 'token' } },
    {
      kind: 'SubjectAccessReview',
      spec: { user: 'ann', uid: 'u1', groups: ['makers'], extra: { pod: ['p'] }, resourceAttributes: ACCESS },
    },
  ]);
  Object.assign(world, { known: false, allowed: false });
  await clock.advance(9_999);
  expect([(await reviews.user('token'))?.name, await reviews.may(ann!, ACCESS)]).toEqual(['ann', true]);
  await clock.advance(2);
  expect([await reviews.user('token'), await reviews.may(ann!, ACCESS)]).toEqual([undefined, false]);
});

test('a no is asked about again after two seconds, another namespace at once', async () => {
  const { reviews, sent, clock, world } = setUp();
  world.allowed = false;
  const ann = (await reviews.user('token'))!;
  expect(await reviews.may(ann, ACCESS)).toBe(false);
  world.allowed = true;
  expect(await reviews.may(ann, ACCESS)).toBe(false);
  expect(await reviews.may(ann, { ...ACCESS, namespace: 'other' })).toBe(true);
  await clock.advance(2_001);
  expect(await reviews.may(ann, ACCESS)).toBe(true);
  expect(sent).toHaveLength(4);
});

test('no answer is not remembered', async () => {
  const { reviews, world } = setUp();
  world.fails = true;
  await expect(reviews.user('token')).rejects.toThrow('no');
  world.fails = false;
  expect((await reviews.user('token'))?.name).toBe('ann');
});

test('a token is for whom it says, and for nobody where that is not told', async () => {
  const { reviews, sent, world } = setUp();
  world.audiences = ['other', 'proffer.dev'];
  expect((await reviews.user('token', 'proffer.dev'))?.name).toBe('ann');
  world.audiences = undefined;
  expect(await reviews.user('older', 'proffer.dev')).toBeUndefined();
  expect((await reviews.user('token'))?.name).toBe('ann');
  expect(sent.map(({ body }) => body)).toMatchObject([
    { spec: { token: 'token', audiences: ['proffer.dev'] } },
    { spec: { token: 'older', audiences: ['proffer.dev'] } },
    { spec: { token: 'token' } },
  ]);
});
