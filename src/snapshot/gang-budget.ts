import type { LabelSelector, NamedObject } from './objects.ts';
import { labelSelector, readerOf } from './reading/meta.ts';
import { object, text, whole } from './reading/schema.ts';
import { compileSelector, selects } from './selector.ts';
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
 * Which budget would let only some of a gang go: the Eviction API is asked for one Pod at a time, and says no when half of
 * them are gone. What happens between this look and the evictions is not seen.
 * @param budgets of the namespace, as the API server sends them @param gang all that are to go together
 * @returns a sentence that names the budget; undefined when all may go
 */
export function budgetAgainst(budgets: readonly object[], gang: readonly PodFacts[]): string | undefined {
  for (const { object: budget } of budgets.map(readBudget)) {
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
    // Who is not ready anyway counts against no budget then.
    const unreadyGo =
      budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
      (desiredHealthy > 0 && currentHealthy >= desiredHealthy);
    const selector = compileSelector(budget.spec?.selector);
    const own = gang.filter(({ labels, ready }) => selects(selector, labels) && (ready || !unreadyGo));
    if (own.length > disruptionsAllowed) {
      const { name } = budget.metadata;
      return `The disruption budget ${name} lets ${disruptionsAllowed} of ${own.length} Pods go that go only together`;
    }
  }
  return undefined;
}
