/** Conditions of a pool that scales itself, named as those of a HorizontalPodAutoscaler. */
export const SCALING_CONDITION = {
  /** A policy decides how many servers there are to be. */
  active: 'ScalingActive',
  /** A bound holds the number that the policy wants. */
  limited: 'ScalingLimited',
} as const;

/** Why a policy does not decide, or not freely. */
export const SCALING_REASON = {
  /** No schedule is in effect, and no other policy follows. */
  none: 'NoPolicyApplies',
  /** The webhook fails. */
  webhook: 'WebhookFailed',
  /** The schedule cannot be read. */
  schedule: 'InvalidSchedule',
  /** No server says the capacity of the counter. */
  counter: 'CounterUnknown',
  /** Somebody else sets `spec.replicas`, too. */
  contested: 'Contested',
  /** The API server refuses the write. */
  refused: 'ScaleRefused',
  /** The policy wants more servers than it may have. */
  tooMany: 'TooManyReplicas',
  /** The policy wants fewer servers than it must have. */
  tooFew: 'TooFewReplicas',
} as const;

/** One of the reasons above. */
export type ScalingReason = (typeof SCALING_REASON)[keyof typeof SCALING_REASON];
