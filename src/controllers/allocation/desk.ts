import { sessionAnswer } from '../../allocation/answer.ts';
import { entryOf, nextAfter, type Entry } from '../../allocation/entry.ts';
import { AllocationError } from '../../allocation/errors.ts';
import type { Inventory } from '../../allocation/inventory.ts';
import { Line } from '../../allocation/line.ts';
import { beginMarks, holdMarks, releaseMarks, type Hold, type Marks } from '../../allocation/marks.ts';
import { pick, type Scene } from '../../allocation/pick.ts';
import type {
  AllocateRequest,
  BeginRequest,
  ReleaseAnswer,
  ReleaseRequest,
  ReserveRequest,
  ServerWish,
  SessionAnswer,
} from '../../api/allocation.ts';
import { LABEL } from '../../api/group.ts';
import { sessionsTaken } from '../../snapshot/hints.ts';
import type { Pod } from '../../snapshot/reading/objects.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { LoopMeans } from '../loop.ts';
import { Turnstile } from '../turnstile.ts';
import { GuardedWrites, noLeader, type WriteOptions } from './guarded-write.ts';

/** How many servers are tried before a caller is told that others are always faster. */
const TRIES = 8;
/** The most callers that wait for a server at a time. */
const MOST_WAITING = 2000;

/** What the desk works with. */
export interface DeskOptions extends WriteOptions, Pick<LoopMeans, 'mayDecide'> {
  readonly scene: Scene;
}

type SessionOf = Pick<BeginRequest, 'namespace' | 'session'>;

/**
 * Gives servers to sessions, and takes them back. Each answer stands on the Pod before it is given; what is done for one session is done
 * one after the other, so that the same session never has two servers.
 */
