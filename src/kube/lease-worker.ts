import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../lib/clock.ts';
import type { ClusterAccess } from './access.ts';
import { KubeClient, type RequestMeasure } from './client.ts';
import { LeaseFence, processMs } from './lease-fence.ts';
import { LeaseLoop, type LeaseEvent, type LeaseTerms } from './lease-loop.ts';

/** What the main thread hands to the lease thread. */
export interface LeaseWorkerData {
  role: 'proffer-lease';
  access: ClusterAccess;
  userAgent: string;
  terms: LeaseTerms;
  fence: SharedArrayBuffer;
}

/** What the lease thread tells the main thread. */
export type LeaseMessage = LeaseEvent | { type: 'request'; measure: RequestMeasure };

/** What the main thread tells the lease thread: end, and give the lease back or not. */
export interface LeaseOrder {
  type: 'stop';
  release: boolean;
}

let running = false;

/**
 * In a thread that `LeaderElector` started: runs the election there and returns true; the entry file must do
 * nothing else then. Anywhere else it returns false. The bundle is one file and so is its own worker; a
 * checkout starts this very module as the worker.
 */
export const runLeaseWorkerIfAsked = (): boolean => {
  if (isMainThread || parentPort === null) return false;
  if ((workerData as Partial<LeaseWorkerData> | null)?.role !== 'proffer-lease') return false;
  if (!running) void elect(workerData as LeaseWorkerData, parentPort);
  running = true;
  return true;
};

const elect = async (data: LeaseWorkerData, port: NonNullable<typeof parentPort>): Promise<void> => {
  const post = (message: LeaseMessage) => port.postMessage(message);
  const client = new KubeClient(data.access, {
    userAgent: data.userAgent,
    connections: 2,
    onRequest: (measure) => post({ type: 'request', measure }),
  });
  const loop = new LeaseLoop({
    client,
    clock: systemClock,
    fence: new LeaseFence(data.fence),
    terms: data.terms,
    now: processMs,
    random: Math.random,
    emit: post,
  });
  const stop = new AbortController();
  let release = false;
  port.once('message', (order: LeaseOrder) => {
    release = order.release;
    stop.abort();
  });
  await loop.run(stop.signal);
  if (release) await loop.release();
  await client.close();
};

runLeaseWorkerIfAsked();
