import { append } from '../lib/unbounded.ts';
import type { AgentHealth } from '../recovery/health.ts';
import type { AgentFacts } from '../snapshot/agent.ts';
import { taskHolder } from '../snapshot/framework-id.ts';
import { readsNumbers } from '../snapshot/index-labels.ts';
import type { ResourceColumns } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { TaskShape } from '../snapshot/workload.ts';
import type { Entry } from './entry.ts';
import { Party } from './party.ts';
import { Place } from './place.ts';
import { Roster } from './roster.ts';

/**
 * The Pods of the cluster, filed by the node that they name and by those that they belong to. Each Pod is taken in once
 * when it changes; sums over a node or over a party are made anew when somebody asks and one of its Pods changed. So
 * nothing is ever subtracted, and what many changes came to is what the same Pods give when they are filed at once.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  /** Without gaps; the position of a Pod is in its entry. */
  readonly #pods: PodFacts[] = [];
  readonly #places = new Map<string, Place>();
  /** Tasks of the workloads that exist, by the key of their holder. */
  readonly #tasks = new Map<string, Party>();
  /** Pods of others that name our scheduler, by the id of their framework. */
  readonly #customers = new Map<string, Party>();
  /** Tasks of no workload, by namespace. */
  readonly #strays = new Map<string, Party>();
  readonly #homes = [this.#tasks, this.#customers, this.#strays];
  readonly #ruling = new Roster((pod) => pod.standing !== undefined && isBound(pod));
  readonly #claimants = new Roster((pod) => pod.claims.length > 0 && isBound(pod));
  readonly #waiting = new Roster(({ customer }) => customer?.shape !== undefined);
  readonly #numberReaders = new Roster(readsNumbers);
  readonly #rosters = [this.#ruling, this.#claimants, this.#waiting, this.#numberReaders];
  #sortedCustomers: readonly Party[] | undefined;
  #columns: readonly string[] = [];

  /** Files a Pod, as it is now. */
  put(pod: PodFacts): void {
    let entry = this.#entries.get(pod.key);
    if (entry?.pod === pod) return;
    if (entry) {
      this.#unfile(entry);
      this.#pods[entry.index] = entry.pod = pod;
    } else {
      entry = { pod, index: this.#pods.push(pod) - 1, party: undefined, place: undefined };
      this.#entries.set(pod.key, entry);
    }
    this.#file(entry);
    for (const roster of this.#rosters) roster.put(pod);
  }

  /** Strikes a Pod out; nothing happens when it is not there. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#unfile(entry);
    this.#entries.delete(key);
    const last = this.#pods.pop()!;
    if (last !== entry.pod) {
      this.#pods[entry.index] = last;
      this.#entries.get(last.key)!.index = entry.index;
    }
    for (const roster of this.#rosters) roster.delete(key);
  }

  /** Keys of all Pods. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Whether there is a Pod of that namespace/name. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /**
   * Tells which workloads there are: their tasks are theirs, all others are of nobody.
   * @param holders keys of their holders, each with its namespace
   */
  holdersAre(holders: ReadonlyMap<string, string>): void {
    const homeless: Entry[] = [];
    for (const [holder, { entries }] of this.#tasks) {
      if (holders.has(holder)) continue;
      this.#tasks.delete(holder);
      append(homeless, [...entries]);
    }
    let isNew = false;
    for (const [holder, namespace] of holders) {
      if (this.#tasks.has(holder)) continue;
      this.#tasks.set(holder, new Party(holder, namespace, roleOfTask));
      isNew = true;
    }
    // Tasks whose workload comes after them.
    if (isNew) {
      for (const parties of [this.#strays, this.#customers])
        for (const { entries } of parties.values())
          for (const entry of entries) if (this.#tasks.has(holderOf(entry.pod) ?? '')) homeless.push(entry);
    }
    for (const entry of homeless) {
      this.#unfile(entry);
      this.#file(entry);
    }
  }

  /** Tells what nodes there are. @param health of those that are not well, by name */
  agentsAre(agents: readonly AgentFacts[], health: ReadonlyMap<string, AgentHealth>): void {
    const there = new Set<Place>();
    for (const agent of agents) {
      const place = this.placeOf(agent.name);
      place.observe(agent, health.get(agent.name));
      there.add(place);
    }
    for (const place of this.#places.values()) {
      if (there.has(place)) continue;
      place.observe(undefined, undefined);
      if (place.entries.size === 0) this.#places.delete(place.name);
    }
  }

  /** Tells which resources have columns: sums are made anew when those changed. */
  columnsAre({ names }: ResourceColumns): void {
    if (names.length === this.#columns.length && names.every((name, i) => name === this.#columns[i])) return;
    this.#columns = [...names];
    for (const place of this.#places.values()) place.changed();
    for (const party of this.parties()) party.changed();
  }

  /** All Pods, in no order. */
  pods(): PodFacts[] {
    return this.#pods.slice();
  }

  /** Those that are bound and whose rules have a say in where others may go. */
  get ruling(): readonly PodFacts[] {
    return this.#ruling.pods;
  }

  /** Those that are bound, have not ended and use claims. */
  get claimants(): readonly PodFacts[] {
    return this.#claimants.pods;
  }

  /** What Pods of others ask for that wait: each shape once. */
  customerShapes(): ReadonlySet<TaskShape> {
    return new Set(this.#waiting.pods.map(({ customer }) => customer!.shape!));
  }

  /** Whether the rules of a Pod tell numbered Pods apart. */
  get readsNumbers(): boolean {
    return this.#numberReaders.size > 0;
  }

  /** The node of a name, with its Pods. */
  placeOf(name: string): Place {
    let place = this.#places.get(name);
    if (!place) this.#places.set(name, (place = new Place(name)));
    return place;
  }

  /** The Pods of a framework; undefined when there are none and it is no workload. @param holder its holderKey() */
  partyOf(holder: string): Party | undefined {
    return this.#tasks.get(holder) ?? this.#customers.get(holder);
  }

  /** Pods of others that name our scheduler, by their frameworks, in the order of the ids. */
  customers(): readonly Party[] {
    return (this.#sortedCustomers ??= [...this.#customers.values()].sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  /** All whose Pods may hold something: those of frameworks, and tasks of nobody. */
  *parties(): Generator<Party> {
    for (const parties of this.#homes) yield* parties.values();
  }

  #file(entry: Entry): void {
    const { pod } = entry;
    // Another scheduler has cleared a node for it: the room is as good as taken.
    const node = pod.node ?? (pod.customer ? undefined : pod.nominated);
    entry.party = this.#partyOf(pod);
    entry.place = node === undefined ? undefined : this.placeOf(node);
    for (const book of [entry.party, entry.place]) {
      book?.entries.add(entry);
      book?.changed();
    }
  }

  #unfile(entry: Entry): void {
    for (const book of [entry.party, entry.place]) {
      book?.entries.delete(entry);
      book?.changed();
    }
    this.#drop(entry);
  }

  /** Forgets what nobody is filed under any more. */
  #drop({ party, place }: Entry): void {
    if (party?.entries.size === 0) {
      this.#strays.delete(party.key);
      if (this.#customers.delete(party.key)) this.#sortedCustomers = undefined;
    }
    if (place?.entries.size === 0 && !place.agent) this.#places.delete(place.name);
  }

  #partyOf(pod: PodFacts): Party | undefined {
    const owned = this.#tasks.get(holderOf(pod) ?? '');
    if (owned) return owned;
    const { customer, task, namespace } = pod;
    if (customer) {
      const { id } = customer.framework;
      if (!this.#customers.has(id)) this.#sortedCustomers = undefined;
      return opened(this.#customers, id, namespace, roleOfCustomer);
    }
    return task && opened(this.#strays, namespace, namespace, roleOfTask);
  }
}

const isBound = ({ node, terminal }: PodFacts): boolean => node !== undefined && !terminal;
const holderOf = ({ task, namespace }: PodFacts): string | undefined => task && taskHolder(task, namespace);
const roleOfTask = ({ task }: PodFacts): string => task!.role;
const roleOfCustomer = ({ customer }: PodFacts): string => customer!.role;

function opened(parties: Map<string, Party>, key: string, namespace: string, roleOf: Party['roleOf']): Party {
  let party = parties.get(key);
  if (!party) parties.set(key, (party = new Party(key, namespace, roleOf)));
  return party;
}
