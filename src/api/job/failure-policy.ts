import { z } from 'zod';
import { atomicList, rules } from '../schema/rules.ts';

const action = z.enum(['RestartTask', 'RestartGang', 'Fail', 'Ignore']);

/** Signals that rules may name, by their numbers in Linux. */
export const SIGNAL_NUMBERS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
} as const;

const signal = z.enum(Object.keys(SIGNAL_NUMBERS) as (keyof typeof SIGNAL_NUMBERS)[]);

const rule = z
  .object({
    action: action.describe(
      'RestartTask: the worker alone starts again. RestartGang: all workers do, together. Fail: the job has failed. Ignore: ' +
        'the worker starts again at once, and it does not count as a failure.',
    ),
    groups: z
      .array(z.string().min(1).max(20).describe('Name of a group.'))
      .min(1)
      .max(8)
      .describe('Groups whose workers it is about; all when left out.')
      .meta(atomicList)
      .optional(),
    exitCodes: z
      .array(z.int().min(1).max(255).describe('An exit code.'))
      .min(1)
      .max(255)
      .describe('Exit codes of the main container, or of an init container.')
      .meta(atomicList)
      .optional(),
    signals: z
      .array(signal.describe('Name of a signal.'))
      .min(1)
      .max(15)
      .describe('Signals that ended it: exit code 128 and more. A container without memory ends by SIGKILL.')
      .meta(atomicList)
      .optional(),
    reasons: z
      .array(z.string().min(1).max(100).describe('A reason.'))
      .min(1)
      .max(32)
      .describe(
        'What the kubelet gives as the reason of the container or of the Pod (OOMKilled, Error, Evicted, OutOfcpu), or what ' +
          'Proffer saw: Crashed, Deleting, Rejected, Evicted, Rebooted, NodeGone, NodeLeaving, NodeLost, NeverStarted.',
      )
      .meta(atomicList)
      .optional(),
    message: z
      .string()
      .min(1)
      .max(256)
      .describe(
        "What the last words of the container look like (terminationMessagePolicy: FallbackToLogsOnError has its log's), as one " +
          'line; * stands for any text: *NCCL*timeout*.',
      )
      .optional(),
  })
  .describe('What is done about workers that end in one way. All that it names must be so.')
  .meta(
    rules({
      rule: 'has(self.exitCodes) || has(self.signals) || has(self.reasons) || has(self.message)',
      message:
        'a rule needs one of exitCodes, signals, reasons or message: what is done about all other failures is defaultAction',
    }),
  );

/** `spec.failurePolicy`. */
export const failurePolicy = z
  .object({
    defaultAction: action
      .describe(
        'What is done about failures that no rule is about; RestartTask when left out. RestartGang is also done when a worker ' +
          'is lost without a failure: no worker comes back alone then.',
      )
      .optional(),
    rules: z
      .array(rule)
      .max(32)
      .default([])
      .describe('The first rule that matches decides.')
      .meta(atomicList),
    windowSeconds: z
      .int()
      .min(60)
      .max(2_592_000)
      .describe('Failures that are older do not count against maxRestarts. All of them do when left out.')
      .optional(),
  })
  .describe(
    'What is done when workers end without success. Without it a worker that failed is recreated alone, after its back-off.',
  );

/** What is done about a worker that failed. */
export type FailureAction = z.infer<typeof action>;
/** `spec.failurePolicy`. */
export type FailurePolicy = z.infer<typeof failurePolicy>;
