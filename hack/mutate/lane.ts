import { Worker } from 'node:worker_threads';
import type { TrialVerdict } from './verdict.ts';
import type { DryRun, Job, Trial } from './worker.ts';

/** What a mutant that fills a list for ever may take, in MiB. */
const MEMORY = 1024;
/** What all tests may take with no mutant on, in milliseconds. */
const DRY_RUN_TIME = 300_000;
/** How often a thread's time is looked at, in milliseconds. */
const POLL = 500;

/** For how long a thread was on the processor, in milliseconds. */
async function cpuTime(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Runs jobs one after the other in a thread, which is replaced when a mutant never gives it back. Times are the thread's
 * own on the processor: a busy machine makes no mutant endless. Nothing in the allocator waits, so what hangs works.
 */
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

  /** Tries a mutant. One that is not done in `time` milliseconds, or takes all memory, never ends. */
  async try(trial: Trial, time: number): Promise<TrialVerdict> {
    return ((await this.#ask(trial, time)) as TrialVerdict | undefined) ?? 'timeout';
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** The thread's answer; undefined when time or memory is up, and the thread is gone. */
  async #ask(job: Job, time: number): Promise<unknown> {
    const worker = (this.#worker ??= new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#bundle,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    }));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const failed = (error: NodeJS.ErrnoException): void =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve(undefined) : reject(error);
    let start: number | undefined;
    const timer = setInterval(() => {
      // A thread that died says why by itself.
      void cpuTime(worker).then(
        (now) => now - (start ??= now) > time && resolve(undefined),
        () => undefined,
      );
    }, POLL);
    worker.once('message', resolve).once('error', failed);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(job);
    const answer = await promise;
    clearInterval(timer);
    worker.removeAllListeners('message').removeAllListeners('error');
    if (answer === undefined) await this.close();
    return answer;
  }
}