export class AllocationDesk {
  readonly #options: DeskOptions;
  readonly #inventory: Inventory;
  readonly #writes: GuardedWrites;
  readonly #line = new Line<TaskPod>();
  /** The last thing that is done for a session. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** One write to a server at a time: the next one sees which sessions it has by then. */
  readonly #turnsOf = new Turnstile(1);
  /** Servers came free since those who wait were last served. */
  #dirty = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#inventory = options.inventory;
    this.#writes = new GuardedWrites(options);
    options.inventory.subscribe(() => this.look());
  }

  /** Servers came free, or may be used again: serves those who wait, soon. */
  look(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    if (this.#line.length > 0) setImmediate(() => this.#serve());
  }

  /** Leadership ended: those who wait are to ask the next leader. */
  stop(): void {
    this.#line.close();
  }

  /** Gives a session a server. @param signal aborts when the caller is gone @throws AllocationError */
  allocate(request: AllocateRequest, signal: AbortSignal): Promise<SessionAnswer> {
    return this.#hold(request, { state: 'Allocated', seconds: request.beginSeconds }, signal);
  }

  /** Keeps a server for a session for a while. @throws AllocationError */
  reserve(request: ReserveRequest, signal: AbortSignal): Promise<SessionAnswer> {
    return this.#hold(request, { state: 'Reserved', seconds: request.seconds }, signal);
  }

  /** The session has begun, its server is kept until it is released. @throws AllocationError */
  begin(of: BeginRequest): Promise<SessionAnswer> {
    return this.#inTurn(of, async () =>
      this.#told(await this.#change(of, (server, entry) => beginMarks(server, of.session, entry)), of),
    );
  }

  /** The server of a session. @throws AllocationError */
  async session(of: SessionOf): Promise<SessionAnswer> {
    this.#check();
    const server = this.#inventory.ofSession(of.namespace, of.session);
    return this.#told(server && (await this.#writes.read(server)), of);
  }

  /** Takes the server of a session back. @throws AllocationError */
  release(request: ReleaseRequest): Promise<ReleaseAnswer> {
    return this.#inTurn(request, async () => ({ released: await this.#release(request, request.next) }));
  }

  /** Takes the server of a session back as the session said when it got that. @throws AllocationError */
  end(of: SessionOf): Promise<ReleaseAnswer> {
    return this.#inTurn(of, async () => ({ released: await this.#release(of) }));
  }

  #serve(): void {
    this.#dirty = false;
    if (this.#options.mayDecide()) this.#line.serve();
  }

  #check(): void {
    if (!this.#options.mayDecide()) throw noLeader();
  }

  /** Does something for a session when all is done that was begun for it before. */
  async #inTurn<T>({ namespace, session }: SessionOf, work: () => Promise<T>): Promise<T> {
    const key = `${namespace}/${session}`;
    const mine = (this.#turns.get(key) ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        this.#check();
        return work();
      });
    this.#turns.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(key) === mine) this.#turns.delete(key);
    }
  }

  #hold(wish: ServerWish, hold: Hold, signal: AbortSignal): Promise<SessionAnswer> {
    return this.#inTurn(wish, async () => {
      signal.throwIfAborted();
      const kept = await this.#keep(wish, hold);
      if (kept) return kept;
      this.#checkPools(wish);
      const patience = this.#patience(wish, signal);
      try {
        return await this.#allot(wish, hold, AbortSignal.any([signal, patience.signal]), signal);
      } finally {
        patience.abort();
      }
    });
  }

  /** The server that a session has: it stays, and a reserved one is allocated when that is asked for. */
  async #keep(wish: ServerWish, hold: Hold): Promise<SessionAnswer | undefined> {
    const own = this.#inventory.ofSession(wish.namespace, wish.session);
    if (!own) return undefined;
    const { state } = own.task.sessions.find(({ id }) => id === wish.session)!;
    let clipped: readonly string[] = [];
    const marks = (server: TaskPod): Marks => {
      const held = this.#holdMarks(server, wish, hold);
      clipped = held.clipped;
      return held;
    };
    const isTaken = state === 'Reserved' && hold.state === 'Allocated';
    const pod = await (isTaken ? this.#change(wish, marks) : this.#writes.read(own));
    return pod && this.#answer(pod, wish, { isNew: false, clipped });
  }

  /** How many sessions a server takes. */
  #perServer({ namespace, labels, task }: TaskPod): number {
    const perServer = this.#options.scene.pool(namespace, labels[LABEL.pool] ?? '')?.perServer ?? 1;
    return sessionsTaken(task.counters, perServer);
  }

  #holdMarks(server: TaskPod, wish: ServerWish, hold: Hold) {
    return holdMarks(server, wish, hold, this.#perServer(server), this.#options.clock.now());
  }

  async #allot(
    wish: ServerWish,
    hold: Hold,
    patience: AbortSignal,
    caller: AbortSignal,
  ): Promise<SessionAnswer> {
    for (let tries = 1; tries <= TRIES; tries++) {
      const server = await this.#find(wish, patience);
      const given = server && (await this.#give(server, wish, hold, caller));
      caller.throwIfAborted();
      this.#check();
      if (!server) throw noneFree();
      // The state that was met may be our own work, whose answer got lost.
      const kept = given ?? (await this.#keep(wish, hold));
      if (kept) return kept;
    }
    throw new AllocationError(
      'PROFFER_ALLOCATION_CONTENTION',
      `${TRIES} servers in a row changed while they were given out: ask again with the same session`,
      { retryAfter: 1 },
    );
  }

  /** Gives a session a server that was taken for it; undefined when that changed meanwhile, or the caller hung up. */
  async #give(
    taken: TaskPod,
    wish: ServerWish,
    hold: Hold,
    caller: AbortSignal,
  ): Promise<SessionAnswer | undefined> {
    let given: { readonly pod: Pod; readonly clipped: readonly string[] } | undefined;
    try {
      given = await this.#turnsOf.pass(taken.uid, async () => {
        const server = this.#inventory.get(taken.key);
        if (caller.aborted || !this.#options.mayDecide()) return undefined;
        if (server?.uid !== taken.uid || !this.#inventory.hasRoom(server)) return undefined;
        const { clipped, ...marks } = this.#holdMarks(server, wish, hold);
        const pod = await this.#writes.write(server, marks);
        // Those behind us must not take its other places for lost.
        if (!pod && this.#perServer(server) > 1) await this.#writes.refresh(server);
        return pod && { pod, clipped };
      });
    } finally {
      this.#inventory.giveBack(taken);
    }
    if (!given) return undefined;
    if (!caller.aborted) return this.#answer(given.pod, wish, { isNew: true, clipped: given.clipped });
    // Nobody hears of it: the next one may have it.
    await this.#release(wish, 'Ready');
    return undefined;
  }

  /** Takes the server that fits best off the shelf, now or when one comes free. */
  async #find(wish: ServerWish, patience: AbortSignal): Promise<TaskPod | undefined> {
    const take = (): TaskPod | undefined => {
      const server = pick(this.#inventory, wish, this.#options.scene);
      if (server) this.#inventory.take(server);
      return server;
    };
    // Who waits was there before.
    if (this.#dirty) this.#serve();
    const server = take();
    if (server || wish.waitSeconds === 0) return server;
    if (this.#line.length >= MOST_WAITING) throw tooManyWait();
    return this.#line.wait(wish.priority, take, patience);
  }

  /** Aborts when the caller has waited for long enough. */
  #patience({ waitSeconds }: ServerWish, caller: AbortSignal): AbortController {
    const patience = new AbortController();
    const { clock } = this.#options;
    if (waitSeconds > 0)
      void clock
        .sleep(waitSeconds * 1000, AbortSignal.any([caller, patience.signal]))
        .then(() => patience.abort());
    return patience;
  }

  /** @throws AllocationError when all that is looked at are pools that do not exist */
  #checkPools({ namespace, selectors }: ServerWish): void {
    const { pool } = this.#options.scene;
    const known = selectors.some(({ pool: name }) => name === undefined || pool(namespace, name));
    if (known) return;
    const names = selectors.map(({ pool: name }) => name).join(', ');
    throw new AllocationError(
      'PROFFER_ALLOCATION_NOT_FOUND',
      `there is no GameServerPool ${names} in namespace ${namespace}`,
      { field: 'selectors[0].pool' },
    );
  }

  /** Takes a session off its server. @param next as the session said when left out @returns false when it has none */
  async #release(of: SessionOf, next?: 'Ready' | 'Drain'): Promise<boolean> {
    const pod = await this.#change(of, (server, entry) =>
      releaseMarks(server, of.session, entry, next ?? nextAfter(entry)),
    );
    return pod !== undefined;
  }

  /** Changes the server of a session, whatever else changes of it meanwhile; undefined when it has none. */
  async #change(of: SessionOf, marks: (server: TaskPod, entry: Entry) => Marks): Promise<Pod | undefined> {
    for (let tries = 1; tries <= TRIES; tries++) {
      const known = this.#inventory.ofSession(of.namespace, of.session);
      if (!known) return undefined;
      const { isOver, pod } = await this.#turnsOf.pass(known.uid, async () => {
        // The newest version, lest the lag of the watch be taken for somebody else's change.
        const seen = await this.#writes.read(known);
        const entry = seen && entryOf(seen, of.session);
        const { task } = seen ? this.#options.readPod(seen) : known;
        if (!seen || !entry || !task) return { isOver: true, pod: undefined };
        const server = { ...known, task, resourceVersion: seen.metadata.resourceVersion ?? '' };
        return { isOver: false, pod: await this.#writes.write(server, marks(server, entry)) };
      });
      if (isOver || pod) return pod;
    }
    throw new AllocationError(
      'PROFFER_ALLOCATION_CONTENTION',
      'the server of the session changed each time that it was written to: ask again',
      { retryAfter: 1 },
    );
  }

  #told(pod: Pod | undefined, of: SessionOf): SessionAnswer {
    const answer = pod && this.#answer(pod, of, { isNew: false, clipped: [] });
    if (answer) return answer;
    const { namespace, session } = of;
    throw new AllocationError(
      'PROFFER_ALLOCATION_NOT_FOUND',
      `session ${session} has no server in namespace ${namespace}: it was released, its time was up, or its server ended`,
      { field: 'session' },
    );
  }

  /** What a session is told of its server; undefined when that is its server no more. */
  #answer(
    pod: Pod,
    { session }: SessionOf,
    about: { isNew: boolean; clipped: readonly string[] },
  ): SessionAnswer | undefined {
    const entry = entryOf(pod, session);
    const counters = this.#options.readPod(pod).task?.counters ?? {};
    return entry && sessionAnswer(pod, session, entry, counters, about);
  }
}

const noneFree = (): AllocationError =>
  new AllocationError('PROFFER_ALLOCATION_NONE_FREE', 'no free server fits', { retryAfter: 1 });

const tooManyWait = (): AllocationError =>
  new AllocationError('PROFFER_ALLOCATION_TOO_MANY', `${MOST_WAITING} callers wait for a server already`, {
    retryAfter: 5,
  });
