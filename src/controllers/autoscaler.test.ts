import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, NOW, type Buildable } from '../../test/builders/index.ts';
import type { GameServerPoolStatus } from '../api/gameserverpool.ts';
import { KIND } from '../api/kinds.ts';
import { poolFacts, type PoolFacts } from '../frameworks/pool/facts.ts';
import type { KubeRequest } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Store } from '../kube/store.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import { formatTime } from '../lib/time.ts';
import { serviceFacts } from '../snapshot/service.ts';
import type { Workload } from '../snapshot/workload.ts';
import { Autoscaler } from './autoscaler.ts';

const nothing = () => {};

/** An autoscaler, and a cluster in which what it writes is seen at once, unless a test says otherwise. */
function scaling(autoscale: object, replicas = 0) {
  const clock = new ManualClock(NOW);
  const pools = new Store<Workload>();
  const services = new Store<ReturnType<typeof serviceFacts>>();
  const state = {
    replicas,
    version: 1,
    leads: true,
    /** What is written is not seen yet. */
    late: false,
    /** What the API server does with a write. */
    refuse: undefined as (() => void) | undefined,
    /** What the webhook answers. */
    answer: ({ uid }: { uid: string }): unknown => ({ response: { uid, scale: false } }),
  };
  const writes: number[] = [];
  const asked: string[] = [];
  const events: string[] = [];
  const counts = { news: 0, tries: 0 };
  const builder = () =>
    aPool('arena')
      .replicas(state.replicas)
      .field('autoscale', { maxReplicas: 50, stabilizationSeconds: 0, ...autoscale });
  let pool: PoolFacts;
  const show = (): void => {
    if (state.late) return;
    const built = builder().build();
    const { metadata } = built;
    const resourceVersion = String(state.version);
    pool = poolFacts({ ...built, metadata: { ...metadata, resourceVersion, generation: state.version } });
    pools.put(pool, resourceVersion);
  };
  let others: Buildable[] = [];
  let snapshot = aSnapshot().build();
  const look = (): void => {
    snapshot = aSnapshot()
      .with(aNode('n1').cpu('64').pods(100), builder(), ...others)
      .build();
  };
  const autoscaler = new Autoscaler({
    client: {
      request: <T>({ method, path, body }: KubeRequest) => {
        counts.tries++;
        state.refuse?.();
        expect([method, path]).toEqual([
          'PATCH',
          '/apis/proffer.dev/v1alpha1/namespaces/games/gameserverpools/arena/scale',
        ]);
        const { metadata, spec } = body as {
          metadata: { resourceVersion: string };
          spec: { replicas: number };
        };
        expect(metadata.resourceVersion).toBe(String(state.version));
        writes.push(spec.replicas);
        set(spec.replicas);
        return Promise.resolve({ metadata: { resourceVersion: String(state.version) } } as T);
      },
    },
    random: () => 0,
    stores: { workloads: new Map([[KIND.pool.kind, pools]]), services },
    origins: ['https://scaler.example.com'],
    post: ({ origin, path }, body) => {
      asked.push(`${origin}${path}`);
      return Promise.resolve(state.answer((body as { request: { uid: string } }).request));
    },
    latest: () => ({ snapshot, offers: [], at: clock.now(), durationMs: 1 }),
    events: { record: ({ reason, note }) => void events.push(`${reason}: ${note}`) },
    clock,
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    mayDecide: () => state.leads,
    mayWrite: () => state.leads,
    onNews: () => void counts.news++,
  });
  /** Somebody sets the number of servers. */
  function set(to: number): void {
    state.replicas = to;
    state.version++;
    show();
    look();
  }
  show();
  look();
  const end = new AbortController();
  void autoscaler.run(end.signal);
  return {
    state,
    writes,
    asked,
    events,
    counts,
    clock,
    services,
    set,
    show,
    autoscaler,
    /** Servers of the pool, as the last cycle saw them. */
    servers: (...pods: Buildable[]) => ((others = pods), look()),
    said: (status: GameServerPoolStatus = {}): GameServerPoolStatus => autoscaler.amend(pool, status),
  };
}

const server = (slot: number) => aPod(`arena-${slot}`).ofPool(aPool('arena'), slot).on('n1').ready();
const active = ({ conditions = [] }: GameServerPoolStatus) =>
  conditions.find(({ type }) => type === 'ScalingActive');

