import { Worker } from 'node:worker_threads';
import type { DryRun, Job, Trial } from './worker.ts';

/** What a mutant that fills a list for ever may take, in MiB. */
const MEMORY = 1024;

/** Runs jobs one after the other in a thread, which is replaced when a mutant never gives it back. */
export class Lane {
  readonly #bundle: string;
  #worker: Worker | undefined;

  constructor(bundle: string) {
    this.#bundle = bundle;
  }

  /** @throws what broke the tests' modules, or when a test hangs. */
  async dryRun(): Promise<DryRun> {
    const answer = await this.#ask('dry run', 600_000);
    if (answer instanceof Error) throw answer;
    if (answer === undefined) throw new Error('tests hang without any mutant');
    return answer as DryRun;
  }

  /** Tries a mutant. One that is not done in `timeout` milliseconds, or takes all memory, never ends. */
  async try(trial: Trial, timeout: number): Promise<'killed' | 'timeout' | 'survived'> {
    const answer = await this.#ask(trial, timeout);
    return answer === undefined || answer instanceof Error
      ? 'timeout'
      : (answer as 'killed' | 'timeout' | 'survived');
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** The thread's answer, the error that ended it, or undefined when time is up. */
  async #ask(job: Job, timeout: number): Promise<unknown> {
    const worker = (this.#worker ??= new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#bundle,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    }));
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const timer = setTimeout(resolve, timeout, undefined);
    worker.once('message', resolve).once('error', resolve);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(job);
    const answer = await promise;
    clearTimeout(timer);
    worker.removeAllListeners('message').removeAllListeners('error');
    if (answer === undefined || answer instanceof Error) await this.close();
    return answer;
  }
}
