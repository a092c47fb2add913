import type { TrainingJobSpec } from '../../api/trainingjob.ts';
import { LABEL } from '../../api/group.ts';
import type { Labels } from '../../snapshot/reading/selector.ts';
import type { Meta } from '../../snapshot/reading/objects.ts';

/** A worker group as others find it. */
export interface PeerGroup {
  readonly name: string;
  readonly size: number;
  /** Rank of its first worker among all of the runtime; undefined for a group that takes no part in that. */
  readonly first: number | undefined;
  /** What the names of its workers lie below; undefined when nothing gives them a name. */
  readonly subdomain: string | undefined;
}

/** Who the workers of a job are to each other. */
export interface Peers {
  readonly job: string;
  readonly runtime: TrainingJobSpec['runtime'];
  readonly processesPerWorker: number;
  readonly groups: readonly PeerGroup[];
  /** Workers that take part in the runtime. */
  readonly world: number;
  /** How many those may come to be while they run, as torchrun has it: `2:6`; undefined when their number is fixed. */
  readonly range?: string;
}

/** What there is to know of the workers before any of them runs. */
export function peersOf({ name }: Meta, spec: TrainingJobSpec): Peers {
  const service = spec.network?.service === 'None' ? undefined : name;
  let world = 0;
  const peers = spec.groups.map(({ name: of, replicas, completions, runtime, template }): PeerGroup => {
    const own = template.spec['subdomain'];
    // Tasks by index know nobody.
    const isAlone = completions !== undefined;
    const subdomain = typeof own === 'string' && own !== '' ? own : isAlone ? undefined : service;
    const first = isAlone || runtime === 'None' ? undefined : world;
    if (first !== undefined) world += replicas;
    return { name: of, size: replicas, first, subdomain };
  });
  const { runtime, processesPerWorker } = spec;
  return { job: name, runtime, processesPerWorker, groups: peers, world };
}

/** By what the Service of a job finds the workers of a group; nothing for tasks by index, which know nobody. */
export const peerLabels = (
  job: string,
  { completions }: Pick<TrainingJobSpec['groups'][number], 'completions'>,
): Labels => (completions === undefined ? { [LABEL.peers]: job } : {});

/** Host name of a worker, which stays that of whoever takes its place. */
export const hostName = ({ job }: Peers, group: string, slot: number): string => `${job}-${group}-${slot}`;

/** By what others in the namespace reach a worker. */
export const addressOf = (peers: Peers, { name, subdomain }: PeerGroup, slot: number): string =>
  `${hostName(peers, name, slot)}${subdomain === undefined ? '' : `.${subdomain}`}`;
