import type { Framework } from '../../snapshot/framework.ts';
import type { Topology } from '../../matrix/rules/topology.ts';
import type { OfferDesk } from './offer-desk.ts';

/** Pending tasks of one class. */
interface Lacking {
  readonly row: number;
  readonly lacking: number;
}

/** So many domains are tried at most, when a sum says that they have room for all. */
const MOST_TRIED = 32;

/**
 * In which domains of its topology a gang looks for room, in order; -1 stands for the agents without the label. Where it has
 * tasks already comes first, then the domain with the least room that holds all. Without such a one those that must
 * not be parted get the one with most room, where they do not fit, and the others all of them, the roomiest first.
 * @param kept agents on which it was nominated in the last cycle: as good as tasks while it has none
 * @returns undefined for a gang that may go anywhere
 */
export function nearDomains(
  desk: OfferDesk,
  { near, classes }: Framework,
  rows: readonly Lacking[],
  kept: Iterable<number>,
): readonly number[] | undefined {
  if (near === undefined) return undefined;
  const { room } = desk;
  const { domainOf, size } = room.topologyOf(near.key);
  const fits = rows.map(() => new Float64Array(size));
  domainOf.forEach((domain, agent) => {
    if (domain < 0) return;
    rows.forEach(({ row }, r) => (fits[r]![domain]! += room.admits(agent, row) ? room.fit(agent, row) : 0));
  });
  const nodes = classes.flatMap(({ perNode }) => [...perNode.keys()]);
  const live = nodes.map((node) => room.snapshot.numbers.get(node) ?? -1);
  const has = domainsOf(live.length > 0 ? live : kept, domainOf);
  const wanted = rows.reduce((sum, { lacking }) => sum + lacking, 0);
  const domains = Array.from({ length: size }, (_, domain) => ({
    domain,
    isHeld: has.has(domain),
    tasks: rows.reduce((sum, { lacking }, r) => sum + Math.min(lacking, fits[r]![domain]!), 0),
    room: rows.reduce((sum, _row, r) => sum + fits[r]![domain]!, 0),
  }));
  domains.sort(
    (a, b) =>
      Number(b.isHeld) - Number(a.isHeld) || b.tasks - a.tasks || a.room - b.room || a.domain - b.domain,
  );
  // Whoever has tasks somewhere must not go elsewhere with the others.
  const open = near.isRequired && has.size > 0 ? domains.filter(({ isHeld }) => isHeld) : domains;
  const whole = open.filter(({ tasks }) => tasks === wanted).slice(0, MOST_TRIED);
  const one = whole.find(({ domain }) => holdsAll(desk, rows, domainOf, domain));
  if (one) return [one.domain];
  return near.isRequired
    ? open.slice(0, 1).map(({ domain }) => domain)
    : [...open.map(({ domain }) => domain), -1];
}

/** The domains of agents; those without one do not count. */
function domainsOf(agents: Iterable<number>, domainOf: Topology['domainOf']): Set<number> {
  const domains = new Set(Array.from(agents, (agent) => domainOf[agent] ?? -1));
  domains.delete(-1);
  return domains;
}

/** Whether a domain has room for all: what one class takes another one lacks. */
function holdsAll(desk: OfferDesk, rows: readonly Lacking[], domainOf: Int32Array, domain: number): boolean {
  const { room } = desk;
  room.begin();
  const all = rows.every(({ row, lacking }) => {
    const order = desk.orderWithin(row, { domainOf, domain });
    let left = lacking;
    for (let next = order.next(left); next && left > 0; next = order.next(left)) {
      room.take(next.agent, row, next.tasks);
      order.took(next.agent);
      left -= next.tasks;
    }
    return left === 0;
  });
  room.rollBack();
  return all;
}
