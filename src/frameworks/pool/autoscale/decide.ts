import type { PoolAutoscale, ScalePolicy, WebhookPolicy } from '../../../api/pool/autoscale.ts';
import { REASON } from '../../../api/conditions.ts';
import { SCALING_REASON, type ScalingReason } from '../../../api/pool/scaling-reasons.ts';
import { bufferWish } from './buffer.ts';
import { counterWish } from './counter.ts';
import { effectOf } from './schedule.ts';
import type { Counters } from '../../../snapshot/hints.ts';
import type { Server, Wish } from './server.ts';
import { mostToGo } from './shrink.ts';
import { steady, wantedLately, type Wanted } from './steady.ts';

/** What is known of a webhook. */
export interface Answer {
  /** What it said last; undefined when it wanted no change, or has said nothing yet. */
  readonly replicas: number | undefined;
  /** Since when all requests failed, ms since the epoch; undefined while they do not. */
  readonly failingSince: number | undefined;
  /** Why the last one failed; or empty. */
  readonly failure: string;
}

/** What a decision follows from. */
export interface Situation {
  /** `spec.replicas`. */
  readonly replicas: number;
  /** All servers of the pool, those that have no Pod yet among them, in the order in which it lets them go. */
  readonly servers: readonly Server[];
  /** Counters of a server at its birth, as the template has them. */
  readonly template: Counters;
  /** What webhooks said, by the name of their policy. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** What was wanted lately; nothing right after a start, and then the pool does not shrink at once. */
  readonly lately: readonly Wanted[];
  /** ms since the epoch */
  readonly now: number;
}

/** A webhook that a decision goes by. */
export interface Asked {
  /** Name of its policy. */
  readonly name: string;
  readonly webhook: WebhookPolicy;
}

/** How many servers there are to be, and why. */
export interface Decision {
  readonly desired: number;
  /** The policy that says so; undefined when none applies. */
  readonly policy: string | undefined;
  /** One sentence. */
  readonly because: string;
  /** Whether a policy decides, and if not why. */
  readonly active: ScalingReason | typeof REASON.ok;
  /** Which bound holds the number. */
  readonly limited: ScalingReason | typeof REASON.ok;
  readonly lately: readonly Wanted[];
  /** Webhooks that are to be asked again and again while this stands. */
  readonly asked: readonly Asked[];
  /** When it may come out differently though nothing changed, ms since the epoch. */
  readonly changesAt: number;
}

/** What one policy says. */
interface Saying {
  readonly wish?: Wish;
  /** Why it does not apply, or does not decide. */
  readonly trouble?: { readonly reason: ScalingReason; readonly message: string };
  readonly asked?: WebhookPolicy;
  readonly changesAt?: number;
}

const trouble = (reason: ScalingReason, message: string): Saying => ({ trouble: { reason, message } });

function webhookSays(webhook: WebhookPolicy, name: string, { answers, replicas, now }: Situation): Saying {
  const { replicas: said, failingSince, failure = '' } = answers.get(name) ?? {};
  const wish = { replicas: said ?? replicas, because: said === undefined ? 'no change' : 'as it answered' };
  if (failingSince === undefined) return { wish, asked: webhook };
  const givesUpAt = failingSince + webhook.giveUpSeconds * 1000;
  const failed = { reason: SCALING_REASON.webhook, message: `the webhook fails: ${failure}` };
  return now < givesUpAt
    ? { wish, asked: webhook, trouble: failed, changesAt: givesUpAt }
    : { asked: webhook, trouble: failed };
}

function says(policy: ScalePolicy, name: string, situation: Situation): Saying {
  const { buffer, counter, webhook, schedule } = policy;
  if (buffer) return { wish: bufferWish(buffer, situation.servers) };
  if (counter) {
    const { servers, replicas, template } = situation;
    const wish = counterWish(counter, servers, replicas, template[counter.name]);
    if (wish) return { wish };
    return trouble(
      SCALING_REASON.counter,
      `no server says the capacity of its counter ${counter.name}: write proffer.dev/counter.${counter.name} = COUNT/CAPACITY`,
    );
  }
  if (webhook) return webhookSays(webhook, name, situation);
  if (!schedule) return {};
  const { active, changesAt, fault } = effectOf(schedule, situation.now);
  if (fault !== undefined) return trouble(SCALING_REASON.schedule, fault);
  if (!active) return { changesAt };
  const said = says({ ...schedule, schedule: undefined }, name, situation);
  return { ...said, changesAt: Math.min(changesAt, said.changesAt ?? Infinity) };
}

