import { parseTime } from '../lib/time.ts';
import { inLine, lastWords } from '../lib/visible.ts';
import { changedContainers } from './changing.ts';
import type { Container, ContainerState, Meta, Pod } from './reading/objects.ts';

type Terminated = NonNullable<ContainerState['terminated']>;

/** How the container ended that a task ends with. */
export interface Exit {
  readonly container: string;
  /** The main one is the first container; an init container that fails keeps it from starting; others help it. */
  readonly part: 'main' | 'init' | 'helper';
  readonly code: number;
  /** Kubelet's word: Error, OOMKilled, Completed, StartError. */
  readonly reason: string;
  /** What the kubelet kept of its last lines, as one line; mostly empty. */
  readonly message: string;
  /** By the clock of its node, ms since the epoch; 0 when unknown. Waits count from PodFacts.endedAt. */
  readonly finishedAt: number;
  /** How long it ran, ms; 0 when unknown. */
  readonly ranMs: number;
  /** It is the main one, and the Pod was ready while it ran. */
  readonly wasReady: boolean;
  /** It was ended for the sake of another image, which then could not be started: that is no failure of the task. */
  readonly byChange: boolean;
}

/** What every container waits for at first; any other reason to wait is a trouble. */
const USUAL_WAITS = new Set(['', 'ContainerCreating', 'PodInitializing']);

/**
 * Whether the kubelet starts a container that ended again by itself, though the restartPolicy of our Pods is Never: by the
 * first of its rules for that exit code, else by a policy of its own.
 */
function isRestarted({ restartPolicy, restartPolicyRules = [] }: Container, code: number): boolean {
  const rule = restartPolicyRules.find(({ exitCodes: { operator, values = [] } = {} }) =>
    operator === 'In' ? values.includes(code) : operator === 'NotIn' && !values.includes(code),
  );
  if (rule) return rule.action === 'Restart';
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && code !== 0);
}

/**
 * How a task ended: with its main container, which no sidecar keeps alive; else with an init container that failed; else
 * with a helper that failed, while the main container may still run. One that ends with exit code 0 ends nothing, nor does
 * one that the kubelet starts again, as long as the Pod is not over.
 */
export function exitOf({ metadata, spec, status }: Pod): Exit | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = status ?? {};
  const [main] = spec.containers;
  const ended = containerStatuses.find(({ name }) => name === main?.name)?.state?.terminated;
  const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  if (main && ended && (isOver || !isRestarted(main, ended.exitCode)))
    return exit('main', main.name, ended, metadata, wasReady(ended, status));
  const failed = (statuses: typeof containerStatuses, specs: readonly Container[] = []) =>
    statuses.find(({ name, state }) => {
      const code = state?.terminated?.exitCode ?? 0;
      return code !== 0 && !specs.some((own) => own.name === name && isRestarted(own, code));
    });
  const init = failed(initContainerStatuses, spec.initContainers);
  if (init) return exit('init', init.name, init.state!.terminated!, metadata);
  const helper = failed(containerStatuses, spec.containers);
  return helper && exit('helper', helper.name, helper.state!.terminated!, metadata);
}

/**
 * Whether a Pod was ready while its main container ran. The API tells no history, but when Ready last changed: one that never
 * was ready says since before the container started that it is not. Times are whole seconds, so that one that was ready in the
 * second of its start alone passes for never ready.
 */
function wasReady({ startedAt }: Terminated, status: Pod['status']): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const started = parseTime(startedAt);
  return ready !== undefined && started > 0 && parseTime(ready.lastTransitionTime) > started;
}

function exit(part: Exit['part'], container: string, ended: Terminated, metadata: Meta, ready = false): Exit {
  const finishedAt = parseTime(ended.finishedAt);
  const startedAt = parseTime(ended.startedAt);
  return {
    container,
    part,
    code: ended.exitCode,
    reason: ended.reason ?? '',
    message: lastWords(ended.message ?? ''),
    finishedAt,
    ranMs: startedAt > 0 ? Math.max(0, finishedAt - startedAt) : 0,
    wasReady: ready,
    byChange:
      ended.containerID !== undefined && changedContainers(metadata).get(container) === ended.containerID,
  };
}

/**
 * What keeps a task from being ready, by its first container that has a trouble: one that cannot start, for which the
 * kubelet tries on (a missing image, Secret or ConfigMap, a sidecar that fails), or a helper that ended. Empty when nothing does.
 */
export function stuckOf({ spec, status }: Pod): string {
  const main = spec.containers[0]?.name;
  const { containerStatuses = [], initContainerStatuses = [] } = status ?? {};
  for (const { name, state, lastState } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    if (USUAL_WAITS.has(reason)) continue;
    // The kubelet's own message says how long it waits this time, and not why.
    const why =
      reason === 'CrashLoopBackOff'
        ? lastState?.terminated && exitWords(lastState.terminated)
        : inLine(message);
    return `container ${name}: ${inLine(reason)}${why ? `: ${why}` : ''}`;
  }
  const helper = containerStatuses.find(({ name, state }) => name !== main && state?.terminated);
  return helper ? `container ${helper.name} ended (${exitWords(helper.state!.terminated!)})` : '';
}

/**
 * Since when a Pod waits for a container to start, ms since the epoch; undefined when it does not, and while an init container
 * does its work.
 */
export function waitsSince({ metadata, spec, status }: Pod): number | undefined {
  if ((status?.phase ?? 'Pending') !== 'Pending') return undefined;
  let since = parseTime(metadata.creationTimestamp);
  for (const { name, state } of status?.initContainerStatuses ?? []) {
    // A sidecar runs on.
    if (spec.initContainers?.find((own) => own.name === name)?.restartPolicy === 'Always') continue;
    if (state?.running) return undefined;
    since = Math.max(since, parseTime(state?.terminated?.finishedAt));
  }
  return since > 0 ? since : undefined;
}

/** Whether a container beside the main one still runs, or waits to. */
export const helpersRun = ({ spec, status }: Pod): boolean =>
  (status?.containerStatuses ?? []).some(
    ({ name, state }) => name !== spec.containers[0]?.name && state !== undefined && !state.terminated,
  );

/** Signals that end programs, by their numbers in Linux. */
const SIGNALS: Readonly<Record<number, string>> = {
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

/** An end in words: "exit 137, OOMKilled", "exit 139, SIGSEGV", "exit 1". */
export function exitWords({ exitCode, reason = '' }: Pick<Terminated, 'exitCode' | 'reason'>): string {
  const tells = reason !== '' && reason !== 'Error' && reason !== 'Completed';
  const cause = tells ? inLine(reason) : SIGNALS[exitCode - 128];
  return cause === undefined ? `exit ${exitCode}` : `exit ${exitCode}, ${cause}`;
}
