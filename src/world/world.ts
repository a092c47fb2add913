import { atOnce, type Steps } from '../lib/steps.ts';
import { avoidanceOf, classKey } from '../snapshot/class.ts';
import { HEALTHY } from '../recovery/health.ts';
import { heldUntilKnown, openQuestions } from '../snapshot/admitted.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Drafters } from '../snapshot/drafting.ts';
import { workloadHolder, workloadId, type FrameworkKind } from '../snapshot/framework-id.ts';
import type { FrameworkDraft } from '../snapshot/framework.ts';
import type { Hold } from '../snapshot/hold.ts';
import { unreadableHold } from '../snapshot/frozen.ts';
import { numberReaders } from '../snapshot/index-labels.ts';
import type { NamespaceLabels } from '../snapshot/pod-rules.ts';
import { PodNames } from '../snapshot/pod-names.ts';
import { NO_MEMORY } from '../snapshot/preemption.ts';
import { RoleAccounts } from '../snapshot/role-account.ts';
import { readRolePaths } from '../snapshot/role-tree.ts';
import { readRoles, reservationsOf } from '../snapshot/roles.ts';
import type { Watch } from '../snapshot/slots.ts';
import { readStorage } from '../snapshot/volumes/storage.ts';
import type { Workload } from '../snapshot/workload.ts';
import { Drafts } from './drafts.ts';
import { grow } from './growth.ts';
import { roleHoldings } from './holdings.ts';
import type { Inputs, Surroundings } from './inputs.ts';
import { Ledger } from './ledger.ts';
import { Ranking } from './ranking.ts';
import { numbered } from './numbered.ts';
import { Customers, workloadMember, type Member } from './subjects.ts';
import { columnsOf, readSupply } from './supply.ts';

/**
 * The cluster as the operator knows it: a ledger of all Pods, and from it one immutable picture for each cycle. What did
 * not change since the last picture is not read again.
 */
export class World {
  readonly ledger = new Ledger();
  readonly #drafts: Drafts;
  /** In this order. */
  readonly #kinds: readonly FrameworkKind[];
  readonly #customers = new Customers();
  readonly #ranking = new Ranking();

  constructor(drivers: Drafters) {
    this.#drafts = new Drafts(drivers);
    this.#kinds = [...drivers.keys()];
  }

