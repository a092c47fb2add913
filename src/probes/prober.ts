import type { Store } from '../kube/store.ts';
import type { Log } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { Counts } from '../views/counts.ts';
import type { Told } from '../writes/handler.ts';
import type { ask, Finding } from './ask.ts';
import { Crowd } from './crowd.ts';
import { DueHeap } from './due-heap.ts';
import { verdictWords, type Notes } from './notes.ts';
import { serverOf, shownVerdict, type AskedServer } from './server.ts';
import { afterFinding, nextQuestion, type Standing } from './standing.ts';

/** How often is looked whom to ask, ms, and how many questions go out each time: 2,000 a second. */
const TICK_MS = 100;
const MOST_A_TICK = 200;

/** Most questions without an answer at a time, and of them for the servers of one namespace. */
const MOST_AT_ONCE = 512;
const MOST_OF_NAMESPACE = 128;

const OUTCOMES = { Refused: 'refused', Silent: 'silent' } as const;

/** What the prober works with. */
export interface ProberOptions {
  readonly pods: Store<PodFacts>;
  readonly ask: typeof ask;
  readonly notes: Notes;
  /** Tells people of a server, on the workload that it belongs to. */
  readonly tell: (server: PodFacts, event: Told) => void;
  readonly counts: Pick<Counts, 'add'>;
  readonly clock: Clock;
  /** Yields [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Asks servers over the network whether they answer, each at its own moment of its period, and has their Pods say what came
 * of it. All it knows stands on the Pods: who takes over goes on from there.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #servers = new Map<string, AskedServer>();
  readonly #heap = new DueHeap<AskedServer>();
  readonly #asking = new Map<string, number>();
  /** Places from which most servers have ceased to answer. */
  readonly #silent = new Set<string>();
  #crowd = new Crowd();
  #inFlight = 0;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Asks until the signal aborts: while this process leads. */
  async run(signal: AbortSignal): Promise<void> {
    const { pods, notes, clock } = this.#options;
    const unsubscribe = pods.subscribe(({ type, object }) => this.#seen(object, type === 'deleted'));
    for (const pod of pods.values()) this.#seen(pod, false);
    while (!signal.aborted) {
      this.#askDue(clock.monotonic());
      notes.go(clock.monotonic(), clock.now());
      await clock.sleep(TICK_MS, signal);
    }
    unsubscribe();
    for (const server of this.#servers.values()) this.#forget(server);
  }

  #seen(pod: PodFacts, isDeleted: boolean): void {
    const known = this.#servers.get(pod.key);
    if (!known && !pod.task?.asked) return;
    const now = this.#options.clock.monotonic();
    const same = known?.pod.uid === pod.uid ? known : undefined;
    const server = isDeleted ? undefined : serverOf(pod, same, now);
    if (known && known !== server) this.#forget(known);
    if (!server) return;
    if (server !== known) {
      this.#servers.set(pod.key, server);
      this.#count(server, 1);
      // Those that were known to answer are asked at their own moments, lest all of a new leader are at once.
      if (shownVerdict(pod)) server.due = nextQuestion(server.standing, server.query, server.moment, now);
      this.#heap.push(server);
    }
    this.#options.notes.look(server, now);
  }

  #forget(server: AskedServer): void {
    server.isGone = true;
    this.#count(server, -1);
    this.#servers.delete(server.pod.key);
    this.#options.notes.look(server, 0);
  }

  /** Servers that answered once count among those of their places. */
  #count({ standing, places }: AskedServer, by: 1 | -1): void {
    if (standing.verdict === 'Answers') this.#crowd.count(places, standing.misses > 0, by);
  }

  #askDue(now: number): void {
    const aside: AskedServer[] = [];
    let left = Math.min(MOST_A_TICK, MOST_AT_ONCE - this.#inFlight);
    while (left > 0 && (this.#heap.first?.due ?? Infinity) <= now) {
      const server = this.#heap.pop()!;
      if (server.isGone) continue;
      const { namespace } = server.pod;
      const asking = this.#asking.get(namespace) ?? 0;
      if (asking >= MOST_OF_NAMESPACE) {
        aside.push(server);
        continue;
      }
      this.#asking.set(namespace, asking + 1);
      this.#inFlight++;
      left--;
      void this.#ask(server);
    }
    for (const server of aside) this.#heap.push(server);
    for (const place of this.#silent) {
      if (this.#crowd.isSilent(place)) continue;
      this.#silent.delete(place);
      this.#options.log.info({ place }, 'most servers answer again');
    }
  }

  async #ask(server: AskedServer): Promise<void> {
    const { clock, random } = this.#options;
    const { namespace } = server.pod;
    const nonce = Buffer.alloc(4);
    nonce.writeUInt32BE(Math.floor(random() * 2 ** 32));
    try {
      const finding = await this.#options.ask(server.target, server.query, nonce);
      if (!server.isGone) this.#found(server, finding);
    } finally {
      this.#inFlight--;
      const asking = this.#asking.get(namespace)! - 1;
      if (asking > 0) this.#asking.set(namespace, asking);
      else this.#asking.delete(namespace);
      if (!server.isGone) {
        server.due = nextQuestion(server.standing, server.query, server.moment, clock.monotonic());
        this.#heap.push(server);
      }
    }
  }

  #found(server: AskedServer, finding: Finding): void {
    const { clock, counts, notes } = this.#options;
    const now = clock.monotonic();
    counts.add('probes', { outcome: finding.kind === 'unanswered' ? OUTCOMES[finding.how] : finding.kind });
    if (finding.kind === 'unanswered') server.why = finding.why;
    if (finding.kind === 'answered' && finding.answer.players) {
      const { count, capacity } = finding.answer.players;
      server.players = `${count}/${capacity}`;
    }
    const before = server.standing;
    const place = finding.kind === 'unanswered' ? this.#crowd.silentPlace(server.places) : undefined;
    const after = afterFinding(before, finding, server.query, now, place !== undefined);
    this.#count(server, -1);
    server.standing = after;
    this.#count(server, 1);
    this.#tell(server, before, place);
    notes.look(server, now);
  }

  /** Tells people what a question changed. */
  #tell(server: AskedServer, before: Standing, place: string | undefined): void {
    const { log, tell } = this.#options;
    const { pod, standing, query } = server;
    if (standing.verdict !== before.verdict) {
      if (standing.verdict !== 'Answers')
        tell(pod, {
          type: 'Warning',
          reason: 'Unanswered',
          action: 'Ask',
          note: `${pod.name} does not answer: ${verdictWords(server)}`,
        });
      else if (before.verdict !== undefined)
        tell(pod, {
          type: 'Normal',
          reason: 'AnswersAgain',
          action: 'Ask',
          note: `${pod.name} answers ${query.protocol} again`,
        });
    }
    if (place === undefined || standing.misses < query.failureThreshold || this.#silent.has(place)) return;
    this.#silent.add(place);
    log.warn(
      { place, pod: pod.key, why: server.why },
      'most servers ceased to answer at once: none is given up',
    );
    const where = place.startsWith('node ') ? place : `its ${place.split(' ')[0]}`;
    const note = `most servers of ${where} ceased to answer at once, ${pod.name} among them: none is given up`;
    tell(pod, { type: 'Warning', reason: 'Spared', action: 'Ask', note });
  }
}
