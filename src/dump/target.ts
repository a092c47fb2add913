import { DumpError } from './dump-error.ts';
import type { ClusterObjects, Collection } from './objects.ts';

/** What to explain: a Pod, or the next tasks of a pool or job. */
export interface Target {
  readonly kind: 'pod' | 'gsp' | 'tj';
  readonly namespace: string;
  readonly name: string;
}

const COLLECTION = { pod: 'pods', gsp: 'pools', tj: 'jobs' } as const satisfies Record<
  Target['kind'],
  Collection
>;
const WORD = { pod: 'Pod', gsp: 'GameServerPool', tj: 'TrainingJob' } as const;

/** Most candidates that a message names. */
const MOST = 5;

/** The key of a target among the objects of its kind. @throws DumpError when there is no such object */
export function targetKey(cluster: ClusterObjects, { kind, namespace, name }: Target): string {
  const objects = cluster[COLLECTION[kind]];
  const key = `${namespace}/${name}`;
  if (objects.has(key)) return key;
  const keys = [...objects.keys()];
  const elsewhere = keys.filter((other) => other.endsWith(`/${name}`)).map((other) => other.split('/')[0]!);
  const near = keys.filter((other) => other.startsWith(`${namespace}/`)).slice(0, MOST);
  const hint =
    elsewhere.length > 0
      ? `there is one in ${elsewhere.slice(0, MOST).join(', ')}: choose it with -n ${elsewhere[0]}`
      : near.length > 0
        ? `there is ${near.map((other) => other.split('/')[1]!).join(', ')}${keys.length > near.length ? ' ...' : ''}`
        : `there is none at all in that namespace: choose another with -n NAMESPACE`;
  throw new DumpError(`there is no ${WORD[kind]} "${name}" in namespace ${namespace}; ${hint}`);
}

/** The targets that objects are, such as those of a file of new ones. */
export function targetsIn({ pods, pools, jobs }: ClusterObjects): Target[] {
  const of = (kind: Target['kind'], keys: Iterable<string>): Target[] =>
    [...keys].map((key): Target => {
      const [namespace = '', name = ''] = key.split('/');
      return { kind, namespace, name };
    });
  return [...of('gsp', pools.keys()), ...of('tj', jobs.keys()), ...of('pod', pods.keys())];
}
