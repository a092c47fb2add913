import type { AgentFacts } from '../snapshot/agent.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { RoleFacts } from '../snapshot/workload.ts';
import { ResourceColumns } from '../snapshot/resources.ts';
import type { Ledger } from './ledger.ts';

/** What agents have, and what of it is left. @param agents in the order of their numbers */
export function readSupply(
  ledger: Ledger,
  agents: readonly AgentFacts[],
  columns: ResourceColumns,
): Pick<Snapshot, 'allocatable' | 'total' | 'supply'> {
  const R = columns.count;
  const allocatable = new Float64Array(agents.length * R);
  const supply = new Float64Array(agents.length * R);
  const total = new Float64Array(R);
  agents.forEach((agent, i) => {
    const row = allocatable.subarray(i * R, (i + 1) * R);
    for (const name in agent.allocatable) row[columns.get(name)!] = agent.allocatable[name]!;
    const used = ledger.placeOf(agent.name).used(columns);
    for (let r = 0; r < R; r++) {
      total[r]! += row[r]!;
      // Somebody else may have over-committed the node; below zero nothing more can be taken anyway.
      supply[i * R + r] = Math.max(0, row[r]! - used[r]!);
    }
  });
  return { allocatable, total, supply };
}

/** Columns of all that nodes have and roles name. */
export function columnsOf(agents: readonly AgentFacts[], roles: readonly RoleFacts[]): ResourceColumns {
  const columns = new ResourceColumns();
  for (const agent of agents) for (const name in agent.allocatable) columns.add(name);
  for (const { quota } of roles) {
    const named = [quota.guarantee, quota.limit, ...quota.reservations.map(({ amounts }) => amounts)];
    for (const amounts of named) for (const name in amounts) columns.add(name);
  }
  return columns;
}
