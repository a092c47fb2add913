import { isWithin } from '../lib/role-path.ts';
import type { AgentFacts } from './agent.ts';
import type { Amounts, ResourceColumns } from './resources.ts';
import type { QuotaFacts } from './workload.ts';

/** What is kept for a role, and for those below it, on one agent. R amounts each, in column units. */
export interface Reservation {
  /** Number of the agent in the snapshot. */
  readonly agent: number;
  readonly amounts: Float64Array;
  /** The part that tasks use; never more than the amounts. */
  readonly used: Float64Array;
}

/** Adds up reservations on all their agents: what is kept, or what of it is used. */
export function sumReservations(
  reservations: readonly Reservation[],
  R: number,
  part: 'amounts' | 'used',
): Float64Array {
  const sum = new Float64Array(R);
  for (const reservation of reservations) for (let r = 0; r < R; r++) sum[r]! += reservation[part][r]!;
  return sum;
}

/** What a role asks to be kept for it. */
interface Wish {
  readonly path: string;
  readonly reservations: QuotaFacts['reservations'];
}

/** The reservations of all roles. */
export interface PlacedReservations {
  readonly inEffect: ReadonlyMap<string, readonly Reservation[]>;
  /** By path: agents that a reservation names and does not fit on. */
  readonly misfits: ReadonlyMap<string, ReadonlySet<string>>;
  /** By path: labels, as `key=value`, of the reservations that name no agent at all. */
  readonly unmatched: ReadonlyMap<string, readonly string[]>;
  /** Agents with a reservation. */
  readonly agents: ReadonlySet<number>;
}

/**
 * Lays reservations on the agents that they name, role by role in the given order. On an agent that has not all of it
 * left, a reservation is not in effect at all.
 */
export function placeReservations(
  wishes: readonly Wish[],
  agents: readonly AgentFacts[],
  allocatable: Float64Array,
  columns: ResourceColumns,
): PlacedReservations {
  const inEffect = new Map<string, Reservation[]>();
  const misfits = new Map<string, Set<string>>();
  const unmatched = new Map<string, string[]>();
  const reserved = new Map<number, Float64Array>();
  const R = columns.count;
  for (const { path, reservations } of wishes) {
    const own = new Map<number, Reservation>();
    for (const { nodeSelector, amounts } of reservations) {
      const labels = Object.entries(nodeSelector);
      let matched = false;
      for (let i = 0; i < agents.length; i++) {
        if (!matches(agents[i]!, labels)) continue;
        matched = true;
        const taken = reserved.get(i) ?? new Float64Array(R);
        if (fits(amounts, allocatable, i * R, taken, columns)) {
          reserved.set(i, taken);
          const known = own.get(i) ?? { agent: i, amounts: new Float64Array(R), used: new Float64Array(R) };
          own.set(i, known);
          for (const name in amounts) {
            const column = columns.get(name)!;
            taken[column]! += amounts[name]!;
            known.amounts[column]! += amounts[name]!;
          }
        } else {
          const names = misfits.get(path) ?? new Set();
          misfits.set(path, names.add(agents[i]!.name));
        }
      }
      if (matched) continue;
      const text = labels.map(([key, value]) => `${key}=${value}`).join(',');
      unmatched.set(path, [...(unmatched.get(path) ?? []), text]);
    }
    inEffect.set(
      path,
      [...own.values()].sort((a, b) => a.agent - b.agent),
    );
  }
  return { inEffect, misfits, unmatched, agents: new Set(reserved.keys()) };
}

const matches = (
  { labels }: AgentFacts,
  asked: readonly (readonly [key: string, value: string])[],
): boolean => asked.every(([key, value]) => labels[key] === value);

function fits(
  amounts: Amounts,
  allocatable: Float64Array,
  offset: number,
  taken: Float64Array,
  columns: ResourceColumns,
): boolean {
  for (const name in amounts) {
    const column = columns.get(name)!;
    if (amounts[name]! > allocatable[offset + column]! - taken[column]!) return false;
  }
  return true;
}

/**
 * Finds out which tasks use which reservation: those of the deepest role first, so that a task leaves the reservation
 * of a role above it to its siblings as long as its own one holds it; of those who share one, the first by path comes
 * first. Sets `used` of the reservations.
 * @param heldOn what the roles' tasks hold on reserved agents, by agent and path
 * @returns what the tasks of each role hold in reservations, by path
 */
export function attribute(
  { inEffect }: PlacedReservations,
  heldOn: ReadonlyMap<number, ReadonlyMap<string, Float64Array>>,
  R: number,
): ReadonlyMap<string, Float64Array> {
  const sums = new Map<string, Float64Array>();
  const deepestFirst = [...inEffect.keys()].sort((a, b) => depth(b) - depth(a) || (a < b ? -1 : 1));
  const left = new Map<number, Map<string, Float64Array>>();
  for (const [agent, held] of heldOn) {
    // By path: Pods come in no order, and the same Pods must give the same accounts.
    const holders = [...held].sort(([a], [b]) => (a < b ? -1 : 1));
    left.set(agent, new Map(holders.map(([path, amounts]) => [path, amounts.slice()])));
  }
  for (const path of deepestFirst) {
    for (const { agent, amounts, used } of inEffect.get(path)!) {
      for (const [holder, remaining] of left.get(agent) ?? []) {
        if (!isWithin(holder, path)) continue;
        const sum = sums.get(holder) ?? new Float64Array(R);
        sums.set(holder, sum);
        for (let r = 0; r < R; r++) {
          const part = Math.min(amounts[r]! - used[r]!, remaining[r]!);
          used[r]! += part;
          remaining[r]! -= part;
          sum[r]! += part;
        }
      }
    }
  }
  return sums;
}

const depth = (path: string): number => path.split('/').length;
