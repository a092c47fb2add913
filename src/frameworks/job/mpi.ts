import type { KeyPair, SecretFiles } from '../common/upkeep.ts';
import type { SecretMount } from '../../plan/secret-mount.ts';
import type { JobFacts } from './facts.ts';
import { addressOf, type PeerGroup, type Peers } from './peers.ts';
import { jobEnded } from './seen.ts';

/** The group that starts the processes of the others, and runs none: it knows the hosts, and is none of them. */
const LAUNCHER = 'launcher';
/** Where workers find what is made for their job. */
const FOLDER = '/etc/mpi';
/** Where their servers of SSH listen: what is not root may listen there. */
const PORT = 2222;

/** Name of the Secret of a job. Nobody can have made it before the job: a UID cannot be known beforehand. */
const secretName = (uid: string): string => `mpi-${uid}`;

/** What containers of Open MPI are told: where its host file is, and how its other processes are reached. */
export const MPI_VARIABLES: Readonly<Record<string, string>> = {
  OMPI_MCA_orte_default_hostfile: `${FOLDER}/hosts`,
  // It would cut the names of workers at their first dot.
  OMPI_MCA_orte_keep_fqdn_hostnames: '1',
  OMPI_MCA_plm_rsh_args: `-F${FOLDER}/ssh_config`,
};

/** What is put into the containers of a worker. @param uid of its job */
export const mpiMount = ({ runtime }: Peers, group: PeerGroup, uid: string): SecretMount | undefined =>
  runtime === 'MPI' && group.first !== undefined ? { secret: secretName(uid), path: FOLDER } : undefined;

/** One worker a line, with how many processes it takes. */
const hostFile = (peers: Peers): string =>
  peers.groups
    .filter(({ name, first }) => first !== undefined && name !== LAUNCHER)
    .flatMap((group) =>
      Array.from(
        { length: group.size },
        (_, at) => `${addressOf(peers, group, at)} slots=${peers.processesPerWorker}\n`,
      ),
    )
    .join('');

/** The Secret of a job whose workers start processes on each other; undefined for all others, and for one that ended. */
export function mpiSecret(job: JobFacts): SecretFiles | undefined {
  const { metadata, peers } = job;
  if (peers.runtime !== 'MPI' || jobEnded(job)) return undefined;
  return {
    name: secretName(metadata.uid ?? ''),
    files: ({ privateKey, publicKey }: KeyPair) => ({
      hosts: hostFile(peers),
      // One key for all of the job: whoever shows it is let in, and whoever is reached shows it.
      id: privateKey,
      'id.pub': `${publicKey}\n`,
      known_hosts: `* ${publicKey}\n`,
      ssh_config: lines(
        `Port ${PORT}`,
        `IdentityFile ${FOLDER}/id`,
        `UserKnownHostsFile ${FOLDER}/known_hosts`,
        'StrictHostKeyChecking yes',
        'LogLevel ERROR',
      ),
      sshd_config: lines(
        `Port ${PORT}`,
        `HostKey ${FOLDER}/id`,
        `AuthorizedKeysFile ${FOLDER}/id.pub`,
        // The folder of a Secret may be written by its group, as kubelets make it.
        'StrictModes no',
        'PasswordAuthentication no',
        'UsePAM no',
        'PidFile none',
      ),
    }),
  };
}

const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;
