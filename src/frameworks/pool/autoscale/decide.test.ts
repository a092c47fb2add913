import { describe, expect, test } from 'vitest';
import { poolAutoscale, type PoolAutoscale } from '../../../api/pool/autoscale.ts';
import { parseTime } from '../../../lib/time.ts';
import { decide, type Answer, type Decision, type Situation } from './decide.ts';
import { COMING, type Server } from './server.ts';

const NOW = parseTime('2026-12-04T12:00:00Z');

const spec = (fields: object): PoolAutoscale =>
  poolAutoscale.parse({ maxReplicas: 100, stabilizationSeconds: 0, ...fields });

const idle: Server = { ...COMING, ready: true };
const held: Server = { ...idle, held: true, session: 'Allocated' };
const withheld: Server = { ...idle, withheld: true };
/** A server with so many of so many players. */
const played = (count: number, capacity = 10, more: Partial<Server> = {}): Server => ({
  ...idle,
  counters: { players: { count, capacity } },
  ...more,
});
const times = (count: number, server: Server): Server[] => Array<Server>(count).fill(server);

/** What a pool decides that has these servers, and asks for no others. */
const decided = (fields: object, servers: readonly Server[], more: Partial<Situation> = {}): Decision =>
  decide(spec(fields), {
    replicas: servers.length,
    servers,
    template: {},
    answers: new Map(),
    lately: [],
    now: NOW,
    ...more,
  });

describe('a buffer', () => {
  test.each<[what: string, buffer: object, servers: Server[], desired: number]>([
    ['begins from zero', { servers: 3 }, [], 3],
    ['begins from zero by a percentage, with one', { percent: 20 }, [], 1],
    ['is full', { servers: 2 }, [idle, idle], 2],
    ['counts what is coming', { servers: 2 }, [COMING, COMING], 2],
    ['grows by what is held', { servers: 2 }, [idle, idle, held, held, held], 5],
    ['is a part of all servers', { percent: 25 }, times(6, held), 8],
    ['rounds a part up', { percent: 25 }, times(7, held), 10],
    ['takes the greater of a number and a part', { servers: 5, percent: 25 }, times(6, held), 11],
    ['takes the greater of a part and a number', { servers: 1, percent: 25 }, times(6, held), 8],
    ['does not count who is in maintenance', { servers: 2 }, [idle, withheld], 3],
    ['shrinks to what is needed', { servers: 1 }, [...times(5, idle), held], 2],
  ])('%s', (_, buffer, servers, desired) => {
    expect(decided({ buffer }, servers).desired).toBe(desired);
  });

  test('keeps ready ones when those that start would be left', () => {
    // The pool lets a ready one go first, by its deletion priority.
    const servers = [idle, ...times(3, { ...idle, ready: false })];
    expect(decided({ buffer: { servers: 1 } }, servers).desired).toBe(4);
    expect(decided({ buffer: { servers: 1 } }, servers.toReversed()).desired).toBe(1);
  });

  test('says why', () => {
    const { because, policy, active, limited } = decided({ buffer: { servers: 2 } }, [held]);
    expect([because, policy, active, limited]).toEqual([
      'buffer: 1 held and 2 free',
      'buffer',
      'AsExpected',
      'AsExpected',
    ]);
  });
});

describe('bounds', () => {
  test.each<[what: string, fields: object, servers: Server[], desired: number, limited: string]>([
    ['the most', { maxReplicas: 3, buffer: { servers: 5 } }, [held], 3, 'TooManyReplicas'],
    ['the fewest', { minReplicas: 9, buffer: { servers: 5 } }, [held], 9, 'TooFewReplicas'],
    ['a lowered most', { maxReplicas: 2, buffer: { servers: 5 } }, times(5, idle), 2, 'TooManyReplicas'],
  ])('%s', (_, fields, servers, desired, limited) => {
    expect(decided(fields, servers)).toMatchObject({ desired, limited });
  });

  test('say what was wanted', () => {
    const { because } = decided({ maxReplicas: 3, buffer: { servers: 5 } }, [held]);
    expect(because).toBe('buffer: 1 held and 5 free; 6 wanted, the bound is 3');
  });
});

describe('a counter', () => {
  const counter = { name: 'players', free: 15 };
  test.each<[what: string, servers: Server[], desired: number]>([
    ['begins from zero with one server, which tells', [], 1],
    ['grows until there is room', [played(10), played(9)], 4],
    ['counts what is coming like the others', [COMING, played(10), played(5)], 3],
    ['counts the free places of held servers', [played(4, 10, { held: true }), played(0)], 2],
    ['lets empty servers go', [played(0), played(0), played(0), played(5)], 2],
    ['lets no server with players go, held or not', [played(1), played(1), played(1), played(1)], 4],
  ])('%s', (_, servers, desired) => {
    expect(decided({ counter }, servers).desired).toBe(desired);
  });

  test('does not count the places of a server to which nobody is sent', () => {
    const away = played(0, 10, { withheld: true });
    expect(decided({ counter }, [played(0), played(0)]).desired).toBe(2);
    expect(decided({ counter }, [played(0), away]).desired).toBe(3);
  });

  test('is a part of the capacity', () => {
    expect(decided({ counter: { name: 'players', percent: 50 } }, times(2, played(10))).desired).toBe(4);
  });

  test('goes by the template before any server tells', () => {
    const template = { players: { count: 0, capacity: 5 } };
    expect(decided({ counter }, [], { template }).desired).toBe(3);
  });

  test('that no server tells changes nothing, and says so', () => {
    const { desired, active, because } = decided({ counter }, [idle, idle]);
    expect([desired, active]).toEqual([2, 'CounterUnknown']);
    expect(because).toContain('proffer.dev/counter.players');
  });

  test('does not count the servers that an update makes for a while', () => {
    // Asked for are 2, three are there: what is missing is counted from 2.
    expect(decided({ counter }, times(3, played(9)), { replicas: 2 }).desired).toBe(4);
  });
});

