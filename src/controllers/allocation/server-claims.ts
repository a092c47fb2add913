import { AllocationError } from '../../allocation/errors.ts';
import type { Inventory } from '../../allocation/inventory.ts';
import {
  bindingOf,
  claimRequest,
  claimSession,
  claimStatus,
  expiryOf,
  isDue,
  isOfClaim,
  lossOf,
  refusalOf,
  serverClaimFacts,
  type ClaimNews,
  type ServerClaim,
} from '../../allocation/server-claim.ts';
import type { SessionAnswer } from '../../api/allocation.ts';
import { CLAIM_REASON, CONDITION } from '../../api/conditions.ts';
import { API_VERSION } from '../../api/group.ts';
import { KIND } from '../../api/kinds.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Store } from '../../kube/store.ts';
import type { KubeObject } from '../../kube/types.ts';
import { messageOf } from '../../lib/errors.ts';
import { isSameJson } from '../../lib/same-json.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { Told } from '../../writes/handler.ts';
import { announceClaim } from '../announce.ts';
import { lookEvery, type Loop, type LoopMeans } from '../loop.ts';
import { Turnstile } from '../turnstile.ts';
import { WorkQueue } from '../work-queue.ts';
import type { AllocationDesk } from './desk.ts';

/** How often all claims and their sessions are looked at, ms. */
const LOOK_MS = 1000;
/** Most claims of one namespace that stand in line at a time: the others do not take the places of everybody. */
const MOST_IN_LINE = 100;

/** What claims are served with. */
export interface ServerClaimsOptions extends LoopMeans {
  readonly claims: Store<ServerClaim>;
  readonly inventory: Inventory;
  readonly desk: Pick<AllocationDesk, 'allocate' | 'end'>;
  readonly events: Pick<EventRecorder, 'record'>;
  /** Tells people what became of a session, on the pool of its server. */
  readonly tell: (server: TaskPod, event: Told) => void;
}

/**
 * Has the desk serve GameServerClaims, each as a session of its own. A claim needs no finalizer: a server whose session is that of a
 * claim which is not there is released, whenever and however the claim went.
 */
export class ServerClaims implements Loop {
  readonly #options: ServerClaimsOptions;
  /** Claims to serve and to delete, and sessions to end, by key. */
  readonly #serving: WorkQueue;
  readonly #ending: WorkQueue;
  readonly #expiring: WorkQueue;
  /** Those that exist, by `namespace/session`. */
  readonly #known = new Set<string>();
  /** Those that stand in line, by session: aborted when the claim goes. */
  readonly #waiting = new Map<string, AbortController>();
  readonly #turns = new Turnstile(MOST_IN_LINE);

