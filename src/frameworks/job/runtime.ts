import type { Marks, Variable } from '../../plan/pod.ts';
import { MPI_VARIABLES, mpiMount } from './mpi.ts';
import { addressOf, hostName, type PeerGroup, type Peers } from './peers.ts';

/** Where rank 0 listens for the others: torch's own number, which JAX has no say in. */
const PORT = '29500';
/** Where each server of TensorFlow listens. */
const TENSORFLOW_PORT = 2222;

/** A worker that takes part in the runtime of its job. */
interface Member {
  readonly peers: Peers;
  readonly group: PeerGroup;
  readonly slot: number;
  /** Among all workers of the runtime, from 0. */
  readonly rank: number;
  /** Address of rank 0. */
  readonly master: string;
}

/** What a worker is told so that others find it, and it finds them. @param uid of the job */
export function peerMarks(
  peers: Peers,
  group: string,
  slot: number,
  uid: string,
): Pick<Marks, 'dnsName' | 'defaults' | 'mount'> {
  const its = peers.groups.find(({ name }) => name === group);
  const subdomain = its?.subdomain;
  const mount = its && mpiMount(peers, its, uid);
  const hostname = hostName(peers, group, slot);
  return {
    dnsName: subdomain === undefined ? { hostname } : { hostname, subdomain },
    defaults: runtimeVariables(peers, group, slot),
    ...(mount ? { mount } : {}),
  };
}

/** The variables by which the runtime of a job knows a worker, as its own documentation names them. */
function runtimeVariables(peers: Peers, groupName: string, slot: number): readonly Variable[] {
  if (peers.runtime === 'None') return [];
  const group = peers.groups.find(({ name }) => name === groupName);
  const lead = peers.groups.find(({ first }) => first !== undefined);
  if (group?.first === undefined || lead === undefined) return [];
  const member = { peers, group, slot, rank: group.first + slot, master: addressOf(peers, lead, 0) };
  return Object.entries(variablesOf(member)).map(([name, value]) => ({ name, value }));
}

function variablesOf(member: Member): Readonly<Record<string, string>> {
  switch (member.peers.runtime) {
    case 'None':
      return {};
    case 'PyTorch':
      return pyTorch(member);
    case 'TensorFlow':
      return { TF_CONFIG: tensorFlow(member) };
    case 'MPI':
      return MPI_VARIABLES;
    case 'JAX':
      return {
        JAX_COORDINATOR_ADDRESS: `${member.master}:${PORT}`,
        JAX_NUM_PROCESSES: String(member.peers.world),
        JAX_PROCESS_ID: String(member.rank),
      };
  }
}

/**
 * What `init_process_group` reads for the first process of a worker, and the arguments of torchrun, which overwrites the former for
 * the processes that it starts. Its rendezvous is c10d's, so that it takes in a gang of another size too.
 */
function pyTorch({ peers: { job, world, range, processesPerWorker: each }, rank, master }: Member) {
  return {
    // Each time that others leave costs one.
    ...(range === undefined ? {} : { PET_MAX_RESTARTS: '1000' }),
    MASTER_ADDR: master,
    MASTER_PORT: PORT,
    WORLD_SIZE: String(world * each),
    RANK: String(rank * each),
    LOCAL_RANK: '0',
    LOCAL_WORLD_SIZE: String(each),
    PET_NNODES: range ?? String(world),
    PET_NPROC_PER_NODE: String(each),
    PET_NODE_RANK: String(rank),
    PET_RDZV_BACKEND: 'c10d',
    PET_RDZV_ENDPOINT: `${master}:${PORT}`,
    PET_RDZV_ID: job,
    // torchrun would compare host names to find out, and those differ in their domain.
    PET_RDZV_CONF: `is_host=${rank === 0}`,
  };
}

/** An evaluator is none of the cluster, by TensorFlow's own rule: it knows the others, and they do not know it. */
function tensorFlow({ peers, group, slot }: Member): string {
  const cluster = Object.fromEntries(
    peers.groups
      .filter(({ name, first }) => first !== undefined && name !== 'evaluator')
      .map((each) => [
        each.name,
        Array.from({ length: each.size }, (_, at) => `${addressOf(peers, each, at)}:${TENSORFLOW_PORT}`),
      ]),
  );
  return JSON.stringify({ cluster, task: { type: group.name, index: slot } });
}
