import type { Invalid } from './invalid.ts';
import { job, template } from './manifests.ts';

const group = (name: string, extra: object = {}) => ({ name, template: template(), ...extra });
const waits = (...groups: string[]) => ({ dependsOn: groups.map((name) => ({ group: name })) });

/** Jobs whose workers could not find each other, or whose groups wait in vain. */
export const gangs: readonly Invalid[] = [
  {
    why: 'job name that no Service can have',
    manifest: job({}, '3d'),
    says: ['metadata.name must be a DNS label', 'begins with a letter'],
  },
  {
    why: 'unknown runtime',
    manifest: job({ runtime: 'pytorch' }),
    says: ['spec.runtime', 'Unsupported value', '"PyTorch"'],
  },
  {
    why: 'several processes without PyTorch',
    manifest: job({ runtime: 'JAX', processesPerWorker: 2 }),
    says: ['spec.processesPerWorker', 'needs runtime PyTorch or MPI'],
  },
  {
    why: 'a runtime without names',
    manifest: job({ runtime: 'JAX', network: { service: 'None' } }),
    says: ['spec.network.service', 'let network.service be Headless'],
  },
  {
    why: 'a runtime of no group',
    manifest: job({ runtime: 'JAX', groups: [group('data', { runtime: 'None' })] }),
    says: ['spec.groups', 'no group takes part in the runtime'],
  },
  {
    why: 'too many workers for TF_CONFIG',
    manifest: job({ runtime: 'TensorFlow', groups: [group('worker', { replicas: 1001 })] }),
    says: ['spec.groups', 'at most 1000 workers'],
  },
  {
    why: 'more workers that suffice than there may be',
    manifest: job({ groups: [group('worker', { replicas: 2, minReplicas: 3 })] }),
    says: ['spec.groups[0].minReplicas', 'minReplicas is at most replicas'],
  },
  {
    why: 'a least number of tasks by index',
    manifest: job({ groups: [group('task', { completions: 5, minReplicas: 1 })] }),
    says: ['spec.groups[0].minReplicas', 'for workers alone'],
  },
  {
    why: 'an elastic group under MPI',
    manifest: job({ runtime: 'MPI', groups: [group('worker', { replicas: 3, minReplicas: 2 })] }),
    says: ['spec.groups', 'the host file of runtime MPI never changes: remove minReplicas'],
  },
  {
    why: 'a time to grow for a group that does not',
    manifest: job({ groups: [group('worker', { growAfterSeconds: 5 })] }),
    says: ['spec.groups[0].growAfterSeconds', 'growAfterSeconds is for groups that grow'],
  },
  {
    why: 'an elastic group before another one',
    manifest: job({ groups: [group('worker', { replicas: 2, minReplicas: 1 }), group('eval')] }),
    says: ['spec.groups', 'the group with minReplicas must be the last one'],
  },
  {
    why: 'a topology by what is no label',
    manifest: job({ topology: { key: 'zone/' } }),
    says: ['spec.topology.key', 'must be the name of a label'],
  },
  {
    why: 'a rule of failures that is about nothing',
    manifest: job({ failurePolicy: { rules: [{ action: 'Fail', groups: ['worker'] }] } }),
    says: ['spec.failurePolicy.rules[0]', 'a rule needs one of exitCodes, signals, reasons or message'],
  },
  {
    why: 'a group that waits for itself',
    manifest: job({ groups: [group('data'), group('worker', waits('data', 'worker'))] }),
    says: ['spec.groups', 'dependsOn must name a group that stands before its own'],
  },
  {
    why: 'groups that wait for each other',
    manifest: job({ groups: [group('data', waits('worker')), group('worker', waits('data'))] }),
    says: ['spec.groups', 'dependsOn must name a group that stands before its own'],
  },
  {
    why: 'a group that waits for none that there is',
    manifest: job({ groups: [group('data'), group('worker', waits('date'))] }),
    says: ['spec.groups', 'dependsOn must name a group that stands before its own'],
  },
];
