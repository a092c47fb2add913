import { mix32, Prng, word32 } from '../../lib/prng.ts';
import { drawOf } from '../resources/chop.ts';
import { MinAllocatable } from '../resources/min-allocatable.ts';
import { LOTS } from '../roles/random-sorter.ts';
import { Resources, scalarItem, type Item } from '../resources/resource-bundle.ts';
import type { Kind } from '../resources/resource-kind.ts';
import { isWithin, parentOf } from '../roles/role-path.ts';
import {
  SlowState,
  scalars,
  sumUp,
  type Agent,
  type Filter,
  type Piece,
  type Sums,
} from './slow-state.test-helper.ts';

/*
 * The allocation run once more, as plain and slow as can be: lists that are filtered and sums that are computed
 * whenever they are needed, one step after another. The state around it changes in slow-master.test-helper.ts.
 */

/** a - b, without what is not positive. */
const less = (a: Sums, b: Sums): Sums =>
  new Map([...a].map(([name, x]) => [name, x - (b.get(name) ?? 0)] as const).filter(([, x]) => x > 0));
/** A limit minus something: entries stay, at zero if need be. */
const lessLimit = (a: Sums, b: Sums): Sums =>
  new Map([...a].map(([name, x]) => [name, Math.max(0, x - (b.get(name) ?? 0))]));
const shrink = (items: readonly Item[], target: Sums, absent: number, lot: number): Item[] => {
  const left = new Map(target);
  const whole = items.some(({ kind }) => kind.whole);
  const order = whole ? items.toSorted((a, b) => drawOf(a, lot) - drawOf(b, lot)) : items;
  return order.flatMap((item) => {
    const room = left.get(item.kind.name) ?? absent;
    if (room <= 0 || (item.kind.whole && item.amount > room)) return [];
    left.set(item.kind.name, Math.max(0, room - item.amount));
    return item.amount <= room ? [item] : [scalarItem(item.kind, room)];
  });
};

