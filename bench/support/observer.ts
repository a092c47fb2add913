import { PodWatch, type WatchedPod } from './pod-watch.ts';

interface BoundPod extends WatchedPod {
  readonly spec?: { readonly nodeName?: string };
}

/**
 * A neutral witness: one watch on the Pods of a namespace, the same for every contender. It takes the time at which
 * each Pod was first seen and at which it was first seen bound.
 */
export class Observer extends PodWatch<BoundPod> {
  readonly seenAt = new Map<string, number>();
  readonly boundAt = new Map<string, number>();
  /** Pods that exist now. */
  readonly existing = new Set<string>();

  protected take(type: string, pod: BoundPod): void {
    const now = performance.now();
    const { uid } = pod.metadata;
    if (type === 'DELETED') return void this.existing.delete(uid);
    this.existing.add(uid);
    if (!this.seenAt.has(uid)) this.seenAt.set(uid, now);
    if (pod.spec?.nodeName && !this.boundAt.has(uid)) this.boundAt.set(uid, now);
  }
}