describe('stabilization', () => {
  const fields = { stabilizationSeconds: 60, buffer: { servers: 1 } };

  test('keeps the highest number of the last while, and lets it go then', () => {
    const busy = decided(fields, times(5, held));
    const over = times(6, idle);
    const later = decided(fields, over, { lately: busy.lately, now: NOW + 30_000 });
    expect(later).toMatchObject({ desired: 6, changesAt: NOW + 60_000 });
    expect(later.because).toBe('buffer: 0 held and 1 free; 6 until 1 is enough for 60 s');
    expect(decided(fields, over, { lately: later.lately, now: NOW + 60_000 }).desired).toBe(1);
  });

  test('grows at once', () => {
    expect(decided(fields, times(5, held)).desired).toBe(6);
  });

  test('lets nothing go right after a start', () => {
    const first = decided(fields, times(6, idle));
    expect(first).toMatchObject({ desired: 6, changesAt: NOW + 60_000 });
    expect(decided(fields, times(6, idle), { lately: first.lately, now: NOW + 60_000 }).desired).toBe(1);
  });

  test('sessions that end and begin change nothing', () => {
    let lately: Situation['lately'] = [];
    for (let second = 0; second < 600; second++) {
      const playing = second % 7 === 0 ? 4 : 5;
      const servers = [...times(6 - playing, idle), ...times(playing, held)];
      const decision = decided(fields, servers, { lately, now: NOW + second * 1000 });
      expect(decision.desired).toBe(6);
      ({ lately } = decision);
    }
  });
});

describe('a chain', () => {
  const evening = { startCron: '0 18 * * *', durationSeconds: 3600, buffer: { servers: 10 } };
  const chain = [
    { name: 'evening', schedule: evening },
    { name: 'else', buffer: { servers: 2 } },
  ];
  const at = (time: string) => ({ now: parseTime(`2026-12-04T${time}Z`) });

  test.each<[time: string, desired: number, policy: string, changesAt: string]>([
    ['17:59:59', 2, 'else', '18:00:00'],
    ['18:00:00', 10, 'evening', '19:00:00'],
    ['18:59:59', 10, 'evening', '19:00:00'],
    ['19:00:00', 2, 'else', ''],
  ])('takes the first that applies: %s', (time, desired, policy, changesAt) => {
    const decision = decided({ chain }, [], at(time));
    expect(decision).toMatchObject({ desired, policy });
    if (changesAt) expect(decision.changesAt).toBe(at(changesAt).now);
  });

  test('of which nothing applies leaves the pool as it is', () => {
    const decision = decided({ schedule: evening }, times(7, idle), at('12:00:00'));
    expect(decision).toMatchObject({ desired: 7, policy: undefined, active: 'NoPolicyApplies' });
  });

  test('names a schedule that cannot be read, and goes on', () => {
    const broken = { name: 'broken', schedule: { ...evening, timeZone: 'Mars/Olympus' } };
    const decision = decided({ chain: [broken, chain[1]] }, []);
    expect(decision).toMatchObject({ desired: 2, policy: 'else', active: 'AsExpected' });
    expect(decision.because).toContain('Mars/Olympus');
    expect(decided({ schedule: broken.schedule }, []).active).toBe('InvalidSchedule');
  });

  test('a link has bounds of its own', () => {
    const bounded = [{ name: 'a', minReplicas: 4, maxReplicas: 5, buffer: { servers: 1 } }];
    expect(decided({ chain: bounded }, []).desired).toBe(4);
    expect(decided({ chain: bounded }, times(9, held)).desired).toBe(5);
  });
});

describe('a webhook', () => {
  const webhook = { service: { name: 'scaler' }, giveUpSeconds: 300 };
  const answered = (answer: Partial<Answer>, name = 'webhook') => ({
    answers: new Map([[name, { replicas: undefined, failingSince: undefined, failure: '', ...answer }]]),
  });
  const three = times(3, idle);

  test.each<[what: string, answer: Partial<Answer>, desired: number, active: string]>([
    ['decides', { replicas: 7 }, 7, 'AsExpected'],
    ['wants no change', {}, 3, 'AsExpected'],
    ['is held by the bounds', { replicas: 1000 }, 100, 'AsExpected'],
    ['fails: its last answer stands', { replicas: 7, failingSince: NOW }, 7, 'WebhookFailed'],
    ['fails from the start', { failingSince: NOW }, 3, 'WebhookFailed'],
    ['fails for long', { replicas: 7, failingSince: NOW - 300_000 }, 3, 'WebhookFailed'],
  ])('%s', (_, answer, desired, active) => {
    const decision = decided({ webhook }, three, answered(answer));
    expect(decision).toMatchObject({ desired, active });
    expect(decision.asked.map(({ name }) => name)).toEqual(['webhook']);
  });

  test('that fails for long is followed by the next policy of the chain, and asked on', () => {
    const chain = [
      { name: 'asks', webhook },
      { name: 'else', buffer: { servers: 2 } },
    ];
    const fails = (ms: number) =>
      decided({ chain }, three, answered({ failingSince: NOW - ms, failure: 'timeout' }, 'asks'));
    expect(fails(299_999)).toMatchObject({ desired: 3, policy: 'asks', changesAt: NOW + 1 });
    const given = fails(300_000);
    expect(given).toMatchObject({ desired: 2, policy: 'else', active: 'AsExpected' });
    expect(given.because).toBe('else: 0 held and 2 free; the webhook fails: timeout');
    expect(given.asked).toHaveLength(1);
  });
});
