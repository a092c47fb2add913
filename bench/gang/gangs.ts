import { LABEL } from '../../src/api/group.ts';
import { PodWatch, type WatchedPod } from '../support/pod-watch.ts';

interface Worker extends WatchedPod {
  readonly metadata: WatchedPod['metadata'] & { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly nodeName?: string };
}

/** When the first and the last worker of a gang was bound, ms of performance.now(), and how many are. */
export interface Bound {
  first: number;
  last: number;
  readonly uids: Set<string>;
}

/** Label of the Pods of a batch/v1 Job. */
const JOB_NAME = 'batch.kubernetes.io/job-name';

/** A neutral witness of gangs: one watch on their Pods, the same for every contender. */
export class Gangs extends PodWatch<Worker> {
  readonly bound = new Map<string, Bound>();

  protected take(type: string, { metadata, spec }: Worker): void {
    const { uid, labels = {} } = metadata;
    const gang = labels[LABEL.job] ?? labels[JOB_NAME] ?? '';
    if (type === 'DELETED' || !spec?.nodeName) return;
    const now = performance.now();
    const known = this.bound.get(gang);
    if (!known) this.bound.set(gang, { first: now, last: now, uids: new Set([uid]) });
    else if (!known.uids.has(uid)) {
      known.uids.add(uid);
      known.last = now;
    }
  }

  /** How many workers were ever bound. */
  get workers(): number {
    return [...this.bound.values()].reduce((sum, { uids }) => sum + uids.size, 0);
  }
}
