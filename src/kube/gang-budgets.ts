import type { LabelSelector, NamedObject } from '../snapshot/objects.ts';
import { labelSelector, readerOf } from '../snapshot/reading/meta.ts';
import { object, text, whole } from '../snapshot/reading/schema.ts';
import { compileSelector, selects } from '../snapshot/selector.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { repeat, type WriteContext } from './write.ts';

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

/** Most budgets of a namespace that are looked at; the Eviction API looks at all. */
const MOST = 500;
const TRIES = 5;

/** Members of a gang share a list, and one answer. */
const answers = new WeakMap<readonly PodFacts[], Promise<string | undefined>>();

/**
 * Which budget would let only some of a gang go: the Eviction API is asked for one Pod at a time, and says no when half of
 * them are gone. What happens between this look and the evictions is not seen.
 * @param gang all that are to go together @returns a sentence that names the budget; undefined when all may go
 */
export function budgetAgainst(gang: readonly PodFacts[], context: WriteContext): Promise<string | undefined> {
  let answer = answers.get(gang);
  if (!answer) answers.set(gang, (answer = ask(gang, context)));
  return answer;
}

async function ask(gang: readonly PodFacts[], context: WriteContext): Promise<string | undefined> {
  const { client, signal } = context;
  const path = `/apis/policy/v1/namespaces/${gang[0]!.namespace}/poddisruptionbudgets`;
  const query = { limit: String(MOST) };
  const list = () => client.request<{ items: object[] }>({ method: 'GET', path, query, signal });
  const { items } = await repeat(context, list, TRIES);
  for (const { object: budget } of items.map(readBudget)) {
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
