import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { systemClock } from '../lib/clock.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { KubeClient, type RequestMeasure } from './client.ts';
import { LeaseFence, processMs } from './lease-fence.ts';
import { LeaseLoop, type LeaseEvent, type LeaseTerms } from './lease-loop.ts';

/** What the main thread hands to the lease thread. */
export interface LeaseWorkerData {
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

const elect = async (data: LeaseWorkerData, port: MessagePort): Promise<void> => {
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

// This file is a thread's entry. Others import its types only.
if (parentPort !== null) await elect(workerData as LeaseWorkerData, parentPort);
