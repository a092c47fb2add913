import { z } from 'zod';

/** The longest time that a job can be given, s: as much as batch/v1 takes. */
const LONGEST = 2_147_483_647;

/** Fields of the spec of a job that say how long it, and what it leaves behind, may last. */
export const lifetime = {
  suspend: z
    .boolean()
    .default(false)
    .describe(
      'The job gives its room back while this is true: its Pods are told noticeSeconds ahead, then deleted. Its status ' +
        'stays. A job that is made with it waits without Pods until somebody, such as a queue, sets it to false.',
    ),
  activeDeadlineSeconds: z
    .int()
    .min(1)
    .max(LONGEST)
    .describe(
      'The job is Failed, with the reason DeadlineExceeded, so many seconds after status.startTime. While it is ' +
        'suspended no time counts, and when it is resumed the time begins anew.',
    )
    .optional(),
  ttlSecondsAfterFinished: z
    .int()
    .min(0)
    .max(LONGEST)
    .describe(
      'So many seconds after its end the job is deleted, and its Pods with their logs. Left out, both stay until somebody ' +
        'deletes the job.',
    )
    .optional(),
  cleanPodPolicy: z
    .enum(['None', 'Running', 'All'])
    .default('Running')
    .describe(
      'Which Pods are deleted when the job ends: Running, those that still run; All, finished ones too; None, so that what ' +
        'runs then goes on, and keeps its room, until the job is deleted.',
    ),
} as const;