export class SlowAllocator extends SlowState {
  run(): void {
    const { seed } = this.options;
    const run = ++this.runs;
    const asked = [...this.asked].sort();
    this.asked.clear();
    const isListed = (id: string): boolean => this.whitelist?.includes(this.agents.get(id)!.hostname) ?? true;
    const random = new Prng(seed, run);
    const order = random.shuffle(asked.filter(isListed));
    const consumed = new Map<string, Sums>();
    const required: Sums = new Map();
    for (const [role, { guarantee }] of this.quotas) {
      const sums = this.totals((kind) => kind.reservedTo !== '' && isWithin(kind.reservedTo, role));
      for (const piece of this.tracked())
        if (isWithin(piece.role, role))
          sumUp(
            scalars(piece.resources, (kind) => kind.plain),
            sums,
          );
      consumed.set(role, sums);
      for (const [name, lack] of less(guarantee, sums)) required.set(name, (required.get(name) ?? 0) + lack);
    }
    const sumOnce = (keep: (kind: Kind) => boolean): Sums => {
      const sums: Sums = new Map();
      for (const { id } of this.agents.values()) {
        const held = this.tracked().filter(({ agent }) => agent === id);
        sumUp(
          held.flatMap(({ resources }) => scalars(resources, (kind) => keep(kind) && !kind.shared)),
          sums,
        );
        const shared = new Map(
          held
            .flatMap(({ resources }) => scalars(resources, (kind) => keep(kind) && kind.shared))
            .map((item) => [item.kind, item]),
        );
        sumUp([...shared.values()], sums);
      }
      return sums;
    };
    const isReserved = (kind: Kind): boolean => kind.reservedTo !== '';
    let headroom = less(
      this.totals(),
      sumOnce(() => true),
    );
    headroom = less(headroom, less(this.totals(isReserved), sumOnce(isReserved)));
    headroom = less(
      headroom,
      sumUp(
        [...this.agents.values()].flatMap((agent) =>
          scalars(this.available(agent), (kind) => kind.revocable),
        ),
      ),
    );
    const sharedOut = new Map<string, Resources>();
    const made: Piece[] = [];
    const rolesInOrder = (stage: number, agent: string): string[] =>
      this.options.roleSorter === 'random'
        ? this.roleSorter.draw(LOTS, seed, run, stage, word32(agent))
        : this.roleSorter.sort((roles) =>
            this.dominant(this.tracked().filter(({ role }) => roles.includes(role))),
          );
    const frameworksInOrder = (stage: number, agent: string, inRole: string): string[] =>
      this.options.frameworkSorter === 'random'
        ? this.sorters.get(inRole)!.draw(LOTS, seed, run, stage, word32(agent), word32(inRole))
        : this.sorters
            .get(inRole)!
            .sort(([id]) =>
              this.dominant(
                this.tracked().filter(({ framework, role }) => framework === id && role === inRole),
              ),
            );
    const limitsOf = (role: string): Sums | null => {
      let limits: Sums | null = null;
      for (
        let at: string | undefined = role;
        at !== undefined;
        at = this.options.nestedLimits ? parentOf(at) : undefined
      ) {
        for (const [name, free] of lessLimit(
          this.quotas.get(at)?.limit ?? new Map(),
          consumed.get(at) ?? new Map(),
        )) {
          limits ??= new Map();
          limits.set(name, Math.min(free, limits.get(name) ?? Infinity));
        }
      }
      return limits;
    };
    for (const stage of [1, 2]) {
      if (stage === 2) random.shuffle(order);
      for (const id of order) {
        const agent = this.agents.get(id)!;
        const lot = mix32(mix32(mix32(seed, run), stage), word32(id));
        for (const role of rolesInOrder(stage, id)) {
          const guarantee = this.quotas.get(role)?.guarantee ?? new Map<string, number>();
          for (const frameworkId of frameworksInOrder(stage, id, role)) {
            const framework = this.frameworks.get(frameworkId)!;
            const unsatisfied = less(guarantee, consumed.get(role) ?? new Map());
            if (stage === 1 && (unsatisfied.size === 0 || role.includes('/'))) break;
            if (framework.constraints.get(role)?.(agent) === false) continue;
            let view = this.available(agent).filter(
              (kind) => kind.reservedTo === '' || isWithin(role, kind.reservedTo),
            );
            view = view.minus(sharedOut.get(id) ?? Resources.empty);
            const min = framework.min.get(role) ?? new MinAllocatable(this.options.minAllocatable);
            const can = (capability: string): boolean => framework.capabilities.includes(capability);
            const remote =
              this.options.region !== null && agent.region !== null && agent.region !== this.options.region;
            const hasGpus = agent.total.items.some(({ kind }) => kind.name === 'gpus');
            if (!min.isMetBy(view) || (remote && !can('REGION_AWARE'))) continue;
            if (hasGpus && this.options.filterGpuResources && !can('GPU_RESOURCES')) continue;
            view = view.filter(
              (kind) =>
                (!kind.shared || can('SHARED_RESOURCES')) &&
                (!kind.revocable || can('REVOCABLE_RESOURCES')) &&
                (kind.reservations.length < 2 || can('RESERVATION_REFINEMENT')),
            );
            const plain = view.filter((kind) => kind.plain);
            const given = stage === 1 ? shrink(plain.items, unsatisfied, 0, lot) : [];
            if (stage === 1 && given.length === 0) continue;
            let extra: readonly Item[] = plain.minus(Resources.of(given)).items;
            const limits = limitsOf(role);
            if (limits !== null) extra = shrink(extra, lessLimit(limits, sumUp(given)), Infinity, lot);
            if (required.size > 0) extra = shrink(extra, less(headroom, required), 0, lot);
            const along = view.filter(
              (kind) =>
                (stage === 1 ? kind.reservedTo === role : kind.reservedTo !== '') ||
                kind.type !== 'scalar' ||
                kind.revocable,
            );
            const offer = along.plus(Resources.of(given)).plus(Resources.of(extra));
            if (!min.isMetBy(offer) || !agent.capabilities.includes('MULTI_ROLE')) continue;
            if (role.includes('/') && !agent.capabilities.includes('HIERARCHICAL_ROLE')) continue;
            const refused = (filter: Filter): boolean =>
              filter.framework === frameworkId &&
              filter.role === role &&
              filter.agent === id &&
              this.isLive(filter) &&
              filter.resources.contains(offer);
            if (this.filters.some(refused)) continue;
            sharedOut.set(
              id,
              (sharedOut.get(id) ?? Resources.empty).plus(offer.filter((kind) => kind.shared)),
            );
            const taken = sumUp([...given, ...extra]);
            for (
              let at: string | undefined = role;
              at !== undefined;
              at = this.options.nestedLimits ? parentOf(at) : undefined
            ) {
              if (this.quotas.has(at))
                consumed.set(at, sumUp([...given, ...extra], new Map(consumed.get(at))));
            }
            for (const [name, amount] of sumUp(given)) required.set(name, (required.get(name) ?? 0) - amount);
            for (const [name, amount] of required) if (amount <= 0) required.delete(name);
            headroom = less(headroom, taken);
            let piece = made.find(
              (other) => other.framework === frameworkId && other.role === role && other.agent === id,
            );
            if (piece === undefined) {
              const end =
                this.options.offerTimeout === null ? Infinity : this.now + this.options.offerTimeout;
              piece = {
                framework: frameworkId,
                role,
                agent: id,
                resources: Resources.empty,
                offer: { end, id: ++this.offersMade },
                task: null,
              };
              made.push(piece);
              this.pieces.push(piece);
            }
            piece.resources = piece.resources.plus(offer);
            this.count([piece]);
          }
        }
      }
    }
    this.result.offers = made.map(({ framework, role, agent, resources }) => [
      framework,
      role,
      agent,
      resources,
    ]);
    for (const id of asked) this.inverseOffers(this.agents.get(id)!);
  }

  inverseOffers(agent: Agent): void {
    if (agent.window === null) return;
    for (const id of [...new Set(this.held(agent.id).map(({ framework }) => framework))].sort()) {
      if (this.frameworks.get(id)?.active !== true || agent.inverse.has(id)) continue;
      if (
        this.filters.some(
          (filter) =>
            filter.role === null &&
            filter.framework === id &&
            filter.agent === agent.id &&
            this.isLive(filter),
        )
      )
        continue;
      agent.inverse.set(id, this.now + (this.options.offerTimeout ?? Infinity));
      this.result.inverse.push([id, agent.id]);
    }
  }
}
