import { expect, test } from 'vitest';
import { aPod, aPool, NOW } from '../../test/builders/index.ts';
import { Store } from '../kube/store.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import type { Finding } from './ask.ts';
import { Notes } from './notes.ts';
import { Prober } from './prober.ts';

const SILENT: Finding = { kind: 'unanswered', how: 'Silent', why: 'no answer within 1 s' };
const answered = (count?: number): Finding => ({
  kind: 'answered',
  answer: count === undefined ? {} : { players: { count, capacity: 16 } },
});

/** What of a note is looked at. */
interface Note {
  readonly metadata: { readonly uid: string; readonly annotations?: Record<string, string> };
  readonly status?: { readonly conditions: readonly { type: string; status: string; reason: string }[] };
}

/** A prober over Pods that live in a store, with an API server that takes its notes at once. */
class World {
  readonly clock = new ManualClock(NOW);
  readonly pods = new Store<PodFacts>();
  readonly raws = new Map<string, Pod>();
  /** What comes of asking a server, by the last number of its address. */
  readonly findings = new Map<number, Finding>();
  readonly asked: { readonly at: number; readonly server: number }[] = [];
  readonly notes: { readonly name: string; readonly note: Note }[] = [];
  readonly events: string[] = [];
  /** How long a server takes to answer, ms. */
  answersIn = 0;
  mostAtOnce = 0;
  #version = 100;
  #atOnce = 0;
  readonly #readPod = createPodReader();
  readonly #office = new AbortController();

