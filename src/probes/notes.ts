import { podPath } from '../lib/pod-path.ts';
import { ANNOTATION, COUNTER_PREFIX, PLAYERS, POD_CONDITION } from '../api/group.ts';
import { formatTime } from '../lib/time.ts';
import { messageOf } from '../lib/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import { compareVersions } from '../lib/resource-version.ts';
import type { Log } from '../kube/types.ts';
import { shownPlayers, shownVerdict, type AskedServer } from './server.ts';

/** Most writes in flight. */
const MOST_WRITES = 16;

/** Shortest time between two writes of the players of one server, ms. */
const PLAYERS_PAUSE_MS = 10_000;

/**
 * How long players stand that somebody else wrote, ms: who gives a session a place counts those who are on their way, and the
 * server does not see them yet.
 */
const OTHERS_MS = 60_000;

/** A write of players has its turn once in so many ms: 50 a second over the whole cluster. */
const PLAYERS_TURN_MS = 20;

/** What has been written of a server. */
interface Written {
  /** Version at which the API server stored it; empty before. */
  version: string;
  isBusy: boolean;
  /** When its players may be written next, monotonic, ms. */
  playersFrom: number;
  /** The players that its Pod told of when it was last looked at, and those that we wrote. */
  shown: string | undefined;
  ours: string | undefined;
}

/** In words what is held of a server. */
export const verdictWords = ({ query, target, why }: AskedServer): string =>
  `asked ${query.protocol} by port ${query.port} (${target.port}): ${why}, ${query.failureThreshold} times in a row`;

/**
 * Writes what was found of servers on their Pods: the condition when it changes, the players when they do and no more than
 * so many a second. A Pod that is another one by now is left alone; what fails is written when the server is asked next.
 */
export class Notes {
  readonly #client: Pick<KubeClient, 'request'>;
  readonly #mayWrite: () => boolean;
  readonly #log: Log;
  readonly #written = new WeakMap<AskedServer, Written>();
  /** Servers that wait to be written, in the order of their coming: those whose verdict changed, and those whose players did. */
  readonly #verdicts = new Set<AskedServer>();
  readonly #players = new Set<AskedServer>();
  #inFlight = 0;
  #playersTurn = 0;

  constructor(options: { client: Pick<KubeClient, 'request'>; mayWrite: () => boolean; log: Log }) {
    this.#client = options.client;
    this.#mayWrite = options.mayWrite;
    this.#log = options.log;
  }

  /**
   * Has a server written if its Pod does not say what is known of it.
   * @param now monotonic, ms
   */
  look(server: AskedServer, now: number): void {
    const { standing, pod, players, isGone } = server;
    this.#verdicts.delete(server);
    if (isGone) return void this.#players.delete(server);
    const written = this.#writtenOf(server);
    const shown = shownPlayers(pod);
    if (shown !== written.shown && shown !== written.ours) written.playersFrom = now + OTHERS_MS;
    written.shown = shown;
    if (written.isBusy || compareVersions(pod.resourceVersion, written.version) < 0) return;
    if (standing.verdict !== undefined && standing.verdict !== shownVerdict(pod)) this.#verdicts.add(server);
    else if (players === undefined || players === shown) this.#players.delete(server);
    else if (now >= written.playersFrom) this.#players.add(server);
    else this.#players.delete(server);
  }

  /** Writes what waits and may go. @param now monotonic, ms @param wall ms since the epoch */
  go(now: number, wall: number): void {
    for (const server of this.#verdicts) {
      if (this.#inFlight >= MOST_WRITES) return;
      this.#verdicts.delete(server);
      void this.#write(server, now, wall);
    }
    // What was not used is not saved up.
    this.#playersTurn = Math.max(this.#playersTurn, now - 1000);
    for (const server of this.#players) {
      if (this.#inFlight >= MOST_WRITES || this.#playersTurn > now) return;
      this.#playersTurn += PLAYERS_TURN_MS;
      this.#players.delete(server);
      void this.#write(server, now, wall);
    }
  }

  #writtenOf(server: AskedServer): Written {
    const known = this.#written.get(server);
    if (known) return known;
    const shown = shownPlayers(server.pod);
    const written: Written = { version: '', isBusy: false, playersFrom: 0, shown, ours: undefined };
    this.#written.set(server, written);
    return written;
  }

  async #write(server: AskedServer, now: number, wall: number): Promise<void> {
    const { namespace, name } = server.pod;
    const written = this.#writtenOf(server);
    written.isBusy = true;
    written.playersFrom = now + PLAYERS_PAUSE_MS;
    written.ours = server.players;
    this.#inFlight++;
    try {
      const stored = await this.#client.request<{ metadata: { resourceVersion?: string } }>({
        method: 'PATCH',
        path: `${podPath(namespace, name)}/status`,
        body: noteOf(server, wall),
        contentType: 'application/strategic-merge-patch+json',
        mayGo: this.#mayWrite,
      });
      written.version = stored.metadata.resourceVersion ?? '';
    } catch (error) {
      if (!isKubeError(error, 'notFound', 'conflict', 'fenced'))
        this.#log.warn({ pod: server.pod.key, error: messageOf(error) }, 'answer of a server not written');
    } finally {
      written.isBusy = false;
      this.#inFlight--;
    }
  }
}

/** What is patched into the status of a Pod, and into its annotations in the same write. */
function noteOf(server: AskedServer, wall: number): object {
  const { pod, standing, players } = server;
  const { verdict } = standing;
  const shown = pod.task?.asked?.verdict;
  const isTold = verdict === undefined || verdict === shownVerdict(pod);
  const annotations = {
    ...(players === undefined ? {} : { [`${COUNTER_PREFIX}${PLAYERS}`]: players }),
    // The first thing that is known of it since its image was changed.
    ...(!isTold && pod.task?.changing ? { [ANNOTATION.changing]: null } : {}),
  };
  const isChanged = (verdict === 'Answers') !== (shown !== undefined && shown.unanswered === undefined);
  const condition = {
    type: POD_CONDITION.answers,
    status: verdict === 'Answers' ? 'True' : 'False',
    reason: verdict === 'Answers' ? 'Answered' : verdict,
    message: verdict === 'Answers' ? `it answers ${server.query.protocol}` : verdictWords(server),
    ...(isChanged || !shown ? { lastTransitionTime: formatTime(wall) } : {}),
  };
  return {
    // Of this Pod alone: another one of its name has not been asked.
    metadata: { uid: pod.uid, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    ...(isTold ? {} : { status: { conditions: [condition] } }),
  };
}
