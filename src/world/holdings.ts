import type { AgentFacts } from '../snapshot/agent.ts';
import type { ResourceColumns } from '../snapshot/resources.ts';
import type { RoleAccounts } from '../snapshot/role-account.ts';
import type { RoleHoldings } from '../snapshot/roles.ts';
import { addAmounts } from './row.ts';
import type { Ledger } from './ledger.ts';

/**
 * Adds up what the tasks of roles hold, with what they hold on reserved agents apart.
 * @param agents all, in the order of their numbers @param reserved numbers of those with reservations
 */
export function roleHoldings(
  ledger: Ledger,
  accounts: RoleAccounts,
  columns: ResourceColumns,
  agents: readonly AgentFacts[],
  reserved: ReadonlySet<number>,
): RoleHoldings {
  const R = columns.count;
  const held = new Map<string, Float64Array>();
  for (const party of ledger.parties())
    for (const [role, amounts] of party.held(columns).byRole) {
      const row = rowIn(held, accounts.of(party.namespace, role).path, R);
      for (let r = 0; r < R; r++) row[r]! += amounts[r]!;
    }
  const heldOn = new Map<number, Map<string, Float64Array>>();
  for (const agent of reserved) {
    const on = new Map<string, Float64Array>();
    for (const { pod, party } of ledger.placeOf(agents[agent]!.name).entries) {
      if (!party || pod.terminal || pod.node === undefined) continue;
      const { path } = accounts.of(pod.namespace, party.roleOf(pod));
      addAmounts(rowIn(on, path, R), pod.requests, 1, columns);
    }
    heldOn.set(agent, on);
  }
  return { held, heldOn };
}

function rowIn(rows: Map<string, Float64Array>, path: string, R: number): Float64Array {
  let row = rows.get(path);
  if (!row) rows.set(path, (row = new Float64Array(R)));
  return row;
}