  /**
   * The picture of this instant, in steps: a framework each. The same Pods and surroundings in any order, whatever was
   * before, give the same picture. The ledger must stand still until it is done; the surroundings are read in the first step.
   */
  *snapshot(around: Surroundings): Steps<Snapshot> {
    const { ledger } = this;
    const { now, admitted } = around;
    const agents = byKey(around.agents);
    const roles = byKey(around.roles);
    const services = Array.from(around.services).filter(({ own }) => own === undefined);
    const storage = readStorage(around.storage);
    const namespaces: NamespaceLabels = new Map(
      Array.from(around.namespaces, ({ key, labels }) => [key, labels]),
    );
    const paths = readRolePaths(roles);
    const accounts = new RoleAccounts(paths, namespaces);
    const named = this.#ranking.namedClasses(around);
    const byKind = Map.groupBy(around.workloads, ({ names }) => names.kind);
    const workloads = this.#kinds.flatMap((kind) => byKey(byKind.get(kind) ?? [])).filter(stays);
    ledger.agentsAre(agents, around.health);
    ledger.holdersAre(
      new Map(workloads.map((each) => [workloadHolder(each), each.metadata.namespace ?? ''])),
    );

    const holdOf = (workload: Workload): Hold | undefined =>
      unreadableHold(workload) ?? around.holds.get(workloadId(workload));
    const frozen = workloads.filter((workload) => holdOf(workload)?.freezes);
    const ranked = workloads
      .filter((workload) => !holdOf(workload)?.freezes)
      .map((workload) => {
        const party = ledger.partyOf(workloadHolder(workload))!;
        return this.#ranking.of(workload, { party, named, accounts, admitted });
      });
    const shapes = ranked.flatMap(({ groups }) => groups.map(({ shape }) => shape));
    const columns = columnsOf(agents, roles);
    for (const { demand } of shapes) columns.share(demand);
    for (const shape of ledger.customerShapes()) columns.share(shape.demand);
    ledger.columnsAre(columns);

    const numbers = new Map(agents.map((agent, i) => [agent.name, i]));
    const watch: Watch = {
      now,
      healthOf: (node) => (numbers.has(node) ? (around.health.get(node) ?? HEALTHY) : undefined),
      bootOf: (node) => agents[numbers.get(node) ?? -1]?.bootId,
      isDrained: (node) => agents[numbers.get(node) ?? -1]?.drained ?? false,
      hostPorts: around.hostPorts,
    };
    const memberOf = (workload: Workload): Member =>
      workloadMember(workload, ledger.partyOf(workloadHolder(workload))!, holdOf(workload));
    // Without agents nothing can be placed, whatever the Pods become.
    const asked = agents.length > 0 ? admitted : undefined;
    const openSince = asked ? openQuestions(asked, now) : Infinity;
    const readsNumbers = numberReaders(shapes, ledger.readsNumbers, services);
    const drafts: FrameworkDraft[] = [];
    for (const workload of ranked) {
      const draft = this.#drafts.of(memberOf(workload), watch);
      drafts.push(asked ? heldUntilKnown(draft, asked, openSince) : draft);
      yield;
    }
    for (const member of this.#customers.members(ledger, around.holds, readsNumbers)) {
      drafts.push(this.#drafts.of(member, watch));
      yield;
    }
    for (const workload of frozen) drafts.push(this.#drafts.of(memberOf(workload), watch));
    const avoidance = around.avoidance ?? avoidanceOf(ledger.pods());
    const { frameworks: all, classes } = numbered(drafts, {
      accounts,
      names: new PodNames(ledger),
      avoidsOf: (framework, group, { revision }) =>
        avoidance.nodesOf(classKey(framework.holder, group), revision, now),
      storage,
      now,
    });
    const room = readSupply(ledger, agents, columns);
    const placed = reservationsOf(paths, agents, room.allocatable, columns);
    const holdings = roleHoldings(ledger, accounts, columns, agents, placed.agents);
    const none = new Float64Array(columns.count);
    const picture = {
      columns,
      agents,
      numbers,
      accounts,
      ...room,
      roles: readRoles(paths, all, placed, holdings, columns),
      preemption: around.preemption ?? NO_MEMORY,
    };
    const frameworks = grow({ ...picture, frameworks: all });
    return {
      ...picture,
      now,
      ports: agents.map(({ name }) =>
        ledger.placeOf(name).ports(around.hostPorts, avoidance.portsOn(name, now)),
      ),
      health: agents.map(({ name }) => around.health.get(name) ?? HEALTHY),
      frameworks,
      classes,
      pods: ledger.pods(),
      ruling: ledger.ruling,
      claimants: ledger.claimants,
      leaving: ledger.leaving,
      asked: ledger.asked,
      storage,
      named,
      namespaces,
      services: Map.groupBy(services, ({ namespace }) => namespace),
      held: frameworks.map(
        (f) => ledger.partyOf(f.holder)?.held(columns).total.subarray(0, columns.count) ?? none,
      ),
      admitted,
    };
  }
}

/** A picture of these objects alone, in steps. */
export function* pictureOf(inputs: Inputs, drivers: Drafters): Steps<Snapshot> {
  const world = new World(drivers);
  for (const pod of inputs.pods) world.ledger.put(pod);
  return yield* world.snapshot(inputs);
}

/** The same at once. */
export const buildSnapshot = (inputs: Inputs, drivers: Drafters): Snapshot =>
  atOnce(pictureOf(inputs, drivers));

const byKey = <T extends { readonly key: string }>(items: Iterable<T>): T[] =>
  [...items].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

/**
 * A workload that is being deleted (in the foreground, or with its Pods orphaned) takes no more part: the garbage
 * collector ends its Pods, and would never be done if new ones came.
 */
const stays = ({ metadata }: Workload): boolean => metadata.deletionTimestamp === undefined;