  constructor() {
    const request = (req: { path: string; body?: unknown }) => {
      const name = /pods\/([^/]+)\/status$/.exec(req.path)![1]!;
      const note = req.body as Note;
      this.notes.push({ name, note });
      return Promise.resolve({ metadata: { resourceVersion: this.#patch(name, note) } });
    };
    const silent = () => {};
    const log = { debug: silent, info: silent, warn: silent, error: silent };
    const prober = new Prober({
      pods: this.pods,
      ask: async ({ address }) => {
        const server = Number(address.slice(address.lastIndexOf('.') + 1));
        this.asked.push({ at: this.clock.now() - NOW, server });
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
        await this.clock.sleep(this.answersIn);
        this.#atOnce--;
        return this.findings.get(server) ?? SILENT;
      },
      notes: new Notes({ client: { request: request as never }, mayWrite: () => true, log }),
      tell: (_, { reason, note }) => void this.events.push(`${reason}: ${note}`),
      counts: { add: () => {} },
      clock: this.clock,
      random: () => 0.5,
      log,
    });
    queueMicrotask(() => void prober.run(this.#office.signal));
  }

  /** Puts a Pod as the API server sends it. */
  put(raw: Pod): void {
    const version = String(++this.#version);
    const stored = { ...raw, metadata: { ...raw.metadata, resourceVersion: version } };
    this.raws.set(raw.metadata.name, stored);
    this.pods.put(this.#readPod(stored), version);
  }

  statusOf(name: string): string | undefined {
    const condition = this.raws
      .get(name)
      ?.status?.conditions?.find(({ type }) => type === 'proffer.dev/Answers');
    return condition && `${condition.status} ${condition.reason}`;
  }

  end(): void {
    this.#office.abort();
  }

  #patch(name: string, { metadata, status }: Note): string {
    const raw = this.raws.get(name)!;
    const conditions = [
      ...(raw.status?.conditions ?? []).filter(
        ({ type }) => !status?.conditions.some((c) => c.type === type),
      ),
      ...(status?.conditions ?? []),
    ];
    const annotations = { ...raw.metadata.annotations, ...metadata.annotations };
    this.put({ ...raw, metadata: { ...raw.metadata, annotations }, status: { ...raw.status, conditions } });
    return String(this.#version);
  }
}

const pool = aPool('arena');
const server = (slot: number, query: object = {}, on = `n${slot}`) =>
  aPod(`arena-${slot}`).ofPool(pool, slot).on(on).starting().asked(query, `10.0.0.${slot}`);

const SECOND = 1000;

test('a server that starts is asked each second, and ready with one write that tells of its players, too', async () => {
  const world = new World();
  world.put(server(1).build());
  await world.clock.advance(3 * SECOND);
  expect(world.asked.length).toBeGreaterThanOrEqual(3);
  expect(world.notes).toEqual([]);
  world.findings.set(1, answered(3));
  await world.clock.advance(2 * SECOND);
  expect(world.statusOf('arena-1')).toBe('True Answered');
  expect(world.raws.get('arena-1')!.metadata.annotations!['proffer.dev/counter.players']).toBe('3/16');
  await world.clock.advance(60 * SECOND);
  expect(world.notes.length, 'nothing changes, nothing is written').toBe(1);
  world.end();
});

test('one that was changed in place is asked anew by its next container, and says so when it answers', async () => {
  const world = new World();
  const CHANGING = 'proffer.dev/changing';
  const withId = (raw: Pod, containerID: string): Pod => {
    const containerStatuses = raw.status!.containerStatuses!.map((each) => ({ ...each, containerID }));
    return { ...raw, status: { ...raw.status, containerStatuses } };
  };
  world.findings.set(1, answered());
  world.put(withId(server(1).build(), 'a'));
  await world.clock.advance(20 * SECOND);
  expect(world.notes.length).toBe(1);
  const changed = world.raws.get('arena-1')!;
  const annotations = { ...changed.metadata.annotations, [CHANGING]: 'main=a' };
  world.findings.set(1, SILENT);
  world.put({ ...changed, metadata: { ...changed.metadata, annotations } });
  const asked = world.asked.length;
  await world.clock.advance(60 * SECOND);
  expect(world.asked.length, 'it is not asked while it starts').toBe(asked);
  world.put(withId(world.raws.get('arena-1')!, 'b'));
  await world.clock.advance(3 * SECOND);
  expect(world.notes.length, 'a first miss says nothing').toBe(1);
  world.findings.set(1, answered());
  await world.clock.advance(2 * SECOND);
  expect(world.notes.map(({ note }) => note.metadata.annotations?.[CHANGING])).toEqual([undefined, null]);
  // So fast that nothing is seen between.
  world.findings.set(1, SILENT);
  const { metadata, ...raw } = withId(world.raws.get('arena-1')!, 'c');
  world.put({
    ...raw,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [CHANGING]: 'main=b' } },
  });
  await world.clock.advance(3 * SECOND);
  expect(world.notes.length, 'what was found before is not written again').toBe(2);
  world.end();
});

test('one that falls silent is told after its threshold, and again when it answers', async () => {
  const world = new World();
  world.findings.set(1, answered());
  world.put(server(1).build());
  await world.clock.advance(20 * SECOND);
  world.findings.set(1, SILENT);
  await world.clock.advance(19 * SECOND);
  expect(world.statusOf('arena-1')).toBe('True Answered');
  await world.clock.advance(12 * SECOND);
  expect(world.statusOf('arena-1')).toBe('False Silent');
  expect(world.events).toEqual([
    'Unanswered: arena-1 does not answer: asked A2S by port game (27015): no answer within 1 s, 3 times in a row',
  ]);
  world.findings.set(1, answered());
  await world.clock.advance(11 * SECOND);
  expect(world.statusOf('arena-1')).toBe('True Answered');
  expect(world.events[1]).toBe('AnswersAgain: arena-1 answers A2S again');
  world.end();
});

test('a new leader goes on from what the Pods say: a server that answered has all its misses before it', async () => {
  const world = new World();
  world.put(server(1).found('Answered', 100).build());
  world.put(server(2).found('Silent', 100).build());
  await world.clock.advance(19 * SECOND);
  expect([world.statusOf('arena-1'), world.notes]).toEqual(['True Answered', []]);
  await world.clock.advance(12 * SECOND);
  expect(world.statusOf('arena-1')).toBe('False Silent');
  world.end();
});

test('when most servers of a pool fall silent at once none is given up; one that stays silent when the others are back is', async () => {
  const world = new World();
  for (let slot = 1; slot <= 5; slot++) {
    world.findings.set(slot, answered());
    world.put(server(slot).build());
  }
  await world.clock.advance(20 * SECOND);
  world.findings.clear();
  await world.clock.advance(300 * SECOND);
  const statuses = () => [1, 2, 3, 4, 5].map((slot) => world.statusOf(`arena-${slot}`));
  expect(statuses()).toEqual(Array(5).fill('True Answered'));
  expect(world.events.filter((event) => event.startsWith('Spared'))).toHaveLength(1);
  for (let slot = 1; slot <= 4; slot++) world.findings.set(slot, answered());
  await world.clock.advance(30 * SECOND);
  expect(statuses()).toEqual([...Array(4).fill('True Answered'), 'False Silent']);
  world.end();
});

test('somebody who writes over the condition is put right', async () => {
  const world = new World();
  world.findings.set(1, answered());
  world.put(server(1).build());
  await world.clock.advance(5 * SECOND);
  world.put(server(1).found('Silent').build());
  await world.clock.advance(1 * SECOND);
  expect(world.statusOf('arena-1')).toBe('True Answered');
  world.end();
});

test('who has no address yet, ends, is deleted or is not asked at all is left alone', async () => {
  const world = new World();
  world.put(aPod('arena-1').ofPool(pool, 1).on('n1').starting().asked().build());
  world.put(server(2).exited(1).build());
  world.put(server(3).deleting().build());
  world.put(aPod('arena-4').ofPool(pool, 4).on('n1').ready().build());
  world.put(server(5, { port: 'other' }).build());
  world.put(server(7).stuck('ContainerCreating').build());
  await world.clock.advance(30 * SECOND);
  expect(world.asked).toEqual([]);
  world.put(server(6).build());
  await world.clock.advance(2 * SECOND);
  const before = world.asked.length;
  world.put(server(6).deleting().build());
  await world.clock.advance(60 * SECOND);
  expect(world.asked.length).toBe(before);
  world.end();
});

test('servers of a pool are asked spread over the period, each as often as the others, and few at a time', async () => {
  const world = new World();
  world.answersIn = 900;
  for (let i = 0; i < 600; i++) {
    const slot = i % 250;
    world.findings.set(slot, answered());
    const pod = aPod(`arena-${i}`)
      .ofPool(pool, i)
      .on(`n${i % 7}`)
      .starting();
    world.put(
      pod
        .found('Answered')
        .asked({}, `10.0.${Math.floor(i / 250)}.${slot}`)
        .build(),
    );
  }
  await world.clock.advance(40 * SECOND);
  expect(world.mostAtOnce).toBeLessThanOrEqual(128);
  const perSecond = Map.groupBy(world.asked, ({ at }) => Math.floor(at / SECOND));
  for (let second = 0; second < 40; second++)
    expect(perSecond.get(second)!.length, `second ${second}`).toBeLessThan(100);
  expect(world.asked.length).toBeGreaterThan(600 * 3);
  world.end();
});

test('servers that hang take no more than their part of the questions that wait', async () => {
  const world = new World();
  world.answersIn = 3600 * SECOND;
  for (let i = 0; i < 250; i++) world.put(server(i).build());
  world.put(
    aPod('other')
      .ofPool(aPool('other').namespace('lobby'), 0)
      .on('n1')
      .starting()
      .asked({}, '10.0.1.251')
      .build(),
  );
  await world.clock.advance(5 * SECOND);
  expect(world.asked.filter(({ server: of }) => of !== 251)).toHaveLength(128);
  expect(world.asked.filter(({ server: of }) => of === 251)).toHaveLength(1);
  world.end();
});

test('the players of one server are written once in ten seconds, however often it is asked', async () => {
  const world = new World();
  world.put(server(1, { periodSeconds: 1 }).build());
  for (let second = 0; second < 60; second++) {
    world.findings.set(1, answered(second % 16));
    await world.clock.advance(SECOND);
  }
  expect(world.notes.length).toBeGreaterThanOrEqual(5);
  expect(world.notes.length).toBeLessThanOrEqual(7);
  world.end();
});

test('players whom somebody else counts stand for a minute: they are on their way', async () => {
  const world = new World();
  const told = () => world.raws.get('arena-1')!.metadata.annotations!['proffer.dev/counter.players'];
  world.findings.set(1, answered(0));
  world.put(server(1).build());
  await world.clock.advance(5 * SECOND);
  expect(told()).toBe('0/16');
  const raw = world.raws.get('arena-1')!;
  const annotations = { ...raw.metadata.annotations, 'proffer.dev/counter.players': '4/16' };
  world.put({ ...raw, metadata: { ...raw.metadata, annotations } });
  await world.clock.advance(55 * SECOND);
  expect(told()).toBe('4/16');
  await world.clock.advance(20 * SECOND);
  expect(told()).toBe('0/16');
  world.end();
});

test('players who come and go are written once in ten seconds for a server, and fifty times a second over all', async () => {
  const world = new World();
  for (let i = 0; i < 3000; i++) {
    const pod = aPod(`arena-${i}`)
      .ofPool(pool, i)
      .on(`n${i % 100}`)
      .starting();
    world.put(
      pod
        .found('Answered')
        .asked({}, `10.0.${Math.floor(i / 250)}.${i % 250}`)
        .build(),
    );
  }
  for (let second = 0; second < 60; second++) {
    for (let slot = 0; slot < 250; slot++) world.findings.set(slot, answered(second % 16));
    await world.clock.advance(SECOND);
  }
  expect(world.notes.length).toBeLessThanOrEqual(50 * 61);
  expect(world.notes.length).toBeGreaterThan(40 * 50);
  const perServer = Map.groupBy(world.notes, ({ name }) => name);
  expect(Math.max(...[...perServer.values()].map((notes) => notes.length))).toBeLessThanOrEqual(6);
  world.end();
});
