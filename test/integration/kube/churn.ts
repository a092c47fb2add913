import type { KubeClient } from '../../../src/kube/client.ts';
import { isKubeError } from '../../../src/kube/errors.ts';

/** Creates, changes and deletes ConfigMaps at random until told to stop; a seed makes it the same each time. */
export class Churn {
  readonly #client: KubeClient;
  readonly #path: string;
  readonly #names: number;
  #state: number;
  #stopped = false;
  #ended: Promise<void> | undefined;
  /** Writes made so far. */
  writes = 0;

  constructor(client: KubeClient, namespace: string, options: { names?: number; seed?: number } = {}) {
    this.#client = client;
    this.#path = `/api/v1/namespaces/${namespace}/configmaps`;
    this.#names = options.names ?? 40;
    this.#state = options.seed ?? 1;
  }

  /** Starts writing. */
  start(): void {
    this.#ended = this.#run();
  }

  /** Ends after the write in flight. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#write();
      this.writes += 1;
    }
  }

  async #write(): Promise<void> {
    const name = `churn-${this.#random(this.#names)}`;
    const metadata = { name, labels: { churn: 'yes' } };
    const data = { value: String(this.#random(1_000_000)), filling: 'x'.repeat(this.#random(4000)) };
    const path = `${this.#path}/${name}`;
    try {
      switch (this.#random(4)) {
        case 0:
          await this.#client.request({ method: 'DELETE', path });
          return;
        case 1:
          await this.#client.request({ method: 'POST', path: this.#path, body: { metadata, data } });
          return;
        default:
          await this.#client.request({ method: 'PATCH', path, body: { data } });
      }
    } catch (error) {
      // Which names exist at the moment is left to chance.
      if (!isKubeError(error, 'notFound', 'alreadyExists')) throw error;
    }
  }

  /** A whole number below `below`, from a linear congruential generator. */
  #random(below: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * below);
  }
}
