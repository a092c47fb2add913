import type { Inventory } from '../../allocation/inventory.ts';
import { PLAYERS } from '../../api/group.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Session } from '../../snapshot/sessions.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { Told } from '../../writes/handler.ts';
import { lookEvery, type LoopMeans } from '../loop.ts';
import type { AllocationDesk } from './desk.ts';

/** How often sessions are looked at, ms. */
const LOOK_MS = 1000;

/** What the rules work with. */
export interface SessionRulesOptions extends Pick<LoopMeans, 'clock' | 'log' | 'mayDecide'> {
  readonly inventory: Inventory;
  readonly desk: Pick<AllocationDesk, 'look' | 'begin' | 'release'>;
  /** Tells people what became of a session, on the pool of its server. */
  readonly tell: (server: TaskPod, event: Told) => void;
}

/** What is due for a session. */
export type Due = 'keep' | 'free' | 'drain' | undefined;

/**
 * What is due for a session on a server. One that lasts too long ends when the time is over that its server was told: who tells
 * it is the pool (overlong.ts).
 * @param now ms since the epoch
 */
export function dueOf(
  { task, inverseOffer = Infinity }: TaskPod,
  { state, shares, heldUntil = Infinity, sessionUntil = Infinity }: Session,
  now: number,
): Due {
  if (heldUntil <= now) {
    // Of a server with several sessions nobody knows whose players they are.
    const isPlayed = state !== 'Reserved' && !shares && (task.counters[PLAYERS]?.count ?? 0) > 0;
    return isPlayed ? 'keep' : 'free';
  }
  return sessionUntil <= now && inverseOffer <= now ? 'drain' : undefined;
}

/** Ends what sessions were given for a time: reservations, servers that nobody came for, sessions that last too long. */
export class SessionRules {
  readonly #options: SessionRulesOptions;

  constructor(options: SessionRulesOptions) {
    this.#options = options;
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return lookEvery(LOOK_MS, this.#options, 'rules of sessions', signal, () => this.#look(signal));
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { clock, inventory, desk, log } = this.#options;
    // Nodes that are well again tell nobody.
    desk.look();
    const now = clock.now();
    const due = [...inventory.held()].flatMap((server) =>
      server.task.sessions.flatMap((session) => {
        const what = dueOf(server, session, now);
        return what === undefined ? [] : [{ server, session, what }];
      }),
    );
    for (const { server, session, what } of due) {
      try {
        await this.#enact(server, session, what);
      } catch (error) {
        // One that cannot be written is tried again, and holds up no other.
        log.warn({ server: server.key, error: messageOf(error) }, 'a rule for a session could not be kept');
      }
      if (signal.aborted) return;
    }
  }

  async #enact(server: TaskPod, { id: session, state }: Session, due: NonNullable<Due>): Promise<void> {
    const { desk, tell } = this.#options;
    const of = { namespace: server.namespace, session };
    switch (due) {
      case 'keep':
        await desk.begin(of);
        return;
      case 'free': {
        if (!(await desk.release({ ...of, next: 'Ready' })).released) return;
        const why = state === 'Reserved' ? 'the time that it was reserved for is over' : 'nobody came for it';
        const note = `session ${session} has ${server.name} no more: ${why}`;
        tell(server, { type: 'Normal', reason: 'SessionReleased', action: 'Release', note });
        return;
      }
      case 'drain': {
        if (!(await desk.release({ ...of, next: 'Drain' })).released) return;
        const note = `session ${session} has ${server.name} no more: it lasted too long, and the server had its notice`;
        tell(server, { type: 'Warning', reason: 'SessionOverlong', action: 'Release', note });
        return;
      }
    }
  }
}
