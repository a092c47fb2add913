import { accept } from './accept.ts';
import {
  addAgent,
  failover,
  removeAgent,
  reserve,
  setAgentActive,
  setUnavailability,
  updateAgent,
} from './agent-events.ts';
import { Cluster } from './cluster.ts';
import type { EngineEvent } from './events.ts';
import { runFilling } from './filling-run.ts';
import {
  addFramework,
  deactivate,
  removeFramework,
  revive,
  setActive,
  setConstraints,
  suppress,
  updateFramework,
} from './framework-events.ts';
import { answerInverse, convert, finish, recover } from './holding-events.ts';
import { frameworkOf } from './lookup.ts';
import { OfferBook } from './offer-book.ts';
import { DEFAULT_OPTIONS, type EngineOptions } from './options.ts';
import { NO_OUTCOME, Outcome, type EngineResult, type Offer } from './outcome.ts';
import { QuotaBook } from '../roles/quota-book.ts';
import { setQuota, setWeight } from './quota-events.ts';
import { reportRoles, type RoleReport } from './role-report.ts';
import { OfferRun } from './run.ts';
import { type AgentState, byAge, type Membership } from './state.ts';

/** Over which agents a run was asked for. */
type Asked = AgentState | 'all' | null;

/**
 * The semantics of the Mesos hierarchical allocator, and of the parts of the master around it that decide what is
 * offered: events go in, offers come out. Deterministic: no input but the options, the events and their times.
 *
 *     const engine = new OfferEngine({ seed: 7 });
 *     engine.apply({ kind: 'framework', id: 'F', roles: ['dev'] }, 0);
 *     engine.apply({ kind: 'agent', id: 'A', total: parseResources('cpus:2;mem:1024', 'agent') }, 0).offers;
 */
export class OfferEngine {
  readonly #cluster: Cluster;
  readonly #offers: OfferBook;
  readonly #quota: QuotaBook<Membership>;
  #paused = false;
  #askedAll = false;
  readonly #asked = new Set<AgentState>();
  /** Of the present event; holds what time brought before an event that was refused. */
  #outcome = new Outcome();

  /** @param options those left out have the defaults of {@link DEFAULT_OPTIONS} */
  constructor(options: Partial<EngineOptions> = {}) {
    this.#cluster = new Cluster({ ...DEFAULT_OPTIONS, ...options });
    this.#offers = new OfferBook(this.#cluster);
    this.#quota = new QuotaBook(this.#cluster.accounts);
  }

  /**
   * Applies an event, and makes the run that it asks for, if any.
   * @param now seconds on the engine's clock, not before those of the last event
   * @throws EventError when the event cannot be; then nothing of it was applied
   */
  apply(event: EngineEvent, now: number): EngineResult {
    this.#cluster.clock.advance(now);
    const outcome = this.#outcome;
    this.#offers.expire(outcome);
    const asked = this.#change(event, outcome);
    // What asks for a run while agents are waited for is not remembered: the next batch is for all anyway.
    if (asked !== null && !this.#cluster.isHeld()) {
      if (asked === 'all') this.#askedAll = true;
      else this.#asked.add(asked);
    }
    if (!this.#paused && (this.#askedAll || this.#asked.size > 0)) this.#run(outcome);
    if (event.kind === 'batch') this.#cluster.clock.endBatch();
    if (outcome.isEmpty) return NO_OUTCOME;
    this.#outcome = new Outcome();
    return outcome;
  }

  /** Dominant share, weight included, of every role with a framework, by role. */
  shares(): Record<string, number> {
    const shares: Record<string, number> = {};
    const { roles, roleSorter } = this.#cluster.accounts;
    for (const role of roles.all()) {
      if (role.client !== null) shares[role.path] = roleSorter.shareOf(role.client);
    }
    return shares;
  }

  /** How every role stands that exists: has a weight, quota, framework or reservation, or such a role below it. */
  roles(): RoleReport[] {
    return reportRoles(this.#cluster);
  }

  /** The offers that are out, oldest first. */
  outstanding(): Offer[] {
    return byAge(this.#cluster.offers);
  }

  /** What happens to the state, and what run is wanted for it. */
  #change(event: EngineEvent, outcome: Outcome): Asked {
    const cluster = this.#cluster;
    const offers = this.#offers;
    switch (event.kind) {
      case 'agent':
        return addAgent(cluster, event);
      case 'updateAgent':
        return updateAgent(cluster, event);
      case 'removeAgent':
        this.#asked.delete(removeAgent(cluster, offers, event, outcome));
        return null;
      case 'deactivateAgent':
      case 'activateAgent':
        setAgentActive(cluster, offers, event, outcome);
        return null;
      case 'failover':
        failover(cluster, event);
        // There is no agent that anybody could have asked a run for.
        this.#askedAll = false;
        return null;
      case 'framework':
        addFramework(cluster, event);
        return event.active === false ? null : 'all';
      case 'updateFramework':
        updateFramework(cluster, offers, event, outcome);
        return null;
      case 'activate':
        setActive(cluster, frameworkOf(cluster, event.framework, 'activate'), true);
        return 'all';
      case 'deactivate':
        deactivate(cluster, offers, frameworkOf(cluster, event.framework, 'deactivate'), outcome);
        return null;
      case 'removeFramework':
        removeFramework(cluster, offers, frameworkOf(cluster, event.framework, 'removeFramework'), outcome);
        return null;
      case 'weight':
        setWeight(cluster, offers, event, outcome);
        return null;
      case 'quota':
        setQuota(cluster, offers, event, outcome);
        return null;
      case 'recover':
        recover(cluster, offers, event);
        return null;
      case 'recoverAll':
        for (const offer of byAge(cluster.offers)) offers.take(offer);
        return null;
      case 'suppress':
        suppress(cluster, event, outcome);
        return null;
      case 'revive':
        return revive(cluster, event, outcome) ? 'all' : null;
      case 'convert':
        convert(cluster, offers, event);
        return null;
      case 'reserve':
        reserve(cluster, event);
        return null;
      case 'whitelist':
        cluster.whitelist = event.hostnames === null ? null : new Set(event.hostnames);
        return null;
      case 'unavailability':
        return setUnavailability(cluster, offers, event, outcome);
      case 'inverseAnswer':
        answerInverse(cluster, event);
        return null;
      case 'offerConstraints':
        setConstraints(cluster, event);
        return null;
      case 'accept':
        accept(cluster, offers, event, outcome);
        return null;
      case 'finish':
        finish(cluster, event);
        return null;
      case 'batch':
        return 'all';
      case 'pause':
        this.#paused = true;
        return null;
      case 'resume':
        this.#paused = false;
        return null;
    }
  }

  /** One run over everything that asked. */
  #run(outcome: Outcome): void {
    const { sortedAgents } = this.#cluster;
    const isForAll = this.#askedAll;
    const agents = isForAll ? sortedAgents : [...this.#asked].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#askedAll = false;
    this.#asked.clear();
    if (agents.length === 0) return;
    const offered = this.#cluster.offerable(agents);
    const drafts = this.#cluster.isDemanding()
      ? runFilling(this.#cluster, this.#quota, offered)
      : new OfferRun(this.#cluster, this.#quota).make(offered);
    if (isForAll) this.#cluster.accounts.settleFresh();
    this.#offers.publish(drafts, outcome);
    this.#offers.publishInverse(agents, outcome);
    outcome.runs++;
  }
}
