import type { Amounts, ResourceColumns } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { addAmounts, newRow } from './row.ts';

/** What the Pods of a party hold on agents, by column. */
export interface Held {
  readonly total: Float64Array;
  /** By the role that the Pods name. */
  readonly byRole: ReadonlyMap<string, Float64Array>;
}

/** A Pod that is filed with a party. */
export interface Filed {
  readonly pod: PodFacts;
  readonly party: Party | undefined;
}

/** So many Pods of a party that draw on one role and ask for the same: most Pods do, and their requests are one object. */
export interface Charge {
  readonly party: Party;
  readonly role: string;
  readonly requests: Amounts;
  count: number;
}

/** Pods of one namespace that belong together: those of one framework, or those of workloads that do not exist. */
export class Party {
  readonly key: string;
  readonly namespace: string;
  /** What one of its Pods draws on, as it says. */
  readonly roleOf: (pod: PodFacts) => string;
  /** Grows with each change of its Pods, or of the nodes that they are on. */
  version = 0;
  #members: Filed[] = [];
  #size = 0;
  #isSorted = true;
  #pods: readonly PodFacts[] | undefined;
  #held: Held | undefined;
  readonly #charges = new Map<string, Map<Amounts, Charge>>();

  constructor(key: string, namespace: string, roleOf: (pod: PodFacts) => string) {
    this.key = key;
    this.namespace = namespace;
    this.roleOf = roleOf;
  }

  /** Number of its Pods. */
  get size(): number {
    return this.#size;
  }

  /** Takes in a Pod whose entry names this party. */
  add(entry: Filed): void {
    this.#members.push(entry);
    this.#size++;
    this.#isSorted = false;
    this.changed();
  }

  /** Lets a Pod go whose entry names another party by now. */
  remove(): void {
    this.#size--;
    this.changed();
  }

  /** Its Pods changed, the nodes that they are on, or what the columns stand for. */
  changed(): void {
    this.version++;
    this.#pods = undefined;
    this.#held = undefined;
  }

  /** Entries of all of them, by key. */
  get members(): readonly Filed[] {
    // One that left and came back stands there twice.
    if (this.#members.length > this.#size)
      this.#members = [...new Set(this.#members)].filter(({ party }) => party === this);
    // Nearly all of them are in order, and sorting sees that.
    if (!this.#isSorted) this.#members.sort((a, b) => (a.pod.key < b.pod.key ? -1 : 1));
    this.#isSorted = true;
    return this.#members;
  }

  /** All of them, by key; never changed afterwards. */
  get pods(): readonly PodFacts[] {
    return (this.#pods ??= this.members.map(({ pod }) => pod));
  }

  /** What all of them hold. */
  held(columns: ResourceColumns): Held {
    if (this.#held) return this.#held;
    const total = newRow(columns);
    const byRole = new Map<string, Float64Array>();
    for (const [role, charges] of this.#charges) {
      const row = newRow(columns);
      for (const [requests, { count }] of charges) addAmounts(row, requests, count, columns);
      row.forEach((amount, r) => (total[r]! += amount));
      byRole.set(role, row);
    }
    return (this.#held = { total, byRole });
  }

  /** Counts what one of its Pods holds. @returns where it is counted, for uncharge() */
  charge(pod: PodFacts): Charge {
    const role = this.roleOf(pod);
    const { requests } = pod;
    let charges = this.#charges.get(role);
    if (!charges) this.#charges.set(role, (charges = new Map()));
    let charge = charges.get(requests);
    if (!charge) charges.set(requests, (charge = { party: this, role, requests, count: 0 }));
    charge.count++;
    return charge;
  }

  /** Takes back what a Pod counted. */
  uncharge(charge: Charge): void {
    const { role, requests } = charge;
    const charges = this.#charges.get(role)!;
    if (--charge.count === 0) charges.delete(requests);
    if (charges.size === 0) this.#charges.delete(role);
  }
}
