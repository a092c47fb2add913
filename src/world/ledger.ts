import { append } from '../lib/unbounded.ts';
import type { AgentHealth } from '../recovery/health.ts';
import type { AgentFacts } from '../snapshot/agent.ts';
import { taskHolder } from '../snapshot/framework-id.ts';
import { readsNumbers } from '../snapshot/index-labels.ts';
import type { ResourceColumns } from '../snapshot/resources.ts';
import type { PodFacts } from '../snapshot/task.ts';
import type { TaskShape } from '../snapshot/workload.ts';
import { Party, type Filed } from './party.ts';
import { charge, Place, type Entry } from './place.ts';
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
  readonly #leaving = new Roster((pod) => pod.deleting);
  readonly #asked = new Roster((pod) => pod.inverseOffer !== undefined);
  readonly #waiting = new Roster(({ customer }) => customer?.shape !== undefined);
  readonly #numberReaders = new Roster(readsNumbers);
  readonly #rosters = [
    this.#ruling,
    this.#claimants,
    this.#leaving,
    this.#asked,
    this.#waiting,
    this.#numberReaders,
  ];
  #sortedCustomers: readonly Party[] | undefined;
  #columns: readonly string[] = [];

  /** Files a Pod, as it is now. */
  put(pod: PodFacts): void {
    let entry = this.#entries.get(pod.key);
    if (entry?.pod === pod) return;
    if (entry) this.#pods[entry.index] = entry.pod = pod;
    else {
      entry = { pod, index: this.#pods.push(pod) - 1, party: undefined, place: undefined, charge: undefined };
      this.#entries.set(pod.key, entry);
    }
    this.#file(entry);
    for (const roster of this.#rosters) roster.put(pod);
  }

  /** Strikes a Pod out; nothing happens when it is not there. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#moveTo(entry, undefined, undefined);
    this.#entries.delete(key);
    const last = this.#pods.pop()!;
    if (last !== entry.pod) {
      this.#pods[entry.index] = last;
      this.#entries.get(last.key)!.index = entry.index;
    }
    for (const roster of this.#rosters) roster.delete(key);
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
    const homeless: Filed[] = [];
    for (const [holder, party] of this.#tasks) {
      if (holders.has(holder)) continue;
      this.#tasks.delete(holder);
      append(homeless, party.members);
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
        for (const party of parties.values())
          for (const entry of party.members)
            if (this.#tasks.has(holderOf(entry.pod) ?? '')) homeless.push(entry);
    }
    for (const { pod } of homeless) this.#file(this.#entries.get(pod.key)!);
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

  /** Those that are on their way out. */
  get leaving(): readonly PodFacts[] {
    return this.#leaving.pods;
  }

  /** Those that are asked to go. */
  get asked(): readonly PodFacts[] {
    return this.#asked.pods;
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

  /** The Pods of a framework; undefined when there are none and it is no workload. @param holder its `holder` */
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
    this.#moveTo(entry, this.#partyOf(pod), node === undefined ? undefined : this.placeOf(node));
  }

  #moveTo(entry: Entry, party: Party | undefined, place: Place | undefined): void {
    const { party: oldParty, place: oldPlace } = entry;
    entry.party = party;
    entry.place = place;
    if (oldParty !== party) {
      oldParty?.remove();
      if (oldParty?.size === 0) this.#close(oldParty);
      party?.add(entry);
    } else party?.changed();
    if (oldPlace !== place) {
      oldPlace?.entries.delete(entry);
      oldPlace?.changed();
      if (oldPlace?.entries.size === 0 && !oldPlace.agent) this.#places.delete(oldPlace.name);
      place?.entries.add(entry);
    }
    place?.changed();
    charge(entry);
  }

  /** Forgets those of whom nobody is left; a workload stays. */
  #close({ key }: Party): void {
    this.#strays.delete(key);
    if (this.#customers.delete(key)) this.#sortedCustomers = undefined;
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
