import { REASON } from '../api/conditions.ts';
import { ANNOTATION, LABEL } from '../api/group.ts';
import { signalOf } from '../recovery/signal.ts';
import { readPod } from '../snapshot/reading/pod.ts';
import { createPodReader, type PodFacts, type TaskFacts } from '../snapshot/task.ts';

/** A game server, as its Pod tells of it. Texts are empty where it does not. */
export interface ServerFacts {
  readonly namespace: string;
  readonly name: string;
  readonly pool: string;
  /** Number in its pool. */
  readonly slot: number;
  /** How it is, in the words of reasons and signals; then a comma and its session state, when players hold it. */
  readonly state: string;
  readonly node: string;
  /** IP address of the node. */
  readonly address: string;
  /** Its annotation: `game=7000/UDP,query=7001/UDP`. */
  readonly ports: string;
  /** ms since the epoch; 0 when unknown. */
  readonly createdAt: number;
}

/** As far as the Pod alone can tell: whether its node is lost it does not know. */
function stateOf(pod: PodFacts, task: TaskFacts): string {
  const signal = signalOf({ ...pod, exit: task.exit, node: undefined }, undefined, Number.POSITIVE_INFINITY);
  const state = signal === 'Starting' && task.stuck !== '' ? REASON.stuck : signal;
  return task.session === '' ? state : `${state},${task.session}`;
}

/** The game servers among Pods, by namespace, pool and number. @param pods as the API server sends them */
export function serversIn(pods: Iterable<object>): ServerFacts[] {
  const factsOf = createPodReader();
  const servers = Array.from(pods, (raw): ServerFacts | undefined => {
    const pod = factsOf(raw);
    const { task, namespace, name, node = '', createdAt } = pod;
    if (task?.kind !== 'GameServerPool') return undefined;
    const { metadata, status } = readPod(raw).pod;
    return {
      namespace,
      name,
      pool: metadata.labels?.[LABEL.pool] ?? '',
      slot: task.slot,
      state: stateOf(pod, task),
      node,
      address: status?.hostIP ?? '',
      ports: metadata.annotations?.[ANNOTATION.ports] ?? '',
      createdAt,
    };
  });
  const place = ({ namespace, pool }: ServerFacts): string => `${namespace}/${pool}`;
  return servers
    .filter((server) => server !== undefined)
    .sort((a, b) => {
      const [x, y] = [place(a), place(b)];
      return x === y ? a.slot - b.slot : x < y ? -1 : 1;
    });
}
