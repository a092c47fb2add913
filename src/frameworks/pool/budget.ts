import { LABEL } from '../../api/group.ts';
import type { BudgetSpec, Guard } from '../common/upkeep.ts';
import type { PoolFacts } from './facts.ts';

/** More servers than a pool can have. */
const ALL = 1_000_000;

/**
 * What keeps a drain from ending servers that players hold; nothing for a pool without servers. It asks for more servers than
 * there can be, so that none may go: `maxUnavailable: 0` would count the replicas that the pool asks for, and let
 * servers go that are kept beyond them.
 */
function heldBudget({ metadata, spec, status }: PoolFacts): BudgetSpec | undefined {
  if (spec.replicas === 0 && (status.replicas ?? 0) === 0) return undefined;
  return {
    minAvailable: ALL,
    selector: {
      matchLabels: { [LABEL.pool]: metadata.name },
      matchExpressions: [{ key: LABEL.state, operator: 'Exists' }],
    },
  };
}

/** The budgets of pools. */
export const poolGuard: Guard = { label: LABEL.pool, budget: (pool) => heldBudget(pool as PoolFacts) };
