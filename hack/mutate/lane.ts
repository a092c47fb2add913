import { Worker } from 'node:worker_threads';
import type { TrialVerdict } from './verdict.ts';
import type { DryRun, Job, Trial } from './worker.ts';

/** What a mutant that fills a list for ever may take, in MiB. */
const MEMORY = 1024;
/** What all tests may take with no mutant on, in milliseconds, on a busy machine. */
const DRY_RUN_TIME = 600_000;

/** Runs jobs one after the other in a thread, which is replaced when a mutant never gives it back. */
export class Lane {
  readonly #bundle: string;
  #worker: Worker | undefined;

  constructor(bundle: string) {
    this.#bundle = bundle;
  }

  /** @throws what broke the tests' modules, or when a test hangs. */
  async dryRun(): Promise<DryRun> {
    const answer = await this.#ask('dry run', DRY_RUN_TIME);
    if (answer === undefined) throw new Error('a test hangs without any mutant');
    return answer as DryRun;
  }

  /** Tries a mutant. One that is not done in `timeout` milliseconds, or takes all memory, never ends. */
  async try(trial: Trial, timeout: number): Promise<TrialVerdict> {
    return ((await this.#ask(trial, timeout)) as TrialVerdict | undefined) ?? 'timeout';
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** The thread's answer; undefined when time or memory is up, and the thread is gone. */
  async #ask(job: Job, timeout: number): Promise<unknown> {
    const worker = (this.#worker ??= new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#bundle,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    }));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const failed = (error: NodeJS.ErrnoException): void =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve(undefined) : reject(error);
    const timer = setTimeout(resolve, timeout, undefined);
    worker.once('message', resolve).once('error', failed);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(job);
    const answer = await promise;
    clearTimeout(timer);
    worker.removeAllListeners('message').removeAllListeners('error');
    if (answer === undefined) await this.close();
    return answer;
  }
}
