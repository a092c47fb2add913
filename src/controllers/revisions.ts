import { canonicalJson } from '../lib/hash.ts';
import { LABEL } from '../api/group.ts';
import type { History } from '../frameworks/common/upkeep.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Store } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { Loop, LoopMeans } from './loop.ts';
import { ownerOf } from './owner-reference.ts';
import { WorkQueue } from './work-queue.ts';

/** A ControllerRevision, without what it keeps. */
export interface RevisionFacts {
  /** namespace/name */
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly deleting: boolean;
  /** UID of the controller; undefined when it has none. */
  readonly owner: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Its number: the highest is the template as it is now. */
  readonly number: number;
  readonly faults: readonly string[];
}

/** Reads a ControllerRevision. */
export function revisionFacts({ metadata, ...rest }: KubeObject): RevisionFacts {
  const { revision } = rest as { revision?: unknown };
  return {
    key: `${metadata.namespace}/${metadata.name}`,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    deleting: metadata.deletionTimestamp !== undefined,
    owner: metadata.ownerReferences?.find(({ controller }) => controller)?.uid,
    labels: metadata.labels ?? {},
    number: typeof revision === 'number' ? revision : 0,
    faults: [],
  };
}

/** What this loop needs. */
export interface RevisionsOptions extends LoopMeans {
  readonly history: History;
  /** Those of the kind. */
  readonly workloads: Store<Workload>;
  /** ControllerRevisions with the label of the history. */
  readonly revisions: Store<RevisionFacts>;
  /** Revisions that tasks of a workload have; undefined while that is not known. */
  readonly inUse: (workload: Workload) => ReadonlySet<string> | undefined;
}

/**
 * Keeps a ControllerRevision for each template that a workload has had: made when the template is first seen, given the highest
 * number when it comes back, deleted when it is one too many and no task has it. Each step follows from what is stored, so that
 * an operator that dies in between leaves nothing that the next one would not mend.
 */
export class Revisions implements Loop {
  readonly #options: RevisionsOptions;
  readonly #queue: WorkQueue;

  constructor(options: RevisionsOptions) {
    this.#options = options;
    const { workloads, revisions, history } = options;
    this.#queue = new WorkQueue({
      ...options,
      what: 'revision',
      work: (key) => this.#look(key),
    });
    workloads.subscribe(({ object, old }) => {
      if (!old || history.mark(object) !== history.mark(old)) this.#queue.add(object.key);
    });
    revisions.subscribe(({ object: { key, labels } }) =>
      this.#queue.add(`${key.slice(0, key.indexOf('/'))}/${labels[history.label] ?? ''}`),
    );
  }

  /** Keeps them until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  async #look(key: string): Promise<void> {
    const { workloads, history } = this.#options;
    const workload = workloads.get(key);
    const current = workload && history.current(workload);
    if (!workload || !current || workload.metadata.deletionTimestamp !== undefined) return;
    const known = this.#of(workload);
    const highest = known.reduce((most, { number }) => Math.max(most, number), 0);
    const name = `${workload.metadata.name}-${current.revision}`;
    const its = known.find((each) => each.labels[LABEL.revision] === current.revision);
    if (!its) await this.#make(workload, name, current.revision, highest + 1, current.data);
    else if (its.owner !== workload.metadata.uid || its.number < highest)
      await this.#renew(workload, its, its.number < highest ? highest + 1 : its.number);
    await this.#trim(workload, known, current.revision, current.limit);
  }

  /** What is kept of a workload, by its labels: also of one that had its name before. */
  #of({ metadata }: Workload): RevisionFacts[] {
    const { revisions, history } = this.#options;
    const before = `${metadata.namespace}/`;
    return [...revisions.values()].filter(
      ({ key, labels, deleting }) =>
        !deleting && labels[history.label] === metadata.name && key.startsWith(before),
    );
  }

  #make(workload: Workload, name: string, revision: string, number: number, data: object): Promise<unknown> {
    const { history } = this.#options;
    const labels = { [history.label]: workload.metadata.name, [LABEL.revision]: revision };
    const metadata = { name, labels, ownerReferences: [ownerOf(workload)] };
    const body = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, revision: number, data };
    return this.#send('POST', collectionOf(workload), asWrittenAnew(body), 'alreadyExists');
  }

  #renew(workload: Workload, { key, uid, resourceVersion }: RevisionFacts, number: number): Promise<unknown> {
    const metadata = { uid, resourceVersion, ownerReferences: [ownerOf(workload)] };
    return this.#send('PATCH', pathOf(workload, key), { metadata, revision: number }, 'notFound');
  }

  async #trim(workload: Workload, known: readonly RevisionFacts[], current: string, limit: number) {
    const inUse = this.#options.inUse(workload);
    if (!inUse) return;
    const spare = known
      .filter(({ labels }) => {
        const revision = labels[LABEL.revision] ?? '';
        return revision !== current && !inUse.has(revision);
      })
      .sort((a, b) => a.number - b.number);
    for (const { key, uid } of spare.slice(0, Math.max(0, spare.length - limit)))
      await this.#send('DELETE', pathOf(workload, key), { preconditions: { uid } }, 'notFound');
  }

  /** @param fine an answer that means that there is nothing to do */
  async #send(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: object | string,
    fine: 'alreadyExists' | 'notFound',
  ): Promise<void> {
    const { client, mayWrite: mayGo } = this.#options;
    try {
      await client.request({ method, path, body, mayGo });
    } catch (error) {
      if (!isKubeError(error, fine)) throw error;
    }
  }
}

/**
 * JSON as the API server writes it anew when it applies a patch: keys sorted, some characters escaped (Go's encoding/json).
 * What a ControllerRevision keeps must stay the same to the byte, or every patch is refused: also that of the garbage
 * collector, by which a pool that is deleted leaves its servers behind.
 */
const asWrittenAnew = (body: object): string =>
  canonicalJson(body).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const collectionOf = ({ metadata }: Workload): string =>
  `/apis/apps/v1/namespaces/${metadata.namespace}/controllerrevisions`;

const pathOf = (workload: Workload, key: string): string =>
  `${collectionOf(workload)}/${key.slice(key.indexOf('/') + 1)}`;