describe('the number of servers', () => {
  test('is set when it should be another one, and told', async () => {
    const { clock, writes, said, events, servers, counts } = scaling({ buffer: { servers: 2 } });
    await clock.advance(1000);
    expect(writes).toEqual([2]);
    expect(said()).toMatchObject({
      autoscale: { desired: 2, activePolicy: 'buffer', lastScaleTime: formatTime(NOW) },
    });
    expect(active(said())).toMatchObject({ status: 'True', reason: 'AsExpected' });
    servers(server(0).session('Allocated'), server(1));
    await clock.advance(2000);
    expect(writes).toEqual([2, 3]);
    expect(events).toEqual(
      Array(2).fill(expect.stringContaining('Scaled: more servers by its policy buffer')),
    );
    const { news } = counts;
    await clock.advance(60_000);
    expect([writes.length, counts.news]).toEqual([2, news]);
  });

  test('counts no free server on a cordoned node, and does again when it is uncordoned', async () => {
    const { clock, writes, servers } = scaling({ buffer: { servers: 2 } });
    await clock.advance(1000);
    const two = [server(0), server(1).on('n2')];
    servers(...two, aNode('n2').cordoned());
    await clock.advance(2000);
    expect(writes).toEqual([2, 3]);
    servers(...two, server(2), aNode('n2'));
    await clock.advance(2000);
    expect(writes).toEqual([2, 3, 2]);
  });

  test('is set once a second at most', async () => {
    const { clock, writes, servers } = scaling({ buffer: { servers: 1 } });
    const held = [0, 1, 2, 3, 4].map((slot) => server(slot).session('Allocated'));
    for (let n = 1; n <= 5; n++) {
      servers(...held.slice(0, n));
      await clock.advance(200);
    }
    expect(writes.length).toBeLessThanOrEqual(2);
    await clock.advance(1000);
    expect(writes.at(-1)).toBe(6);
  });

  test('is left alone by who does not lead', async () => {
    const { clock, writes, state } = scaling({ buffer: { servers: 2 } });
    state.leads = false;
    await clock.advance(5000);
    expect(writes).toEqual([]);
    state.leads = true;
    await clock.advance(1000);
    expect(writes).toEqual([2]);
  });

  test('does not follow from what was seen in an earlier leadership', async () => {
    const { clock, writes, autoscaler, servers } = scaling({ buffer: { servers: 2 } });
    autoscaler.stop();
    await clock.advance(5000);
    expect(writes).toEqual([]);
    servers(server(0).session('Allocated'));
    await clock.advance(1000);
    expect(writes).toEqual([3]);
  });

  test('is tried again when the pool changed meanwhile', async () => {
    const { clock, writes, state } = scaling({ buffer: { servers: 2 } });
    let times = 0;
    state.refuse = () => {
      if (times++ === 0) throw new KubeError({ kind: 'conflict', message: 'changed', status: 409 });
    };
    await clock.advance(500);
    expect(writes).toEqual([]);
    await clock.advance(2000);
    expect(writes).toEqual([2]);
  });

  test('that was set and is not seen yet is not set again', async () => {
    const { clock, counts, state, show } = scaling({ buffer: { servers: 2 } });
    state.late = true;
    await clock.advance(5000);
    expect([counts.tries, state.version]).toEqual([1, 2]);
    state.late = false;
    show();
    await clock.advance(5000);
    expect(counts.tries).toBe(1);
  });

  test('whose answer was lost is not taken for that of somebody else', async () => {
    const { clock, writes, state, set, servers, said } = scaling({ buffer: { servers: 1 } });
    await clock.advance(1000);
    for (let n = 1; n <= 4; n++) {
      // It arrives, and its answer does not.
      state.refuse = () => {
        state.refuse = undefined;
        set(n + 1);
        throw new KubeError({ kind: 'network', message: 'broken' });
      };
      servers(...Array.from({ length: n }, (_, slot) => server(slot).session('Allocated')));
      await clock.advance(3000);
    }
    expect(state.replicas).toBe(5);
    expect(writes).toEqual([1]);
    expect(active(said())?.reason).toBe('AsExpected');
  });

  test('that the API server refuses is told, and tried again after a while', async () => {
    const { clock, writes, state, said } = scaling({ buffer: { servers: 2 } });
    let times = 0;
    state.refuse = () => {
      times++;
      throw new KubeError({ kind: 'forbidden', message: 'no right to scale', status: 403 });
    };
    await clock.advance(10_000);
    expect(times).toBe(1);
    expect(active(said())).toMatchObject({ status: 'False', reason: 'ScaleRefused' });
    expect(active(said())!.message).toContain('no right to scale');
    state.refuse = undefined;
    await clock.advance(30_000);
    expect(writes).toEqual([2]);
    expect(active(said())?.status).toBe('True');
  });

  test('that others set again and again is set less often, and told, until they stop', async () => {
    const { clock, writes, set, said } = scaling({ buffer: { servers: 2 } });
    await clock.advance(1000);
    for (let n = 0; n < 3; n++) {
      set(9);
      await clock.advance(2000);
    }
    expect(active(said())).toMatchObject({ status: 'False', reason: 'Contested' });
    const before = writes.length;
    for (let n = 0; n < 30; n++) {
      set(9);
      await clock.advance(1000);
    }
    expect(writes.length - before).toBeLessThanOrEqual(1);
    await clock.advance(660_000);
    expect(active(said())?.reason).toBe('AsExpected');
    expect(writes.at(-1)).toBe(2);
  });
});

