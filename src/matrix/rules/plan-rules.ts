import { canonicalJson } from '../../lib/hash.ts';
import { affinityExclusion, repellingTaint } from '../../snapshot/constraints.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { DemandClass } from '../../snapshot/framework.ts';
import {
  standingRules,
  termSelects,
  type PodTerm,
  type SpreadRule,
  type StandingRules,
} from '../../snapshot/pod-rules.ts';
import { selects, type Labels } from '../../snapshot/reading/selector.ts';
import { serviceSpread } from '../../snapshot/service.ts';
import { PodTallies } from './count-pods.ts';
import type { RowRules, RowSpread, RowWish } from './row-rules.ts';
import { Tally, type Scope } from './tally.ts';
import { Topologies } from './topology.ts';

/** Whether a Pod with these labels counts in a tally. */
export type Counts = (namespace: string, labels: Labels) => boolean;

/** The rules of all rows, and what they count, as the snapshot's Pods have it. */
export interface RulePlan {
  readonly rows: readonly RowRules[];
  readonly tallies: readonly Tally[];
  /** In which of them the bound Pods count. */
  readonly counting: PodTallies;
}

/** What a class would like of topology spread. Workloads of ours and those that spread anyway have said how they are placed. */
function softSpreadOf({ shape, scheduling, framework }: DemandClass, { services, frameworks }: Snapshot) {
  const byServices = frameworks[framework]?.makesPods === false && scheduling === 'Packed';
  return byServices ? [...shape.rules.softSpread, ...serviceSpread(shape, services)] : shape.rules.softSpread;
}

const asksNothing = (each: DemandClass, snapshot: Snapshot): boolean => {
  const { affinity, antiAffinity, preferred, spread } = each.shape.rules;
  const rules = affinity.length + antiAffinity.length + preferred.length + spread.length;
  return rules === 0 && softSpreadOf(each, snapshot).length === 0;
};

/** Plans what has to be counted for the rules of the classes, and counts it; undefined when there is nothing. */
export function planRules(snapshot: Snapshot, classes: readonly DemandClass[]): RulePlan | undefined {
  if (snapshot.ruling.length === 0 && classes.every((each) => asksNothing(each, snapshot))) return undefined;
  const plan = new Planner(snapshot, classes).plan();
  const idle = plan.rows.every(
    ({ affinity, avoids, avoidedBy, spread, wishes, softSpread }) =>
      affinity.length + avoids.length + avoidedBy.length === 0 &&
      spread.length + wishes.length + softSpread.length === 0,
  );
  return idle ? undefined : plan;
}

class Planner {
  readonly #snapshot: Snapshot;
  readonly #classes: readonly DemandClass[];
  readonly #topologies: Topologies;
  readonly #tallies: Tally[] = [];
  /** Tallies of Pods by their labels. */
  readonly #tests: { readonly tally: number; readonly counts: Counts }[] = [];
  /** Tallies of the Pods that have a term in their rules, by the term. */
  readonly #holders = new Map<string, number>();
  readonly #known = new Map<string, number>();

  constructor(snapshot: Snapshot, classes: readonly DemandClass[]) {
    this.#snapshot = snapshot;
    this.#classes = classes;
    this.#topologies = new Topologies(snapshot.agents);
  }

