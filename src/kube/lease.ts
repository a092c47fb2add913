import { Worker } from 'node:worker_threads';
import { Backoff } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { ConfigError } from '../lib/errors.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { RequestMeasure } from './client.ts';
import { LeaseFence } from './lease-fence.ts';
import type { LeaseTerms } from './lease-loop.ts';
import type { LeaseMessage, LeaseOrder, LeaseWorkerData } from './lease-worker.ts';
import type { Log } from './types.ts';

/** What the lease thread runs: the worker's source in a checkout; in the bundle, where all files are in one folder, its own. */
const WORKER = new URL(`./lease-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'mjs'}`, import.meta.url);

/** Who stands for election, and what happens then. Times in milliseconds. */
export interface LeaderElectorOptions {
  /** The cluster, for example `client.access`. */
  access: ClusterAccess;
  /** Namespace and name of the Lease. */
  namespace: string;
  name: string;
  /** Unique among the replicas: the Pod's name, best with its uid. */
  identity: string;
  /** Where we are reached while we lead, for the other replicas, as of the start of `run`; empty when left out. */
  address?: () => string;
  /** How long others wait for a holder that falls silent; whole seconds. 15,000 when left out. */
  leaseDurationMs?: number;
  /** How long a holder that cannot renew still acts as leader. 10,000 when left out. */
  renewDeadlineMs?: number;
  /** Between attempts. 2,000 when left out. */
  retryPeriodMs?: number;
  /** A main thread whose event loop stands still for longer loses its lease. 60,000 when left out. */
  mostSilenceMs?: number;
  /** Give the lease back when `run` ends, so that the next leader need not wait. True when left out. */
  release?: boolean;
  userAgent?: string;
  clock: Clock;
  /** Yields [0, 1). */
  random: () => number;
  log?: Log;
  /** We lead from now on. May be called again after `onStopped`. */
  onStarted: () => void;
  /** We lead no more. `isLeader()` was false before this is called. */
  onStopped: (reason: string) => void;
  /** Requests of the lease thread, for metrics. */
  onRequest?: (measure: RequestMeasure) => void;
}

/**
 * Leader election on a Lease, with client-go's meaning. Renewal runs in a thread of its own, so that a busy event
 * loop does not cost the lease; whether we lead is read from shared memory, so that a late message does not keep it.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #terms: Omit<LeaseTerms, 'address'>;
  #fence = new LeaseFence();
  #stopping = false;
  #leading = false;
  #holder = '';
  #holderAddress = '';

  /** Throws ConfigError when the times contradict each other. */
  constructor(options: LeaderElectorOptions) {
    const { namespace, name, identity } = options;
    const {
      leaseDurationMs = 15_000,
      renewDeadlineMs = 10_000,
      retryPeriodMs = 2000,
      mostSilenceMs = 60_000,
    } = options;
    if (leaseDurationMs % 1000 !== 0 || leaseDurationMs <= renewDeadlineMs) {
      throw new ConfigError('leaseDurationMs must be whole seconds and more than renewDeadlineMs');
    }
    if (renewDeadlineMs <= retryPeriodMs * 1.2) {
      throw new ConfigError('renewDeadlineMs must be more than 1.2 times retryPeriodMs');
    }
    if (identity === '') throw new ConfigError('identity must not be empty');
    this.#options = options;
    this.#terms = {
      namespace,
      name,
      identity,
      leaseDurationMs,
      renewDeadlineMs,
      retryPeriodMs,
      mostSilenceMs,
    };
  }

  /**
   * Whether we lead now: true only until `renewDeadlineMs` after the start of the last renewal that succeeded.
   * Ask again right before each write; it costs a read of memory.
   */
  isLeader(): boolean {
    return !this.#stopping && this.#fence.holds();
  }

  /** Identity of who holds the lease as far as we know; empty when nobody or not known yet. */
  get holder(): string {
    return this.#holder;
  }

  /** Where that one is reached, as it says; empty when nobody holds the lease, or does not say. */
  get holderAddress(): string {
    return this.#holderAddress;
  }

  /**
   * Stands for election until the signal aborts, and is then not the leader any more. Stop what only the leader
   * may do before you abort it: others may lead as soon as this resolves, and even before.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#options;
    const backoff = new Backoff({ initialMs: 500, maxMs: 10_000 }, random);
    while (!signal.aborted) {
      const reason = await this.#runWorker(signal);
      this.#stopped(reason);
      if (signal.aborted) break;
      log?.error({ reason, identity: this.#terms.identity }, 'lease thread ended, starting another');
      await clock.sleep(backoff.next(), signal);
    }
  }

  /** Runs one lease thread until it ended; returns why. */
  async #runWorker(signal: AbortSignal): Promise<string> {
    const { access, userAgent = 'proffer', release = true, clock, address } = this.#options;
    // A dead thread's memory may still say that we lead; each thread gets its own.
    const fence = new LeaseFence();
    this.#fence = fence;
    const data: LeaseWorkerData = {
      access,
      userAgent,
      terms: { ...this.#terms, address: address?.() ?? '' },
      fence: fence.buffer,
    };
    // It holds next to nothing; a small young generation keeps its garbage small, too.
    const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 96 };
    const worker = new Worker(WORKER, { workerData: data, execArgv: [], resourceLimits });
    let reason = 'the lease thread ended';
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    worker.on('message', (message: LeaseMessage) => this.#hear(message));
    worker.on('error', (error) => {
      reason = `the lease thread failed: ${String(error)}`;
    });
    worker.on('exit', () => resolve());
    const over = new AbortController();
    void this.#beat(fence, over.signal);
    const stop = () => {
      this.#stopping = true;
      reason = 'asked to stop';
      const order: LeaseOrder = { type: 'stop', release };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(order);
      // Giving the lease back is a courtesy; a dead network must not keep the process.
      void clock.sleep(6000, over.signal).then(() => (over.signal.aborted ? undefined : worker.terminate()));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await exited;
    over.abort();
    signal.removeEventListener('abort', stop);
    fence.revoke();
    return reason;
  }

  /** Shows the lease thread that our event loop turns. */
  async #beat(fence: LeaseFence, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      fence.beat();
      await this.#options.clock.sleep(1000, signal);
    }
  }

  #hear(message: LeaseMessage): void {
    const { log, onStarted, onRequest } = this.#options;
    const { identity, namespace, name } = this.#terms;
    switch (message.type) {
      case 'started':
        if (this.#stopping || this.#leading) return;
        this.#leading = true;
        log?.info({ identity, lease: `${namespace}/${name}` }, 'leading');
        return onStarted();
      case 'stopped':
        return this.#stopped(message.reason);
      case 'holder':
        this.#holder = message.identity;
        this.#holderAddress = message.address;
        return;
      case 'trouble':
        log?.warn({ identity, error: message.message }, 'lease could not be renewed or acquired');
        return;
      case 'request':
        return onRequest?.(message.measure);
    }
  }

  #stopped(reason: string): void {
    if (!this.#leading) return;
    this.#leading = false;
    this.#options.log?.info({ identity: this.#terms.identity, reason }, 'leading no more');
    this.#options.onStopped(reason);
  }
}
