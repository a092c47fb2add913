import { z } from 'zod';

/** Who may move servers off their nodes. */
export const eviction = z
  .object({
    policy: z
      .enum(['Never', 'OnUpgrade', 'Always'])
      .default('Never')
      .describe(
        'Which node autoscalers may evict servers to take their node away. Never: none. OnUpgrade: not the cluster-autoscaler; ' +
          'Karpenter, and upgrades that drain nodes, may. Always: all. It is written on servers when they are made. Servers that ' +
          'carry the label proffer.dev/state are kept by a PodDisruptionBudget whatever the policy.',
      ),
    drainSeconds: z
      .int()
      .min(0)
      .max(604_800)
      .describe(
        'How long, in seconds, a server that carries the label proffer.dev/state stays on a node that is cordoned, or that a ' +
          'node autoscaler takes away. The annotation proffer.dev/inverse-offer tells it at once when its time is over; then it is ' +
          'deleted, and made anew elsewhere. Left out, it stays until the label is taken off.',
      )
      .optional(),
    replaceFirst: z
      .boolean()
      .default(false)
      .describe(
        'Servers that nobody holds on a node that is cordoned, or that a node autoscaler takes away, go when others are ready ' +
          'for them elsewhere, so many at a time as update.maxSurge says. With maxSurge 0 they go within update.maxUnavailable.',
      ),
  })
  .default({ policy: 'Never', replaceFirst: false })
  .describe('How servers leave a node that is to go.');

/** `spec.eviction` of a pool, with defaults filled in. */
export type Eviction = z.infer<typeof eviction>;