describe('what is said', () => {
  test('stands over a change of leader until there is something new', () => {
    const { autoscaler, state } = scaling({ buffer: { servers: 2 } });
    state.leads = false;
    const autoscale = { desired: 7, reason: 'as before' };
    const pool = poolFacts(
      aPool('arena')
        .field('autoscale', { maxReplicas: 9, buffer: { servers: 1 } })
        .status({ autoscale })
        .build(),
    );
    expect(autoscaler.amend(pool, {})).toEqual({ autoscale });
  });

  test('goes with the policy', () => {
    const { autoscaler } = scaling({ buffer: { servers: 2 } });
    const condition = (type: string) => ({
      type,
      status: 'True' as const,
      reason: 'AsExpected',
      message: '',
      lastTransitionTime: '',
    });
    const conditions = [condition('Ready'), condition('ScalingActive'), condition('ScalingLimited')];
    const pool = poolFacts(aPool('calm').build());
    expect(autoscaler.amend(pool, { conditions })).toEqual({ conditions: conditions.slice(0, 1) });
  });
});

describe('a webhook', () => {
  const webhook = { url: 'https://scaler.example.com/x', intervalSeconds: 10, giveUpSeconds: 60 };
  const wants =
    (replicas: number) =>
    ({ uid }: { uid: string }) => ({ response: { uid, scale: true, replicas } });
  const fails = () => {
    throw new Error('it is down');
  };

  test('is asked again and again', async () => {
    const { clock, writes, asked, state } = scaling({ webhook });
    state.answer = wants(4);
    await clock.advance(1000);
    expect(writes).toEqual([4]);
    state.answer = wants(6);
    await clock.advance(8000);
    expect(writes).toEqual([4]);
    await clock.advance(2000);
    expect(writes).toEqual([4, 6]);
    await clock.advance(50_000);
    expect(asked.length).toBeGreaterThanOrEqual(6);
    expect(asked.length).toBeLessThanOrEqual(7);
  });

  test('that fails is followed by the next policy after a while, and heard again when it answers', async () => {
    const chain = [
      { name: 'asks', webhook },
      { name: 'else', buffer: { servers: 1 } },
    ];
    const { clock, writes, state, said } = scaling({ chain });
    state.answer = wants(4);
    await clock.advance(1000);
    state.answer = fails;
    await clock.advance(30_000);
    expect(writes).toEqual([4]);
    expect(active(said())).toMatchObject({ status: 'False', reason: 'WebhookFailed' });
    expect(active(said())!.message).toContain('it is down');
    await clock.advance(60_000);
    expect(writes).toEqual([4, 1]);
    expect(active(said())).toMatchObject({ status: 'True' });
    state.answer = wants(7);
    await clock.advance(12_000);
    expect(writes).toEqual([4, 1, 7]);
  });

  test('that was not allowed is not called', async () => {
    const { clock, asked, said } = scaling({
      webhook: { ...webhook, url: 'https://elsewhere.example.com/' },
    });
    await clock.advance(20_000);
    expect(asked).toEqual([]);
    expect(active(said())!.message).toContain('config.webhookOrigins');
  });

  test('in a Service is called by its address', async () => {
    const { clock, asked, services, state } = scaling({
      webhook: { ...webhook, url: undefined, service: { name: 's' } },
    });
    services.put(
      serviceFacts({ metadata: { name: 's', namespace: 'games' }, spec: { clusterIP: '10.96.0.9' } }),
    );
    state.answer = wants(2);
    await clock.advance(1000);
    expect(asked).toEqual(['http://10.96.0.9:8000/']);
  });
});
