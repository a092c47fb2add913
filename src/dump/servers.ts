import { ANNOTATION, LABEL, PLAYERS } from '../api/group.ts';
import { stateByPod, type ServerState } from '../frameworks/pool/state.ts';
import type { Counters } from '../snapshot/hints.ts';
import { externalAddress } from '../snapshot/external-address.ts';
import { readPod } from '../snapshot/reading/pod.ts';
import { createPodReader } from '../snapshot/task.ts';

/** A game server, as its Pod tells of it. Texts are empty where it does not. */
export interface ServerFacts {
  readonly namespace: string;
  readonly name: string;
  readonly pool: string;
  /** Number in its pool. */
  readonly slot: number;
  readonly state: ServerState;
  /** What brought it there, in one word; empty where the state says all. */
  readonly cause: string;
  /** What the label proffer.dev/state says: who holds it. */
  readonly hold: string;
  /** Ids of the sessions on it, with commas. */
  readonly session: string;
  readonly node: string;
  /** Address of the node for players: the external one, or that by which the cluster knows it. */
  readonly address: string;
  /** All of them: `ExternalIP=203.0.113.7,InternalIP=10.0.0.5`. */
  readonly addresses: string;
  /** Its annotation: `game=7000/UDP,query=7001/UDP`. */
  readonly ports: string;
  /** Its annotation, where it has a Service: `game=203.0.113.9:8303/UDP`. */
  readonly service: string;
  /** `12/16`, or `12` where nobody says how many there may be. */
  readonly players: string;
  readonly counters: Counters;
  readonly revision: string;
  /** ms since the epoch; 0 when unknown. */
  readonly createdAt: number;
}

function playersIn({ [PLAYERS]: counter }: Counters): string {
  if (!counter) return '';
  return counter.capacity === undefined ? String(counter.count) : `${counter.count}/${counter.capacity}`;
}

/** The game servers among Pods, by namespace, pool and number. @param pods as the API server sends them */
export function serversIn(pods: Iterable<object>): ServerFacts[] {
  const factsOf = createPodReader();
  const servers = Array.from(pods, (raw): ServerFacts | undefined => {
    const pod = factsOf(raw);
    const { task, namespace, name, node = '', createdAt } = pod;
    if (task?.kind !== 'GameServerPool') return undefined;
    const { metadata, status } = readPod(raw).pod;
    const { to: state, cause } = stateByPod({ ...pod, task });
    const addresses = metadata.annotations?.[ANNOTATION.addresses] ?? '';
    return {
      namespace,
      name,
      pool: metadata.labels?.[LABEL.pool] ?? '',
      slot: task.slot,
      state,
      cause,
      hold: task.session,
      session: task.sessions.map(({ id }) => id).join(','),
      node,
      address: externalAddress(addresses) ?? status?.hostIP ?? '',
      addresses,
      ports: metadata.annotations?.[ANNOTATION.ports] ?? '',
      service: task.serviceAddress,
      players: playersIn(task.counters),
      counters: task.counters,
      revision: task.revision,
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
