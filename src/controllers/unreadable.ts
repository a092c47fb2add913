import type { Log } from '../kube/types.ts';
import type { Faulty } from '../snapshot/reading/schema.ts';
import type { Counts } from '../views/counts.ts';

/** Most objects that are remembered as told; then all is told anew. */
const MOST = 1000;

/** Tells the log, once, what of an object cannot be read. Workloads are told in their status as well. */
export class Unreadable {
  readonly #told = new Map<string, string>();
  readonly #log: Log;
  readonly #counts: Pick<Counts, 'add'>;

  constructor(log: Log, counts: Pick<Counts, 'add'>) {
    this.#log = log;
    this.#counts = counts;
  }

  /** An object was read. @param resource plural name of its kind */
  look(resource: string, { key, faults }: Faulty & { readonly key: string }): void {
    const id = `${resource}/${key}`;
    if (faults.length === 0) return void this.#told.delete(id);
    const text = faults.join('; ');
    if (this.#told.get(id) === text) return;
    if (this.#told.size >= MOST) this.#told.clear();
    this.#told.set(id, text);
    this.#counts.add('unreadable', { resource });
    this.#log.warn(
      { resource, object: key, faults },
      'object cannot be read in full, it counts as far as it can',
    );
  }
}
