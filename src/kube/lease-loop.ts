import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './errors.ts';
import type { LeaseFence } from './lease-fence.ts';
import {
  acquired,
  addressIn,
  heldForMs,
  HOLDER_ADDRESS,
  observe,
  released,
  type Lease,
  type Observation,
} from './lease-record.ts';

/** The terms of an election. Times in milliseconds. */
export interface LeaseTerms {
  namespace: string;
  name: string;
  /** Unique among the candidates; one that comes back under its old identity goes on at once. */
  identity: string;
  /** How long others wait for a holder that falls silent. Whole seconds: the Lease knows no less. */
  leaseDurationMs: number;
  /** How long a holder whose renewals fail still acts as leader. Less than `leaseDurationMs`. */
  renewDeadlineMs: number;
  /** Between attempts to renew or to acquire. */
  retryPeriodMs: number;
  /** Where the holder is reached, for the other candidates; empty when it is not. */
  address: string;
  /** The main thread may be busy for so long before its lease lapses for its own good. */
  mostSilenceMs: number;
}

/** What the loop reports. */
export type LeaseEvent =
  | { type: 'started' }
  | { type: 'stopped'; reason: string }
  /** Someone (else or we) holds the lease now; empty for nobody. */
  | { type: 'holder'; identity: string; address: string }
  | { type: 'trouble'; message: string };

/** What the loop works with. `now` is `processMs` outside of tests. */
export interface LeaseLoopOptions {
  client: KubeClient;
  clock: Clock;
  fence: LeaseFence;
  terms: LeaseTerms;
  now: () => number;
  random: () => number;
  emit: (event: LeaseEvent) => void;
}

/**
 * Acquires a Lease, renews it, and acquires it again when it was lost, as client-go does. Another holds it until it
 * went unrenewed for its duration on *our* clock. We hold it, by the fence, until `renewDeadlineMs` after the *start* of
 * the last renewal that succeeded.
 */
export class LeaseLoop {
  readonly #options: LeaseLoopOptions;
  readonly #path: string;
  #seen: Observation | undefined;
  /** `#seen` is what our last write returned. When the answer of a write got lost we must look before the next. */
  #sure = false;
  #leading = false;
  /** When the last renewal that succeeded began. */
  #renewedAt = 0;
  #holder: string | undefined;

  constructor(options: LeaseLoopOptions) {
    this.#options = options;
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${options.terms.namespace}/leases`;
  }

  /** Runs until the signal aborts; the lease is then still ours if it was (`release` gives it back). */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, fence, terms, now, random } = this.#options;
    while (!signal.aborted) {
      const startedAt = now();
      const held = await this.#attempt(startedAt, signal);
      if (signal.aborted) break;
      if (held === true) {
        this.#renewedAt = startedAt;
        fence.extend(startedAt + terms.renewDeadlineMs);
        if (!this.#leading) this.#options.emit({ type: 'started' });
        this.#leading = true;
      } else if (this.#leading) {
        const left = this.#renewedAt + terms.renewDeadlineMs - now();
        if (held === false) this.#lose('another holds the lease');
        else if (left <= 0) this.#lose(`not renewed for ${terms.renewDeadlineMs} ms`);
        else {
          await clock.sleep(Math.min(terms.retryPeriodMs, left), signal);
          continue;
        }
      }
      await clock.sleep(terms.retryPeriodMs * (this.#leading ? 1 : 1 + 0.2 * random()), signal);
    }
  }

  /** Gives the lease back if it is ours; a failure is not reported, the lease then runs out. */
  async release(): Promise<void> {
    const { clock, fence, client } = this.#options;
    fence.revoke();
    const lease = this.#seen?.lease;
    if (!this.#leading || lease?.spec === undefined) return;
    this.#leading = false;
    try {
      const path = `${this.#path}/${this.#options.terms.name}`;
      const body = { ...lease, spec: released(lease.spec, clock.now()) };
      await client.request({ method: 'PUT', path, body, timeoutMs: 5000 });
    } catch (error) {
      this.#options.emit({ type: 'trouble', message: messageOf(error) });
    }
  }

