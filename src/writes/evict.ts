import { isKubeError, type KubeError } from '../kube/errors.ts';
import { keyOf, type EvictCommand } from '../plan/command.ts';
import { budgetsAgainst } from '../snapshot/budget.ts';
import { shownId } from '../snapshot/framework-id.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { podPath } from '../lib/pod-path.ts';
import type { Handler, WriteContext } from './handler.ts';

/** Most budgets of a namespace that are looked at; the Eviction API looks at all. */
const MOST = 500;

/** Pods that go together share a list, and one answer. */
const answers = new WeakMap<readonly PodFacts[], Promise<ReadonlyMap<string, string>>>();

/** Which of the Pods no budget lets go with the others, by UID, and what budget that is. */
function budgetsOn(
  company: readonly PodFacts[],
  { send }: WriteContext,
): Promise<ReadonlyMap<string, string>> {
  const look = async ([namespace, pods]: [string, PodFacts[]]) => {
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
    const query = { limit: String(MOST) };
    return [...budgetsAgainst((await send<{ items: object[] }>({ method: 'GET', path, query })).items, pods)];
  };
  let answer = answers.get(company);
  if (!answer) {
    const all = [...Map.groupBy(company, ({ namespace }) => namespace)].map(look);
    answer = Promise.all(all).then((against) => new Map(against.flat()));
    answers.set(company, answer);
  }
  return answer;
}

/** Whether a budget forbids the eviction: it answers as throttling does, and more than one as a broken server. */
const isOfBudget = (error: unknown): error is KubeError =>
  isKubeError(error, 'throttled', 'server') &&
  (budgetsIn(error).length > 0 || error.message.includes('PodDisruptionBudget'));

/** What the API server says of each budget that is against an eviction. */
const budgetsIn = ({ causes = [] }: KubeError): string[] =>
  causes.filter(({ reason }) => reason === 'DisruptionBudget').map(({ message }) => message);

/**
 * Evicts a Pod as it was seen, through the Eviction API, which asks the PodDisruptionBudgets. One of several is evicted when
 * they let all of them go: else one that is in the way stays, and the others would have gone in vain.
 */
export const evicting: Handler<EvictCommand> = {
  action: 'Evict',
  tries: 5,
  stale: ['notFound', 'conflict'],
  assume: (command, assumed) => assumed.remove(keyOf(command), command.uid, true, true),
  retract: (command, assumed) => assumed.keep(keyOf(command)),

  async write(command, context) {
    const { namespace, name, uid, resourceVersion, company } = command;
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { namespace, name },
      deleteOptions: { preconditions: { uid, resourceVersion } },
    };
    const against = company && (await budgetsOn(company, context));
    if (against && against.size > 0) {
      const message = against.get(uid);
      return message === undefined ? { kind: 'stale' } : { kind: 'blocked', message };
    }
    try {
      // What a budget forbids does not pass in seconds.
      await context.send({ method: 'POST', path: `${podPath(namespace, name)}/eviction`, body }, isOfBudget);
    } catch (error) {
      if (!isOfBudget(error)) throw error;
      return { kind: 'blocked', message: budgetsIn(error).join(' ') || error.message };
    }
    context.assumed.removed(keyOf(command), context.now());
    return { kind: 'done' };
  },

  told: ({ name, by }) => ({
    type: 'Normal',
    reason: 'GaveWay',
    note: `${name} gives way to ${shownId(by.id)}`,
  }),
};