  plan(): RulePlan {
    const own = this.#classes.map((each) => this.#ownRules(each));
    const standing = new Set(this.#snapshot.ruling.map((pod) => pod.standing!));
    const classStanding = this.#classes.map(({ shape }) => standingRules(shape.rules));
    for (const rules of classStanding) if (rules) standing.add(rules);
    const heldBy = new Map([...standing].map((rules) => [rules, this.#holdersOf(rules)]));
    const counting = new PodTallies(this.#tests, heldBy);
    counting.count(this.#snapshot, this.#tallies);
    const rows = this.#classes.map((each, row): RowRules => {
      const { namespace, labels } = each.shape;
      const counts = this.#tests.filter((test) => test.counts(namespace, labels)).map(({ tally }) => tally);
      const rules = classStanding[row];
      return {
        ...own[row]!,
        ...this.#fromOthers(each, standing, own[row]!.wishes),
        counts: new Set([...counts, ...(rules ? heldBy.get(rules)! : [])]),
      };
    });
    return { rows, tallies: this.#tallies, counting };
  }

  #ownRules(demandClass: DemandClass): Omit<RowRules, 'avoidedBy' | 'counts'> {
    const { shape } = demandClass;
    const { namespace, labels, rules } = shape;
    const { affinity, antiAffinity, preferred } = rules;
    const all: Counts = (ns, of) => affinity.every((term) => this.#selects(term, ns, of));
    return {
      affinity: affinity.map(({ topologyKey }) => this.#tally('all', topologyKey, affinity, all)),
      mayBeFirst: affinity.length > 0 && all(namespace, labels),
      avoids: antiAffinity.map((term) => this.#selected(term)),
      wishes: preferred.map(({ term, weight }) => ({ tally: this.#selected(term), weight })),
      spread: this.#spread(shape, rules.spread),
      softSpread: this.#spread(shape, softSpreadOf(demandClass, this.#snapshot)),
    };
  }

  /** What the rules of others that select the class mean for it. */
  #fromOthers(
    { shape: { namespace, labels } }: DemandClass,
    standing: ReadonlySet<StandingRules>,
    own: readonly RowWish[],
  ): Pick<RowRules, 'avoidedBy' | 'wishes'> {
    const avoidedBy = new Set<number>();
    const wishes = new Map<string, RowWish>();
    for (const { repels, wants } of standing) {
      for (const term of repels)
        if (this.#selects(term, namespace, labels)) avoidedBy.add(this.#holders.get(holderKey(term, 0))!);
      for (const { term, weight } of wants) {
        if (!this.#selects(term, namespace, labels)) continue;
        const key = holderKey(term, weight);
        wishes.set(key, { tally: this.#holders.get(key)!, weight });
      }
    }
    return { avoidedBy: [...avoidedBy], wishes: [...own, ...wishes.values()] };
  }

  /** Tallies that a Pod with these rules counts in as the one who has them: of terms that select some class. */
  #holdersOf({ repels, wants }: StandingRules): number[] {
    const out = [];
    for (const { term, weight } of [...repels.map((each) => ({ term: each, weight: 0 })), ...wants]) {
      const matters = this.#classes.some(({ shape }) => this.#selects(term, shape.namespace, shape.labels));
      if (!matters) continue;
      const key = holderKey(term, weight);
      let tally = this.#holders.get(key);
      if (tally === undefined) this.#holders.set(key, (tally = this.#add(term.topologyKey)));
      out.push(tally);
    }
    return out;
  }

  #spread(shape: DemandClass['shape'], rules: readonly SpreadRule[]): RowSpread[] {
    const must = rules.filter(({ lenient }) => !lenient).map(({ topologyKey }) => topologyKey);
    return rules.map((rule) => {
      const { selector, maxSkew, minDomains, lenient } = rule;
      const key = canonicalJson(['spread', shape.namespace, shape.constraints, rule, must]);
      let tally = this.#known.get(key);
      if (tally === undefined) this.#known.set(key, (tally = this.#spreadTally(shape, rule, must)));
      return { tally, maxSkew, minDomains, lenient, countsSelf: selects(selector, shape.labels) };
    });
  }

  /** @param must labels without which an agent does not count */
  #spreadTally(
    { namespace, constraints }: DemandClass['shape'],
    rule: SpreadRule,
    must: readonly string[],
  ): number {
    const { selector, topologyKey } = rule;
    const { domainOf } = this.#topologies.of(topologyKey);
    const agents = Uint8Array.from(this.#snapshot.agents, (agent, i) => {
      if (domainOf[i]! < 0 || must.some((label) => agent.labels[label] === undefined)) return 0;
      if (rule.honoursAffinity && affinityExclusion(constraints, agent)) return 0;
      return rule.honoursTaints && repellingTaint(constraints, agent) ? 0 : 1;
    });
    const domains = new Set(domainOf.filter((_, i) => agents[i] === 1));
    const tally = this.#add(topologyKey, { agents, domains: Int32Array.from(domains), skipsLeaving: true });
    // An empty selector selects the task itself, and yet no Pod is counted by it.
    const counts: Counts = (ns, labels) =>
      ns === namespace && selector?.length !== 0 && selects(selector, labels);
    this.#tests.push({ tally, counts });
    return tally;
  }

  #selected(term: PodTerm): number {
    const counts: Counts = (namespace, labels) => this.#selects(term, namespace, labels);
    return this.#tally('any', term.topologyKey, [term], counts);
  }

  /** The tally of what terms select, shared among rows. */
  #tally(kind: string, topologyKey: string, terms: readonly PodTerm[], counts: Counts): number {
    const key = canonicalJson([kind, topologyKey, terms]);
    let tally = this.#known.get(key);
    if (tally === undefined) {
      this.#known.set(key, (tally = this.#add(topologyKey)));
      this.#tests.push({ tally, counts });
    }
    return tally;
  }

  #add(topologyKey: string, scope?: Scope): number {
    return this.#tallies.push(new Tally(this.#topologies.of(topologyKey), scope)) - 1;
  }

  #selects(term: PodTerm, namespace: string, labels: Labels): boolean {
    return termSelects(term, namespace, labels, this.#snapshot.namespaces);
  }
}

/** @param weight 0 for a term of anti-affinity that is required */
const holderKey = (term: PodTerm, weight: number): string => canonicalJson([weight, term]);