  constructor(options: ServerClaimsOptions) {
    this.#options = options;
    this.#serving = new WorkQueue({ ...options, what: 'server claim', work: (key) => this.#serve(key) });
    this.#ending = new WorkQueue({ ...options, what: 'end of a server claim', work: (id) => this.#end(id) });
    this.#expiring = new WorkQueue({
      ...options,
      what: 'expiry of a server claim',
      work: (key) => this.#expire(key),
    });
    const { claims, mayDecide } = options;
    claims.subscribe(({ type, object, old }) => {
      if (old && idOf(old) !== idOf(object)) this.#forget(old);
      if (type === 'deleted' || object.metadata.deletionTimestamp !== undefined) return this.#forget(object);
      this.#known.add(idOf(object));
      // Until we lead nobody is served, and then the oldest comes first.
      if (mayDecide() && this.#isDue(object)) this.#serving.add(object.key);
    });
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const queues = [this.#serving, this.#ending, this.#expiring];
    const looking = lookEvery(LOOK_MS, this.#options, 'claims of servers', signal, () => this.#look());
    await Promise.all([...queues.map((queue) => queue.run(signal)), looking]);
  }

  #look(): void {
    const { claims, inventory } = this.#options;
    for (const id of inventory.sessions()) if (isOfClaim(id) && !this.#known.has(id)) this.#ending.add(id);
    const due = [...claims.values()].filter((claim) => this.#isDue(claim));
    due.sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
    for (const { key } of due) this.#serving.add(key);
    for (const claim of claims.values()) if (this.#isExpired(claim)) this.#expiring.add(claim.key);
  }

  #isDue(claim: ServerClaim): boolean {
    return !this.#waiting.has(idOf(claim)) && isDue(claim, this.#serverOf(claim));
  }

  #serverOf(claim: ServerClaim) {
    return this.#options.inventory.ofSession(claim.metadata.namespace ?? '', claimSession(claim));
  }

  /** A claim is gone: it leaves the line, and its session ends. */
  #forget(claim: ServerClaim): void {
    const id = idOf(claim);
    this.#known.delete(id);
    this.#waiting.get(id)?.abort();
    if (this.#options.mayDecide() && this.#serverOf(claim)) this.#ending.add(id);
  }

  async #end(id: string): Promise<void> {
    if (this.#known.has(id)) return;
    const [namespace = '', session = ''] = id.split('/');
    const { desk, inventory, log, tell } = this.#options;
    const server = inventory.ofSession(namespace, session);
    const { released } = await desk.end({ namespace, session });
    if (!released) return;
    log.info({ namespace, session }, 'a claim is gone, its session is over');
    if (!server) return;
    const note = `session ${session} has ${server.name} no more: its claim was deleted`;
    tell(server, { type: 'Normal', reason: 'SessionReleased', action: 'Release', note });
  }

  #isExpired(claim: ServerClaim): boolean {
    return (expiryOf(claim) ?? Infinity) <= this.#options.clock.now();
  }

  /** Deletes a claim as it was seen: one that was made anew under its name stays. */
  async #expire(key: string): Promise<void> {
    const { claims, client, events, mayWrite: mayGo } = this.#options;
    const claim = claims.get(key);
    if (!claim || !this.#isExpired(claim)) return;
    const { uid, resourceVersion } = claim.metadata;
    try {
      await client.request({
        method: 'DELETE',
        path: pathOf(claim),
        body: { preconditions: { uid, resourceVersion } },
        mayGo,
      });
    } catch (error) {
      if (isKubeError(error, 'conflict', 'notFound')) return;
      throw error;
    }
    const note = `deleted ${claim.spec.ttlSecondsAfterFinished} s after it was finished`;
    announceClaim(events, claim, { type: 'Normal', reason: 'ClaimExpired', action: 'Delete', note });
  }

  async #serve(key: string): Promise<void> {
    const { claims, clock, desk, inventory } = this.#options;
    const claim = claims.get(key);
    if (!claim || !this.#isDue(claim)) return;
    const { status, faults, metadata } = claim;
    if (status.state === 'Bound')
      return this.#tell(claim, lossOf(claim, inventory.get(`${metadata.namespace}/${status.server}`)));
    if (faults[0] !== undefined)
      return this.#tell(claim, { state: 'Failed', reason: CLAIM_REASON.refused, message: faults[0] });
    const request = claimRequest(claim, clock.now());
    try {
      await this.#bind(
        claim,
        await desk.allocate({ ...request, waitSeconds: 0 }, new AbortController().signal),
      );
    } catch (error) {
      await this.#refuse(claim, error);
      const isNone = error instanceof AllocationError && error.code === 'PROFFER_ALLOCATION_NONE_FREE';
      if (isNone && request.waitSeconds > 0) void this.#wait(claim);
    }
  }

  /** Stands in line for a claim, until it has a server or is gone. */
  async #wait(claim: ServerClaim): Promise<void> {
    const { clock, desk, log } = this.#options;
    const gone = new AbortController();
    this.#waiting.set(idOf(claim), gone);
    try {
      const answer = await this.#turns.pass(claim.metadata.namespace ?? '', async () => {
        gone.signal.throwIfAborted();
        return desk.allocate(claimRequest(claim, clock.now()), gone.signal);
      });
      await this.#bind(claim, answer);
    } catch (error) {
      // What passes by itself, such as an end of our leadership, is not told: the claim is looked at again.
      if (!gone.signal.aborted)
        await this.#refuse(claim, error).catch((why: unknown) =>
          log.debug({ claim: claim.key, error: messageOf(why) }, 'a claim could not be served'),
        );
    } finally {
      this.#waiting.delete(idOf(claim));
    }
  }

  #bind(claim: ServerClaim, answer: SessionAnswer): Promise<void> {
    const { uid = '' } = this.#serverOf(claim) ?? {};
    return this.#tell(claim, bindingOf(answer), { ...answer, uid });
  }

  /** @throws the error when there is nothing to say of it: it passes, and the claim is tried again */
  async #refuse(claim: ServerClaim, error: unknown): Promise<void> {
    const refusal =
      error instanceof AllocationError ? refusalOf(claim, error, this.#options.clock.now()) : undefined;
    if (!refusal) throw error;
    await this.#tell(claim, refusal);
  }

  async #tell(
    claim: ServerClaim,
    news: ClaimNews,
    answer?: Parameters<typeof claimStatus>[3],
  ): Promise<void> {
    const { claims, client, clock, events, mayWrite: mayGo } = this.#options;
    const { uid } = claim.metadata;
    const current = claims.get(claim.key);
    if (!current || current.metadata.uid !== uid) return;
    const status = claimStatus(current, news, clock.now(), answer);
    if (isSameJson(status, current.status)) return;
    const object = await client.request<KubeObject>({
      method: 'PATCH',
      path: `${pathOf(claim)}/status`,
      body: [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'add', path: '/status', value: status },
      ],
      contentType: 'application/json-patch+json',
      mayGo,
    });
    // What was said counts at once: a claim that has had its server is given no other, however late the watch is.
    if (claims.get(claim.key)?.metadata.uid === uid)
      claims.put(serverClaimFacts(object), object.metadata.resourceVersion);
    const { reason, message: note } = news;
    const before = current.status.conditions?.find((each) => each.type === CONDITION.bound)?.reason;
    if (reason === before) return;
    const type = news.state === 'Bound' || news.state === 'Pending' ? 'Normal' : 'Warning';
    announceClaim(events, claim, { type, reason, action: 'Bind', note });
  }
}

const pathOf = ({ metadata: { namespace, name } }: ServerClaim): string =>
  `/apis/${API_VERSION}/namespaces/${namespace}/${KIND.serverClaim.plural}/${name}`;

const idOf = (claim: ServerClaim): string => `${claim.metadata.namespace}/${claimSession(claim)}`;

/** Sorts the oldest first. */
const ageOf = ({ metadata, key }: ServerClaim): string => `${metadata.creationTimestamp} ${key}`;
