import type { ResourceColumns } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { addRequests, newRow, type Entry } from './entry.ts';

/** What the Pods of a party hold on agents, by column. */
export interface Held {
  readonly total: Float64Array;
  /** By the role that the Pods name. */
  readonly byRole: ReadonlyMap<string, Float64Array>;
}

/** Pods of one namespace that belong together: those of one framework, or those of workloads that do not exist. */
export class Party {
  readonly key: string;
  readonly namespace: string;
  readonly entries = new Set<Entry>();
  /** What one of its Pods draws on, as it says. */
  readonly roleOf: (pod: PodFacts) => string;
  /** Grows with each change of its Pods, or of the nodes that they are on. */
  version = 0;
  #pods: readonly PodFacts[] | undefined;
  #held: Held | undefined;

  constructor(key: string, namespace: string, roleOf: (pod: PodFacts) => string) {
    this.key = key;
    this.namespace = namespace;
    this.roleOf = roleOf;
  }

  /** Its Pods changed, the nodes that they are on, or what the columns stand for. */
  changed(): void {
    this.version++;
    this.#pods = undefined;
    this.#held = undefined;
  }

  /** All of them, by key; never changed afterwards. */
  get pods(): readonly PodFacts[] {
    return (this.#pods ??= Array.from(this.entries, ({ pod }) => pod).sort((a, b) =>
      a.key < b.key ? -1 : 1,
    ));
  }

  /** What they hold. One that names a node which does not exist holds nothing: anybody can write that. */
  held(columns: ResourceColumns): Held {
    if (this.#held) return this.#held;
    const byRole = new Map<string, Float64Array>();
    for (const { pod, place } of this.entries) {
      if (pod.terminal || pod.node === undefined || place?.agent === undefined) continue;
      const role = this.roleOf(pod);
      let row = byRole.get(role);
      if (!row) byRole.set(role, (row = newRow(columns)));
      addRequests(row, pod, columns);
    }
    const total = newRow(columns);
    for (const row of byRole.values()) row.forEach((amount, r) => (total[r]! += amount));
    return (this.#held = { total, byRole });
  }
}
