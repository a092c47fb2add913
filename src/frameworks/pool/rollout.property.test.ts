import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PoolUpdate } from '../../api/pool/update.ts';
import { bounds, rollout } from './rollout.ts';
import { byName, serverOf, updateOf, type Traits } from './rollout.test-helper.ts';

/** What may happen to a pool, beside what we do. */
type Event =
  | {
      readonly does:
        'template' | 'cordon' | 'scale' | 'allocate' | 'free' | 'crash' | 'start' | 'end' | 'take' | 'refuse';
      readonly n: number;
    }
  | { readonly does: 'pause'; readonly n: number };

const event: fc.Arbitrary<Event> = fc.record({
  does: fc.constantFrom(
    'template',
    'scale',
    'allocate',
    'free',
    'crash',
    'start',
    'start',
    'start',
    'end',
    'end',
    'take',
    'refuse',
    'pause',
    'cordon',
  ),
  n: fc.nat(30),
});
const amount = fc.oneof(
  fc.nat(6),
  fc.nat(100).map((part) => `${part}%`),
);
const update = fc.record({
  strategy: fc.constantFrom('RollingUpdate', 'InPlaceIfPossible', 'Recreate'),
  maxSurge: amount,
  maxUnavailable: amount,
});

/** Servers, and servers on their way out, of a pool; templates of uneven number never start. */
class Game {
  live: Traits[] = [];
  /** Told to go, and not gone: players may be quicker. */
  ordered: Traits[] = [];
  ending: Traits[] = [];
  replicas = 4;
  template = 0;
  paused = false;
  /** Every fourth server is on a node that is to go. */
  cordoned = false;
  refused = false;
  #made = 0;
  readonly update: PoolUpdate;

  constructor(given: Partial<PoolUpdate>) {
    this.update = updateOf(given);
  }

  get free() {
    return this.live.filter((server) => !server.session);
  }

  get target(): number {
    return Math.max(0, this.replicas - (this.live.length - this.free.length));
  }

  happen({ does, n }: Event): void {
    const one = this.live[n % Math.max(1, this.live.length)];
    const change = (to: Partial<Traits>) =>
      (this.live = this.live.map((server) => (server === one ? { ...server, ...to } : server)));
    const gone = () => (this.live = this.live.filter((server) => server !== one));
    if (does === 'template') this.template = n % 4;
    else if (does === 'scale') this.replicas = n % 13;
    else if (does === 'cordon') this.cordoned = n % 3 === 0;
    else if (does === 'pause') this.paused = n % 3 === 0;
    else if (does === 'refuse') this.refused = n % 4 === 0;
    else if (does === 'end') this.ending = [...this.ending.slice(1), ...this.ordered.splice(0, 1)];
    else if (does === 'take')
      this.live.push(...this.ordered.splice(0, 1).map((each) => ({ ...each, session: 'Allocated' })));
    else if (!one) return;
    else if (does === 'allocate' && one.ready) change({ session: 'Allocated' });
    else if (does === 'free' && one.session) gone();
    else if (does === 'crash') gone();
    else if (does === 'start')
      change(Number(one.revision) % 2 === 0 ? { ready: true } : { stuck: 'a bad image' });
  }

  /** One step of the update, held against what it promises. @returns whether something was to be done */
  act(): boolean {
    const { free, target, live } = this;
    const revision = String(this.template);
    const settings = { ...this.update, paused: this.paused };
    const { make, outdated, surplus, changed } = rollout(live.map(serverOf), {
      replicas: this.replicas,
      revision,
      update: settings,
      blocked: this.refused,
      leaving: [...this.ordered, ...this.ending].filter((server) => server.revision !== revision).length,
      ordered: this.ordered.length,
      order: byName,
      isToMove: ({ name }) => this.cordoned && Number(name.slice(1)) % 4 === 1,
      // A third of the servers cannot be changed in place.
      canChange: ({ name }) => settings.strategy === 'InPlaceIfPossible' && Number(name.slice(1)) % 3 !== 0,
    });
    const names = new Set([...outdated, ...surplus].map(({ name }) => name));
    const chosen = live.filter(({ name }) => names.has(name));
    const altered = new Set(changed.map(({ name }) => name));
    expect(names.size, 'nobody goes twice').toBe(outdated.length + surplus.length);
    expect(
      [...names].filter((name) => altered.has(name)),
      'nobody is changed who goes',
    ).toEqual([]);
    expect(
      chosen.filter((server) => server.session),
      'a held server never goes',
    ).toEqual([]);
    expect(
      live.filter(({ name, session }) => session && altered.has(name)),
      'nor is it changed',
    ).toEqual([]);
    if ((this.paused && !this.cordoned) || this.refused)
      expect([...outdated, ...changed], 'nothing old goes').toEqual([]);
    if (this.update.strategy !== 'Recreate') {
      const { most, least } = bounds(settings, target);
      const ready = (servers: readonly Traits[]) => servers.filter((server) => server.ready).length;
      const left = free.filter(({ name }) => !names.has(name) && !altered.has(name));
      expect(ready(left), 'ready ones stay').toBeGreaterThanOrEqual(Math.min(ready(free), least));
      const there = free.length + this.ordered.length;
      expect(there + make, 'not too many').toBeLessThanOrEqual(Math.max(there, most));
    } else if (make > 0 && !this.paused && !this.refused) {
      const others = [...free, ...this.ordered, ...this.ending].filter(
        (server) => server.revision !== revision,
      );
      expect(others, 'no two revisions run at a time').toEqual([]);
    }
    this.ordered.push(...chosen);
    this.live = live
      .filter((server) => !chosen.includes(server))
      .map((server) => (altered.has(server.name) ? { name: server.name, revision } : server));
    for (let i = 0; !this.refused && i < make; i++) this.live.push({ name: `s${this.#made++}`, revision });
    return make + chosen.length + altered.size > 0;
  }

  /** Lets everything go well, until nothing is left to do. @returns how many rounds that took */
  settle(): number {
    Object.assign(this, { paused: false, refused: false, cordoned: false, template: this.template & ~1 });
    for (let round = 1; ; round++) {
      expect(round, 'it comes to an end').toBeLessThan(200);
      this.ordered = [];
      this.ending = [];
      this.live = this.live.map((server) => ({ ...server, ready: Number(server.revision) % 2 === 0 }));
      const starts = this.free.some((server) => server.revision === String(this.template) && !server.ready);
      if (!this.act() && !starts) return round;
    }
  }
}

test('an update keeps its bounds at every step, touches no held server, and comes to an end', () => {
  fc.assert(
    fc.property(update, fc.array(event, { maxLength: 80 }), (given, events) => {
      const game = new Game(given as Partial<PoolUpdate>);
      for (const each of events) {
        game.happen(each);
        game.act();
      }
      game.settle();
      const { free, target, template } = game;
      expect(free).toHaveLength(target);
      expect(free.filter(({ revision, ready }) => revision !== String(template) || !ready)).toEqual([]);
    }),
    { numRuns: 1500 },
  );
});
