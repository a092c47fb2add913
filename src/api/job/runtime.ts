import { z } from 'zod';
import type { Rule } from '../schema/rules.ts';

/** Most workers whose addresses one variable holds: Linux takes 128 KiB. */
const MOST_LISTED = 1000;

/** `spec.runtime` of a job. */
export const runtime = z
  .enum(['None', 'PyTorch', 'TensorFlow', 'JAX', 'MPI'])
  .default('None')
  .describe(
    'What the workers train with. It gives their containers the variables by which that forms its group of processes: ' +
      'PyTorch RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT and those of torchrun (PET_*); TensorFlow TF_CONFIG, with the ' +
      'groups as its task types; JAX JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES and JAX_PROCESS_ID; MPI ' +
      'those of Open MPI, with a host file and keys of SSH for the job in /etc/mpi, for which the operator needs the right to create ' +
      'Secrets (rbac.jobSecrets). Variables of the same name in the template win. Fixed once the job exists.',
  );

/** `runtime` of a group. */
export const groupRuntime = z
  .enum(['None'])
  .optional()
  .describe(
    'None leaves the group out of the runtime of the job, such as one that prepares data: it has no rank in it.',
  );

/** `spec.processesPerWorker` of a job. */
export const processesPerWorker = z
  .int()
  .min(1)
  .max(64)
  .default(1)
  .describe(
    'How many processes of the runtime each worker starts, such as one for each of its devices; torchrun starts them by ' +
      'itself (PET_NPROC_PER_NODE), and MPI has so many slots of each worker in its host file. For PyTorch and MPI. Fixed once the job exists.',
  );

/** What these and other fields of a job must agree on. */
export const RUNTIME_RULES: readonly Rule[] = [
  {
    rule: 'self.runtime == oldSelf.runtime && self.processesPerWorker == oldSelf.processesPerWorker',
    message:
      'runtime and processesPerWorker cannot change once the job exists, since its workers already know each other: delete ' +
      'the job and create it anew',
    fieldPath: '.runtime',
    reason: 'FieldValueForbidden',
  },
  {
    rule: "self.processesPerWorker == 1 || self.runtime in ['PyTorch', 'MPI']",
    message: 'processesPerWorker above 1 needs runtime PyTorch or MPI: with others a worker is one process',
    fieldPath: '.processesPerWorker',
  },
  {
    rule: "self.runtime == 'None' || !has(self.network) || self.network.service == 'Headless'",
    message: 'a runtime finds its workers by their names: let network.service be Headless, or runtime None',
    fieldPath: '.network.service',
  },
  {
    rule: "self.runtime != 'MPI' || !self.groups.exists(g, has(g.minReplicas) && !has(g.runtime))",
    message: 'the host file of runtime MPI never changes: remove minReplicas',
    fieldPath: '.groups',
  },
  {
    rule: "self.runtime == 'None' || self.groups.exists(g, !has(g.runtime) && !has(g.completions))",
    message:
      'no group takes part in the runtime: let a group have neither runtime None nor completions, or set the runtime of the ' +
      'job to None',
    fieldPath: '.groups',
  },
  {
    rule: `!(self.runtime in ['TensorFlow', 'MPI']) || self.groups.map(g, g.replicas).sum() <= ${MOST_LISTED}`,
    message: `with runtime TensorFlow or MPI a job has at most ${MOST_LISTED} workers, since each is told the address of all: lower replicas`,
    fieldPath: '.groups',
  },
];
