import type { Invalid } from './invalid.ts';
import { job, template } from './manifests.ts';

const tasks = (extra: object) => job({ groups: [{ name: 'task', template: template(), ...extra }] });

/** Jobs that say of their end, of failures, or of tasks by index, what cannot be. */
export const lives: readonly Invalid[] = [
  {
    why: 'success of a group that is not there',
    manifest: job({ successPolicy: { groups: ['chief'] } }),
    says: ['spec.successPolicy.groups', 'names a group that is not in groups'],
  },
  {
    why: 'success of a group twice',
    manifest: job({ successPolicy: { groups: ['worker', 'worker'] } }),
    says: ['spec.successPolicy.groups[1]', 'Duplicate value'],
  },
  {
    why: 'success of no worker',
    manifest: job({ successPolicy: { succeededWorkers: 0 } }),
    says: ['spec.successPolicy.succeededWorkers', 'greater than or equal to 1'],
  },
  {
    why: 'a rule about any failure',
    manifest: job({ failurePolicy: { rules: [{ action: 'Fail' }] } }),
    says: ['spec.failurePolicy.rules[0]', 'a rule needs one of exitCodes, signals, reasons or message'],
  },
  {
    why: 'no time at all',
    manifest: job({ activeDeadlineSeconds: 0 }),
    says: ['spec.activeDeadlineSeconds', 'greater than or equal to 1'],
  },
  {
    why: 'a time after the end that is over before',
    manifest: job({ ttlSecondsAfterFinished: -1 }),
    says: ['spec.ttlSecondsAfterFinished', 'greater than or equal to 0'],
  },
  {
    why: 'an unknown policy for Pods',
    manifest: job({ cleanPodPolicy: 'Failed' }),
    says: ['spec.cleanPodPolicy', '"None", "Running", "All"'],
  },
  {
    why: 'tasks by index that are workers, too',
    manifest: tasks({ completions: 5, replicas: 2 }),
    says: ['spec.groups[0]', 'a group with completions has no replicas'],
  },
  {
    why: 'so many workers at a time',
    manifest: tasks({ parallelism: 2 }),
    says: ['spec.groups[0]', 'are for tasks with indexes: add completions'],
  },
  {
    why: 'more tasks than an index counts',
    manifest: tasks({ completions: 100_001 }),
    says: ['spec.groups[0].completions', 'less than or equal to 100000'],
  },
];
