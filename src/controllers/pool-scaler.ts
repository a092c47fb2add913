import { API_VERSION } from '../api/group.ts';
import type { PoolAutoscale } from '../api/pool/autoscale.ts';
import { SCALING_REASON, type ScalingReason } from '../api/pool/scaling-reasons.ts';
import { decide, type Decision } from '../frameworks/pool/autoscale/decide.ts';
import { serversOf, templateCounters, type ScaledPool } from '../frameworks/pool/autoscale/pool.ts';
import type { Scaling } from '../frameworks/pool/autoscale/status.ts';
import type { Wanted } from '../frameworks/pool/autoscale/steady.ts';
import { isKubeError } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { KubeObject } from '../kube/types.ts';
import { messageOf } from '../lib/errors.ts';
import { canonicalJson } from '../lib/hash.ts';
import { formatTime } from '../lib/time.ts';
import type { TaskPod } from '../snapshot/slots.ts';
import { announceScaled } from './announce.ts';
import type { LoopMeans } from './loop.ts';
import { ScaleContest } from './scale-contest.ts';
import { ScaleWebhooks, type Asking } from './scale-webhooks.ts';
import type { Turnstile } from './turnstile.ts';

/** Shortest time between two writes, ms; while others set the number as well, or the API server refuses ours. */
const PAUSE_MS = 1000;
const LONG_PAUSE_MS = 30_000;

/** What pools are scaled by. */
export interface ScalingMeans extends LoopMeans {
  readonly events: Pick<EventRecorder, 'record'>;
  /** There is something new to say in the status of a pool. */
  readonly onNews: () => void;
  readonly asking: Asking;
  /** Keeps the pools of a namespace from taking all connections. */
  readonly turns: Turnstile;
}

/** Scales one pool, through its subresource `scale`. Nothing that it remembers is needed after a start. */
export class PoolScaler {
  readonly uid: string;
  readonly #means: ScalingMeans;
  /** The same object while the spec says the same, since schedules are looked up by it. */
  #autoscale: PoolAutoscale | undefined;
  #pool: ScaledPool | undefined;
  #live: readonly TaskPod[] | undefined;
  #lately: readonly Wanted[] = [];
  readonly #contest = new ScaleContest();
  #webhooks: ScaleWebhooks;
  /** Why the API server refused the last write; empty when it did not. */
  #refused = '';
  /** When the next look is due though nothing changed, ms since the epoch. */
  #lookAt = 0;
  /** No write before, ms since the epoch. */
  #writeAfter = 0;
  #writing = false;
  #scaling: Scaling | undefined;
  #scaledAt: string | undefined;

  /** @param uid of the pool */
  constructor(uid: string, means: ScalingMeans) {
    this.uid = uid;
    this.#means = means;
    this.#webhooks = new ScaleWebhooks(means.asking);
  }

  /** What there is to say of the pool; undefined before the first look. */
  get scaling(): Scaling | undefined {
    return this.#scaling;
  }

  /**
   * Looks whether the pool should have another number of servers, if anything changed or is due.
   * @param live its servers, as the last cycle saw them
   * @param isDrained whether a node is to be empty, as that cycle saw it
   * @param signal ends what is begun
   */
  look(
    pool: ScaledPool,
    live: readonly TaskPod[],
    isDrained: (node: string) => boolean,
    signal: AbortSignal,
  ): void {
    const now = this.#means.clock.now();
    if (this.#writing || (this.#pool === pool && this.#live === live && now < this.#lookAt)) return;
    const { replicas } = pool.spec;
    if (!this.#contest.seen(replicas, pool.metadata.resourceVersion ?? '', now)) return;
    const servers = serversOf(pool, live, isDrained);
    const decision = decide(this.#policyOf(pool), {
      replicas,
      servers,
      template: templateCounters(pool),
      answers: this.#webhooks.answers,
      lately: this.#lately,
      now,
    });
    const askAt = this.#webhooks.ask(decision.asked, pool, servers, signal, () => void (this.#lookAt = 0));
    this.#pool = pool;
    this.#live = live;
    this.#lately = decision.lately;
    this.#lookAt = Math.min(decision.changesAt, askAt, this.#contest.endsAt);
    this.#say(decision);
    if (decision.desired === replicas) return;
    if (now < this.#writeAfter) this.#lookAt = Math.min(this.#lookAt, this.#writeAfter);
    else void this.#scale(pool, decision, signal);
  }

  #policyOf({ spec: { autoscale } }: ScaledPool): PoolAutoscale {
    if (this.#autoscale && canonicalJson(this.#autoscale) === canonicalJson(autoscale))
      return this.#autoscale;
    // What was answered to another policy says nothing.
    if (this.#autoscale) this.#webhooks = new ScaleWebhooks(this.#means.asking);
    return (this.#autoscale = autoscale);
  }

  /** Keeps what there is to say of a decision. */
  #say({ desired, policy, because, active, limited }: Decision): void {
    const other = this.#trouble();
    const before = canonicalJson(this.#scaling);
    this.#scaling = {
      desired,
      policy,
      because: other ? `${because}; ${other.message}` : because,
      active: other?.reason ?? active,
      limited,
      scaledAt: this.#scaledAt,
    };
    if (canonicalJson(this.#scaling) !== before) this.#means.onNews();
  }

  /** What keeps the number of servers from being what it should be, though a policy decides. */
  #trouble(): { readonly reason: ScalingReason; readonly message: string } | undefined {
    if (this.#refused !== '') return { reason: SCALING_REASON.refused, message: this.#refused };
    if (!this.#contest.goesOn) return undefined;
    const message =
      'somebody else sets spec.replicas again and again: remove the HorizontalPodAutoscaler or ScaledObject of the pool, or ' +
      'leave spec.replicas out of what you apply; or remove spec.autoscale';
    return { reason: SCALING_REASON.contested, message };
  }

  async #scale(pool: ScaledPool, { desired, policy }: Decision, signal: AbortSignal): Promise<void> {
    const { client, clock, events, log, mayWrite: mayGo, turns } = this.#means;
    const { namespace = '', name, resourceVersion } = pool.metadata;
    const path = `/apis/${API_VERSION}/namespaces/${namespace}/${pool.names.plural}/${name}/scale`;
    const body = { metadata: { resourceVersion }, spec: { replicas: desired } };
    let pauseMs = this.#contest.goesOn ? LONG_PAUSE_MS : PAUSE_MS;
    this.#writing = true;
    this.#contest.sends(desired);
    try {
      const scale = await turns.pass(namespace, () =>
        client.request<KubeObject>({ method: 'PATCH', path, body, signal, mayGo }),
      );
      this.#contest.wrote(desired, scale.metadata.resourceVersion);
      this.#refused = '';
      this.#scaledAt = formatTime(clock.now());
      // Without numbers, so that one event with a count tells of many.
      const change = desired > pool.spec.replicas ? 'more' : 'fewer';
      const by = policy === undefined ? 'its bounds' : `its policy ${policy}`;
      announceScaled(events, pool, `${change} servers by ${by}: status.autoscale says how many and why`);
    } catch (error) {
      if (isKubeError(error, 'forbidden', 'invalid')) {
        this.#refused = messageOf(error);
        pauseMs = LONG_PAUSE_MS;
      } else if (!signal.aborted && !isKubeError(error, 'conflict', 'notFound', 'fenced'))
        log.warn({ pool: pool.key, error: messageOf(error) }, 'a pool was not scaled');
    }
    this.#writing = false;
    this.#writeAfter = clock.now() + pauseMs;
    // Whatever came of it is looked at once more.
    this.#lookAt = 0;
  }
}
