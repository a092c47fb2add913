import type { EvictCommand } from '../plan/command.ts';
import type { PodFacts } from '../snapshot/task.ts';
import { isKubeError, type KubeError } from './errors.ts';
import type { Outcome } from './outcome.ts';
import { podPath, repeat, type WriteContext } from './write.ts';

/** An eviction that comes to nothing is decided anew in the next cycle, so that it is not tried for ever. */
const TRIES = 5;

/** What the API server has against an eviction: each budget in a sentence that names it. */
function budgetsOf({ message, causes = [] }: KubeError): string {
  const said = causes.filter(({ reason }) => reason === 'DisruptionBudget').map((cause) => cause.message);
  return said.length > 0 ? said.join(' ') : message;
}

/** Most budgets of a namespace that are looked at; the Eviction API looks at all. */
const MOST = 500;

/** Pods that go together share a list, and one answer. */
const answers = new WeakMap<readonly PodFacts[], Promise<ReadonlyMap<string, string>>>();

/** Which of the Pods no budget lets go with the others, by UID, and what budget that is. */
function budgetsOn(
  company: readonly PodFacts[],
  context: WriteContext,
): Promise<ReadonlyMap<string, string>> {
  const { client, signal, budgetsAgainst } = context;
  const look = async ([namespace, pods]: [string, PodFacts[]]) => {
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
    const query = { limit: String(MOST) };
    const list = () => client.request<{ items: object[] }>({ method: 'GET', path, query, signal });
    return [...budgetsAgainst((await repeat(context, list, TRIES)).items, pods)];
  };
  let answer = answers.get(company);
  if (!answer) {
    const all = [...Map.groupBy(company, ({ namespace }) => namespace)].map(look);
    answer = Promise.all(all).then((against) => new Map(against.flat()));
    answers.set(company, answer);
  }
  return answer;
}

/**
 * Evicts a Pod as it was seen, through the Eviction API, which asks the PodDisruptionBudgets. One of several is evicted when
 * they let all of them go: else one that is in the way stays, and the others would have gone in vain.
 * @throws KubeError when the API server refuses for another reason than a budget, or does not take it in a few tries
 */
export async function evictPod(command: EvictCommand, context: WriteContext): Promise<Outcome> {
  const { client, assumed, clock, signal, mayWrite: mayGo } = context;
  const { namespace, name, uid, resourceVersion, company } = command;
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: { preconditions: { uid, resourceVersion } },
  };
  const path = `${podPath(namespace, name)}/eviction`;
  const against = company && (await budgetsOn(company, context));
  if (against && against.size > 0) {
    const message = against.get(uid);
    return message === undefined ? { kind: 'stale' } : { kind: 'blocked', message };
  }
  const post = () => client.request({ method: 'POST', path, body, signal, mayGo });
  try {
    await repeat(
      context,
      async (): Promise<void> => {
        try {
          await post();
        } catch (error) {
          // Budgets answer as throttling does, and more than one of them as a broken server: neither passes in seconds.
          if (isKubeError(error, 'throttled', 'server') && isOfBudget(error)) throw new Blocked(error);
          throw error;
        }
      },
      TRIES,
    );
    assumed.removed(`${namespace}/${name}`, clock.now());
    return { kind: 'evicted' };
  } catch (error) {
    if (error instanceof Blocked) return { kind: 'blocked', message: budgetsOf(error.answer) };
    if (!isKubeError(error, 'notFound', 'conflict')) throw error;
    return { kind: 'stale' };
  }
}

/** A budget forbids the eviction now. */
class Blocked extends Error {
  readonly answer: KubeError;

  constructor(answer: KubeError) {
    super(answer.message);
    this.answer = answer;
  }
}

const isOfBudget = ({ message, causes = [] }: KubeError): boolean =>
  causes.some(({ reason }) => reason === 'DisruptionBudget') || message.includes('PodDisruptionBudget');
