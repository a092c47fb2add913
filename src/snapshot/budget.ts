import type { LabelSelector, NamedObject } from './reading/objects.ts';
import { labelSelector, readerOf } from './reading/meta.ts';
import { object, text, whole } from './reading/schema.ts';
import { compileSelector, selects } from './reading/selector.ts';
import type { PodFacts } from './task.ts';

/** A PodDisruptionBudget as the API server sends it. */
interface Budget extends NamedObject {
  readonly spec?: { readonly selector?: LabelSelector; readonly unhealthyPodEvictionPolicy?: string };
  readonly status?: {
    readonly disruptionsAllowed?: number;
    readonly currentHealthy?: number;
    readonly desiredHealthy?: number;
  };
}

const readBudget = readerOf<Budget>({
  spec: object<NonNullable<Budget['spec']>>({ selector: labelSelector, unhealthyPodEvictionPolicy: text }),
  status: object<NonNullable<Budget['status']>>({
    disruptionsAllowed: whole,
    currentHealthy: whole,
    desiredHealthy: whole,
  }),
});

/**
 * Which of the Pods that are to go together no budget lets go: the Eviction API is asked for one Pod at a time, and says no
 * when half of them are gone. What happens between this look and the evictions is not seen.
 * @param budgets of one namespace, as the API server sends them @param pods of that namespace
 * @returns for each that may not go, by UID, a sentence that names the budget; a budget lets the first ones go
 */
export function budgetsAgainst(budgets: readonly object[], pods: readonly PodFacts[]): Map<string, string> {
  const against = new Map<string, string>();
  for (const { object: budget } of budgets.map(readBudget)) {
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
    // Who is not ready anyway counts against no budget then.
    const unreadyGo =
      budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
      (desiredHealthy > 0 && currentHealthy >= desiredHealthy);
    const selector = compileSelector(budget.spec?.selector);
    const own = pods.filter(({ labels, ready }) => selects(selector, labels) && (ready || !unreadyGo));
    const said = `The disruption budget ${budget.metadata.name} lets ${disruptionsAllowed} of ${own.length} Pods go that go only together`;
    for (const { uid } of own.slice(Math.max(0, disruptionsAllowed))) against.set(uid, said);
  }
  return against;
}
