/**
 * Loaded before a program by `--import`: answers the questions of the bench that started it, about what only the process
 * itself can know. Needs `--expose-gc`, and an IPC channel to the parent.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { GCProfiler } from 'node:v8';

/** How finely pauses are seen, ms. */
const RESOLUTION_MS = 10;

/** What a process did between `start` and `stop`. Times in milliseconds, sizes in bytes. */
export interface Account {
  /** Pauses of the event loop: the 99th of 100 looks, and the longest. */
  readonly pauseP99: number;
  readonly pauseMax: number;
  /** What was allocated on the heap, and the time that went into collecting it. */
  readonly allocated: number;
  readonly collecting: number;
}

/** What can be asked, and what is answered. */
export interface Answers {
  start: undefined;
  stop: Account;
  /** Bytes of heap that are reachable. */
  live: number;
  /** Starts a profile of the processor, and writes it where `file` says. */
  profile: undefined;
  profiled: undefined;
}

/** A question. @param file of `profiled` alone */
export interface Question {
  readonly what: keyof Answers;
  readonly file?: string;
}

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const session = new Session();
let collections: GCProfiler | undefined;
let usedAtStart = 0;

const pause = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);

function start(): void {
  collections = new GCProfiler();
  collections.start();
  usedAtStart = process.memoryUsage().heapUsed;
  delay.reset();
  delay.enable();
}

function stop(): Account {
  delay.disable();
  let [used, allocated, collecting] = [usedAtStart, 0, 0];
  for (const { beforeGC, afterGC, cost } of collections!.stop().statistics) {
    allocated += Math.max(0, beforeGC.heapStatistics.usedHeapSize - used);
    collecting += cost / 1000;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  allocated += Math.max(0, process.memoryUsage().heapUsed - used);
  return { pauseP99: pause(delay.percentile(99)), pauseMax: pause(delay.max), allocated, collecting };
}

async function answer({ what, file }: Question): Promise<Answers[keyof Answers]> {
  switch (what) {
    case 'start':
      return start() as undefined;
    case 'stop':
      return stop();
    case 'live':
      globalThis.gc!();
      return process.memoryUsage().heapUsed;
    case 'profile':
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      return undefined;
    case 'profiled':
      writeFileSync(file!, JSON.stringify((await session.post('Profiler.stop')).profile));
      session.disconnect();
      return undefined;
  }
}

process.on('message', (question: Question) => {
  void answer(question).then((said) => process.send!({ said }));
});
// The program ends when its own work does.
process.channel?.unref();