/** The policies in the order in which they are tried. */
function policiesOf(autoscale: PoolAutoscale): { name: string; policy: ScalePolicy }[] {
  const { chain, buffer, counter, webhook, schedule } = autoscale;
  if (chain) return chain.map((policy) => ({ name: policy.name, policy }));
  const [name] = Object.entries({ buffer, counter, webhook, schedule }).find(([, its]) => its) ?? ['none'];
  return [{ name, policy: { buffer, counter, webhook, schedule } }];
}

/** A number within its bounds, and which of them holds it. */
function bounded(replicas: number, least: number, most: number): [number, Decision['limited']] {
  if (replicas > most) return [most, SCALING_REASON.tooMany];
  if (replicas < least) return [least, SCALING_REASON.tooFew];
  return [replicas, REASON.ok];
}

/** How many servers a pool is to have. */
export function decide(autoscale: PoolAutoscale, situation: Situation): Decision {
  const { replicas, now } = situation;
  const asked: Asked[] = [];
  let changesAt = Infinity;
  const troubles: NonNullable<Saying['trouble']>[] = [];
  let chosen: (Saying & { name: string; policy: ScalePolicy; wish: Wish }) | undefined;
  for (const { name, policy } of policiesOf(autoscale)) {
    const said = says(policy, name, situation);
    if (said.asked) asked.push({ name, webhook: said.asked });
    changesAt = Math.min(changesAt, said.changesAt ?? Infinity);
    if (said.trouble) troubles.push(said.trouble);
    if (said.wish) chosen = { ...said, name, policy, wish: said.wish };
    if (chosen) break;
  }
  const { policy = {} as ScalePolicy, wish = { replicas, because: '' } } = chosen ?? {};
  const own = policy.schedule ?? policy;
  const most = Math.min(autoscale.maxReplicas, own.maxReplicas ?? Infinity, policy.maxReplicas ?? Infinity);
  const least = Math.min(
    most,
    Math.max(autoscale.minReplicas, own.minReplicas ?? 0, policy.minReplicas ?? 0),
  );
  const [wanted, limited] = bounded(wish.replicas, least, most);

  const windowMs = autoscale.stabilizationSeconds * 1000;
  // What there was before a start counts as wanted then.
  const before = situation.lately.length === 0 ? [{ replicas, at: now }] : situation.lately;
  const lately = wantedLately(before, wanted, now, windowMs);
  const steadied = steady(lately, replicas);
  const desired = steadied < replicas ? shrunk(steadied, situation, wish) : steadied;
  if (lately.length > 1) changesAt = Math.min(changesAt, lately[0]!.at + windowMs);

  const name = chosen?.name;
  const because = [
    ...(name === undefined ? [] : [`${name}: ${wish.because}`]),
    ...troubles.map(({ message }) => message),
    ...(limited === REASON.ok ? [] : [`${wish.replicas} wanted, the bound is ${wanted}`]),
    ...(desired > wanted
      ? [`${desired} until ${wanted} is enough for ${autoscale.stabilizationSeconds} s`]
      : []),
  ];
  return {
    desired: Math.min(most, desired),
    policy: name,
    because: because.join('; ') || 'no policy applies now, the pool stays as it is',
    active: chosen ? (chosen.trouble?.reason ?? REASON.ok) : (troubles[0]?.reason ?? SCALING_REASON.none),
    limited,
    lately,
    asked,
    changesAt,
  };
}

/** How far the pool shrinks towards a number, so that what the policy keeps is left. */
function shrunk(towards: number, { replicas, servers }: Situation, { keep }: Wish): number {
  if (!keep) return towards;
  const leaving = servers.filter(({ held, withheld }) => !held && !withheld);
  const gone = mostToGo(leaving, servers, servers.length - towards, keep);
  return Math.max(towards, Math.min(replicas, servers.length - gone));
}
