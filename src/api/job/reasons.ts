/** Conditions that jobs alone have, beside Placed, Complete and Failed. */
export const JOB_CONDITION = {
  /** Workers wait for an offer. */
  queued: 'Queued',
  /** The workers run; of a job with tasks by index some do. */
  running: 'Running',
  /** All workers are started again. There from the first time on. */
  restarting: 'Restarting',
  /** The job has given its room back until somebody resumes it. There from the first time on. */
  suspended: 'Suspended',
} as const;

/** Why a job is as its conditions say, beside the layers that hold waiting workers. */
export const JOB_REASON = {
  /** `spec.suspend` is true, and not any more; as of batch/v1. */
  suspended: 'JobSuspended',
  resumed: 'JobResumed',
  /** The job is done by its `successPolicy`, while others of its workers need not be. */
  successPolicy: 'SuccessPolicy',
  /** All workers start again together. */
  gangRestart: 'GangRestart',
  /** A rule of the job's `failurePolicy` says so. */
  failurePolicy: 'FailurePolicy',
  /** The time of the job is over. */
  deadline: 'DeadlineExceeded',
  /** Tasks failed for good, and all others are done; more of them failed than may. As of batch/v1. */
  failedIndexes: 'FailedIndexes',
  maxFailedIndexes: 'MaxFailedIndexesExceeded',
} as const;

/** One of the reasons above. */
export type JobReason = (typeof JOB_REASON)[keyof typeof JOB_REASON];
