import type { BudgetSpec, Guard } from '../frameworks/common/upkeep.ts';
import type { Store } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { Loop, LoopMeans } from './loop.ts';
import { ownerOf } from './owner-reference.ts';
import { WorkQueue } from './work-queue.ts';

/** A PodDisruptionBudget that bears the label of a workload. */
export interface BudgetFacts {
  /** namespace/name */
  readonly key: string;
  readonly uid: string;
  readonly deleting: boolean;
  /** UID of the controller; undefined when it has none. */
  readonly owner: string | undefined;
  /** As it stands, in canonical form. */
  readonly spec: string;
  readonly faults: readonly string[];
}

/** Reads a PodDisruptionBudget. */
export function budgetFacts({ metadata, spec }: KubeObject): BudgetFacts {
  return {
    key: `${metadata.namespace}/${metadata.name}`,
    uid: metadata.uid,
    deleting: metadata.deletionTimestamp !== undefined,
    owner: metadata.ownerReferences?.find(({ controller }) => controller)?.uid,
    spec: canonicalJson(spec ?? {}),
    faults: [],
  };
}

/** What this loop needs. */
export interface BudgetsOptions extends LoopMeans {
  readonly guard: Guard;
  /** Those of the kind. */
  readonly workloads: Store<Workload>;
  /** Budgets with the label of the guard. */
  readonly budgets: Store<BudgetFacts>;
}

/** The name of a workload's budget, by the name of the workload. */
const SUFFIX = '-held';

/**
 * Keeps a PodDisruptionBudget for each workload that wants one: made once, mended when somebody changes or deletes it, taken over
 * when its workload was deleted and left it behind. The garbage collector deletes it with its workload.
 */
export class Budgets implements Loop {
  readonly #options: BudgetsOptions;
  readonly #queue: WorkQueue;

  constructor(options: BudgetsOptions) {
    this.#options = options;
    const { workloads, budgets } = options;
    this.#queue = new WorkQueue({
      ...options,
      what: 'disruption budget',
      work: (key) => this.#look(key),
    });
    workloads.subscribe(({ object }) => this.#queue.add(object.key));
    budgets.subscribe(({ object }) => this.#queue.add(object.key.slice(0, -SUFFIX.length)));
  }

  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  async #look(key: string): Promise<void> {
    const { guard, workloads, budgets } = this.#options;
    const workload = workloads.get(key);
    if (!workload || workload.metadata.deletionTimestamp !== undefined || workload.faults.length > 0) return;
    const spec = guard.budget(workload);
    const found = budgets.get(`${key}${SUFFIX}`);
    if (!spec) return;
    if (!found) return this.#create(workload, spec);
    const { uid } = workload.metadata;
    // That of a workload which had the name before is about to go: it is made anew then.
    if (found.deleting || (found.owner !== undefined && found.owner !== uid)) return;
    if (found.owner === uid && found.spec === canonicalJson(spec)) return;
    await this.#mend(workload, found, spec);
  }

  async #create(workload: Workload, spec: BudgetSpec): Promise<void> {
    const { namespace, name } = workload.metadata;
    const labels = { [this.#options.guard.label]: name };
    const metadata = { namespace, name: `${name}${SUFFIX}`, labels, ownerReferences: [ownerOf(workload)] };
    const body = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec };
    await this.#send('POST', collection(namespace), body);
  }

  async #mend(workload: Workload, { uid }: BudgetFacts, spec: BudgetSpec): Promise<void> {
    const { namespace, name } = workload.metadata;
    await this.#send('PATCH', `${collection(namespace)}/${name}${SUFFIX}`, [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'add', path: '/metadata/ownerReferences', value: [ownerOf(workload)] },
      { op: 'add', path: '/spec', value: spec },
    ]);
  }

  async #send(method: 'POST' | 'PATCH', path: string, body: object): Promise<void> {
    const { client, mayWrite: mayGo } = this.#options;
    const contentType = method === 'POST' ? 'application/json' : 'application/json-patch+json';
    await client.request({ method, path, body, contentType, mayGo });
  }
}

const collection = (namespace = ''): string => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
