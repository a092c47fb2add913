import { LeaderElector, type LeaderElectorOptions } from '../kube/lease.ts';

/** What leadership hangs on, and who hears of it. */
export interface OfficeOptions extends Omit<LeaderElectorOptions, 'onStarted' | 'onStopped'> {
  /** False: this process leads without a Lease. */
  readonly leaderElect: boolean;
  /** Brings the stores of Pods and workloads, and of what sessions are for, up to date. */
  readonly resync: () => Promise<void>;
  /** Whether the stores show the cluster. */
  readonly synced: () => boolean;
  /** @param term ends with our leadership */
  readonly onTaken: (term: AbortSignal) => void;
  readonly onLost: () => void;
}

/** Our leadership: it begins once the Lease is ours and the stores of Pods and workloads are as new as that, and ends with the Lease. */
export class Office {
  readonly #options: OfficeOptions;
  readonly #elector: LeaderElector;
  #isTaken = false;
  /** Terms so far, those included that ended before they were taken. */
  #terms = 0;
  #term = new AbortController();

  constructor(options: OfficeOptions) {
    this.#options = options;
    this.#elector = new LeaderElector({
      ...options,
      onStarted: () => void this.#take(),
      onStopped: () => {
        this.#terms++;
        this.#isTaken = false;
        this.end();
        options.onLost();
      },
    });
  }

  /** Whether a write may go out. */
  readonly mayWrite = (): boolean => !this.#options.leaderElect || this.#elector.isLeader();

  /** Whether this process leads, and its view of the cluster is as new as its leadership. */
  readonly mayDecide = (): boolean => this.#isTaken && this.mayWrite() && this.#options.synced();

  /** Where the leader is reached; empty while nobody leads. */
  get leaderAddress(): string {
    return this.#elector.holderAddress;
  }

  /** Stands for election until the signal aborts, or leads at once where there is none. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#options.leaderElect) await this.#elector.run(signal);
    else void this.#take();
  }

  /** Ends the term for whoever works by its signal. */
  end(): void {
    this.#term.abort();
  }

  /**
   * The leader before us may have written Pods that our mirror has not shown; deciding without them could
   * over-commit a node, deciding without what it counted of those that are gone could repeat them, and a claim that is new
   * could be taken for one that is gone. So all three are listed once more, after the lease is ours.
   */
  async #take(): Promise<void> {
    const mine = ++this.#terms;
    await this.#options.resync();
    if (mine !== this.#terms) return;
    this.#isTaken = true;
    this.#term = new AbortController();
    this.#options.onTaken(this.#term.signal);
  }
}