  /** True: the lease is ours. False: it is another's. Undefined: who knows. */
  async #attempt(startedAt: number, signal: AbortSignal): Promise<boolean | undefined> {
    const { clock, fence, terms, emit } = this.#options;
    const silence = fence.silenceMs();
    if (silence > terms.mostSilenceMs) {
      emit({
        type: 'trouble',
        message: `the event loop has not turned for ${Math.round(silence)} ms: not renewing`,
      });
      return undefined;
    }
    // An attempt that hangs must leave time for another before the deadline.
    const patience = new AbortController();
    void clock.sleep(terms.renewDeadlineMs / 2, patience.signal).then(() => patience.abort());
    try {
      return await this.#acquire(startedAt, AbortSignal.any([signal, patience.signal]));
    } catch (error) {
      if (!signal.aborted) emit({ type: 'trouble', message: messageOf(error) });
      return undefined;
    } finally {
      patience.abort();
    }
  }

  async #acquire(startedAt: number, signal: AbortSignal): Promise<boolean> {
    const { terms } = this.#options;
    if (this.#leading && this.#sure && this.#seen !== undefined) {
      try {
        await this.#write(this.#seen.lease, startedAt, signal);
        return true;
      } catch (error) {
        // Our copy is outdated or the lease was deleted: look, then decide.
        if (!isKubeError(error, 'conflict', 'notFound')) throw error;
      }
    }
    const { client } = this.#options;
    try {
      const lease = await client.request<Lease>({
        method: 'GET',
        path: `${this.#path}/${terms.name}`,
        signal,
      });
      this.#seen = observe(this.#seen, lease, startedAt);
    } catch (error) {
      if (!isKubeError(error, 'notFound')) throw error;
      this.#seen = undefined;
    }
    if (this.#seen !== undefined && heldForMs(this.#seen, terms.identity, startedAt) > 0) {
      this.#report(this.#seen.lease.spec?.holderIdentity ?? '', addressIn(this.#seen.lease));
      return false;
    }
    try {
      await this.#write(this.#seen?.lease, startedAt, signal);
      return true;
    } catch (error) {
      // Another candidate was faster - or, when we lead, somebody annotated the lease: look again.
      if (!this.#leading && isKubeError(error, 'conflict', 'alreadyExists')) return false;
      throw error;
    }
  }

  async #write(before: Lease | undefined, startedAt: number, signal: AbortSignal): Promise<void> {
    const { client, clock, terms } = this.#options;
    const { namespace, name, identity, address, leaseDurationMs } = terms;
    const spec = acquired(before?.spec, identity, leaseDurationMs, clock.now());
    const { [HOLDER_ADDRESS]: _, ...others } = before?.metadata.annotations ?? {};
    const annotations = address === '' ? others : { ...others, [HOLDER_ADDRESS]: address };
    this.#sure = false;
    const lease = await client.request<Lease>(
      before === undefined
        ? {
            method: 'POST',
            path: this.#path,
            body: {
              apiVersion: 'coordination.k8s.io/v1',
              kind: 'Lease',
              metadata: { namespace, name, annotations },
              spec,
            },
            signal,
          }
        : {
            method: 'PUT',
            path: `${this.#path}/${name}`,
            body: { ...before, metadata: { ...before.metadata, annotations }, spec },
            signal,
          },
    );
    this.#seen = { lease, seenAtMs: startedAt };
    this.#sure = true;
    this.#report(identity, address);
  }

  #report(identity: string, address: string): void {
    const holder = `${identity} ${address}`;
    if (holder === this.#holder) return;
    this.#holder = holder;
    this.#options.emit({ type: 'holder', identity, address });
  }

  #lose(reason: string): void {
    this.#options.fence.revoke();
    this.#leading = false;
    this.#options.emit({ type: 'stopped', reason });
  }
}
