import type { FrameworkOutcome } from '../plan/outcome.ts';
import { shownId } from '../snapshot/framework-id.ts';
import { DumpError } from './dump-error.ts';
import type { ClusterObjects } from './objects.ts';

/** What to explain: a Pod, the next tasks of a pool or job, or a workload by the name that explain prints. */
export type Target =
  | { readonly kind: 'pod' | 'gsp' | 'tj'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'workload'; readonly id: string };

const WORD = { pod: 'Pod', gsp: 'GameServerPool', tj: 'TrainingJob' } as const;

/** Most candidates that a message names. */
const MOST = 5;

/** What a target turns out to be. */
export type FoundTarget =
  /** A Pod, by its key. */
  { readonly pod: string } | { readonly workload: FrameworkOutcome };

/** Finds a target among the objects and what a cycle made of them. @throws DumpError when there is no such thing */
export function findTarget(
  cluster: ClusterObjects,
  outcomes: readonly FrameworkOutcome[],
  target: Target,
): FoundTarget {
  if (target.kind === 'pod' && cluster.pods.has(keyOf(target))) return { pod: keyOf(target) };
  const isIt = ({ framework }: FrameworkOutcome): boolean =>
    target.kind === 'workload'
      ? shownId(framework.id) === target.id
      : target.kind === 'pod'
        ? // A Pod that is still to be made is known by the name that it will get.
          framework.metadata.namespace === target.namespace &&
          framework.classes.some(({ pending }) => [...pending].some(({ name }) => name === target.name))
        : framework.id === `${target.kind}/${keyOf(target)}`;
  const workload = outcomes.find(isIt);
  if (workload) return { workload };
  throw new DumpError(
    target.kind === 'workload'
      ? `there is no workload ${target.id} among those that Proffer places`
      : `there is no ${WORD[target.kind]} "${target.name}" in namespace ${target.namespace}; ${hint(cluster, target)}`,
  );
}

type Named = Exclude<Target, { readonly kind: 'workload' }>;

const keyOf = ({ namespace, name }: Named): string => `${namespace}/${name}`;

/** What the user may have meant: one of that name elsewhere or of another kind, else its neighbours. */
function hint({ pods, pools, jobs }: ClusterObjects, { kind, namespace, name }: Named): string {
  const keys = { pod: [...pods.keys()], gsp: [...pools.keys()], tj: [...jobs.keys()] };
  const all = (['pod', 'gsp', 'tj'] as const).flatMap((word) => keys[word].map((key) => `${word}/${key}`));
  const namesakes = all.filter((word) => word.endsWith(`/${name}`));
  const near = namesakes.length > 0 ? namesakes : all.filter((w) => w.startsWith(`${kind}/${namespace}/`));
  if (near.length === 0) return 'there is none at all in that namespace: choose another with -n NAMESPACE';
  return `there is ${near.slice(0, MOST).join(', ')}${near.length > MOST ? ' ...' : ''}`;
}

/** The targets that objects are, such as those of a file of new ones. */
export function targetsIn({ pods, pools, jobs }: ClusterObjects): Target[] {
  const of = (kind: Named['kind'], keys: Iterable<string>): Target[] =>
    [...keys].map((key): Target => {
      const [namespace = '', name = ''] = key.split('/');
      return { kind, namespace, name };
    });
  return [...of('gsp', pools.keys()), ...of('tj', jobs.keys()), ...of('pod', pods.keys())];
}
