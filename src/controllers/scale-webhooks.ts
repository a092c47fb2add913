import type { Answer, Asked } from '../frameworks/pool/autoscale/decide.ts';
import type { ScaledPool } from '../frameworks/pool/autoscale/pool.ts';
import { readReview, reviewOf } from '../frameworks/pool/autoscale/review.ts';
import type { Server } from '../frameworks/pool/autoscale/server.ts';
import { targetOf, type AddressOf } from '../frameworks/pool/autoscale/target.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Limits, Target } from '../outbound/post-json.ts';
import type { Turnstile } from './turnstile.ts';

/** Longest answer that is read, bytes. */
const MOST_BYTES = 65_536;

/** What webhooks are asked by. */
export interface Asking {
  readonly clock: Clock;
  readonly addressOf: AddressOf;
  /** Addresses beside Services that may be called. */
  readonly origins: readonly string[];
  readonly post: (target: Target, body: object, limits: Limits) => Promise<unknown>;
  /** Keeps the pools of a namespace from taking all connections. */
  readonly turns: Turnstile;
}

/** The webhooks of one pool: asks each as often as its policy says, and knows what it said. */
export class ScaleWebhooks {
  readonly #asking: Asking;
  readonly #answers = new Map<string, Answer>();
  /** When each is asked next, ms since the epoch; Infinity while it is being asked. */
  readonly #due = new Map<string, number>();

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  /** What they said, by the name of their policy. */
  get answers(): ReadonlyMap<string, Answer> {
    return this.#answers;
  }

  /**
   * Asks those that are due; those that nobody goes by any more are forgotten.
   * @param heard called when one answered, or failed
   * @returns when the next one is due, ms since the epoch
   */
  ask(
    asked: readonly Asked[],
    pool: ScaledPool,
    servers: readonly Server[],
    signal: AbortSignal,
    heard: () => void,
  ): number {
    const now = this.#asking.clock.now();
    const names = new Set(asked.map(({ name }) => name));
    for (const name of this.#due.keys()) if (!names.has(name)) this.#forget(name);
    for (const one of asked) {
      if ((this.#due.get(one.name) ?? 0) > now) continue;
      this.#due.set(one.name, Infinity);
      void this.#askOne(one, pool, servers, signal).then(heard);
    }
    return Math.min(Infinity, ...this.#due.values());
  }

  async #askOne(
    { name, webhook }: Asked,
    pool: ScaledPool,
    servers: readonly Server[],
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, addressOf, origins, post, turns } = this.#asking;
    const { namespace = '', uid: own = '' } = pool.metadata;
    const target = targetOf(webhook, namespace, addressOf, origins);
    const uid = `${own}/${clock.now()}`;
    const limits = { timeoutMs: webhook.timeoutSeconds * 1000, mostBytes: MOST_BYTES, signal };
    const said =
      'refusal' in target
        ? { failure: target.refusal }
        : await turns
            .pass(namespace, () => post(target, reviewOf(pool, servers, uid), limits))
            .then(
              (answer) => readReview(answer, uid),
              (error: unknown) => ({ failure: messageOf(error) }),
            );
    // Nobody goes by it any more.
    if (!this.#due.has(name)) return;
    const { replicas, failingSince } = this.#answers.get(name) ?? {};
    this.#answers.set(
      name,
      'failure' in said
        ? { replicas, failingSince: failingSince ?? clock.now(), failure: said.failure }
        : { replicas: said.replicas, failingSince: undefined, failure: '' },
    );
    this.#due.set(name, clock.now() + webhook.intervalSeconds * 1000);
  }

  #forget(name: string): void {
    this.#due.delete(name);
    this.#answers.delete(name);
  }
}
