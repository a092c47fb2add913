import { AllocationError } from '../../allocation/errors.ts';
import { counterMark } from '../../allocation/marks.ts';
import type { CounterBody } from '../../api/allocation.ts';
import { MOST_COUNTERS } from '../../snapshot/hints.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import { Turnstile } from '../turnstile.ts';
import { GuardedWrites, noLeader, type WriteOptions } from './guarded-write.ts';

/** What the desk works with. */
export interface CounterDeskOptions extends WriteOptions {
  /** True while this process leads and its view of the Pods is as new as its leadership. */
  readonly mayDecide: () => boolean;
  /** A task of ours that is no server, by key. */
  readonly worker: (key: string) => TaskPod | undefined;
}

/** Writes what servers and workers count of themselves on their Pods. */
export class CounterDesk {
  readonly #options: CounterDeskOptions;
  readonly #writes: GuardedWrites;
  /** One write of a server at a time: the next one sees which counters it has by then. */
  readonly #turns = new Turnstile(1);

  constructor(options: CounterDeskOptions) {
    this.#options = options;
    this.#writes = new GuardedWrites(options);
  }

  /** Sets a counter of a server or worker. @throws AllocationError when it is neither, or has too many counters */
  put(
    { namespace, name: pod, uid }: Pick<TaskPod, 'namespace' | 'name' | 'uid'>,
    name: string,
    { count, capacity }: CounterBody,
  ): Promise<void> {
    return this.#turns.pass(uid, async () => {
      const { mayDecide, inventory, worker } = this.#options;
      if (!mayDecide()) throw noLeader();
      const key = `${namespace}/${pod}`;
      const server = inventory.get(key) ?? worker(key);
      if (server?.uid !== uid) throw noServer(namespace, pod);
      const { counters } = server.task;
      const known = counters[name];
      if (!known && Object.keys(counters).length >= MOST_COUNTERS)
        throw new AllocationError(
          'PROFFER_ALLOCATION_INVALID',
          `name: the Pod has ${MOST_COUNTERS} counters already, which is the most: ${Object.keys(counters).join(', ')}`,
          { field: 'name' },
        );
      if (known?.count === count && known.capacity === capacity) return;
      if (!(await this.#writes.annotate(server, counterMark(name, { count, capacity }))))
        throw noServer(namespace, pod);
    });
  }
}

const noServer = (namespace: string, pod: string): AllocationError =>
  new AllocationError(
    'PROFFER_ALLOCATION_FORBIDDEN',
    `Pod ${namespace}/${pod} is no server or worker that Proffer made, or is gone`,
  );
