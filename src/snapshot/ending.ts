import { SIGNAL_WORDS, type Signal } from '../recovery/signal.ts';
import { inLine } from '../lib/visible.ts';
import { exitWords, type Exit } from './containers.ts';
import type { PodFacts, TaskFacts } from './task.ts';

/** Who deletes a Pod, by the reason of its condition DisruptionTarget (k8s.io/api/core/v1); nobody says it otherwise. */
const DISRUPTIONS: Readonly<Record<string, string>> = {
  EvictionByEvictionAPI: 'was evicted',
  DeletionByTaintManager: 'was evicted by a taint of its node',
  PreemptionByScheduler: 'was evicted by another scheduler',
  DeletionByPodGC: 'was deleted with its node',
};

/**
 * How a task ended, in one line: `arena-1 crashed (exit 137, OOMKilled) on node-2: "out of memory"`.
 * @param isDrained whether a node is to be empty: what is evicted there is drained
 */
export function endWords(
  { name, node, reason, message, deleting, disruption, task }: PodFacts & { readonly task: TaskFacts },
  signal: Signal,
  isDrained: (node: string) => boolean,
): string {
  const on = node === undefined ? '' : ` on ${node}`;
  switch (signal) {
    case 'Exited':
    case 'Crashed':
    case 'HelperCrashed':
      // What its main container says by then is that we ended it.
      if (deleting) return `${name} failed${on} and was cleared away`;
      if (task.exit)
        return `${name} ${SIGNAL_WORDS[signal]} (${partWords(task.exit)})${on}${quoted(task.exit)}`;
      break;
    case 'Deleting':
      if (disruption === 'EvictionByEvictionAPI' && node !== undefined && isDrained(node))
        return `${name}${on} was drained`;
      return `${name}${on} ${DISRUPTIONS[disruption] ?? SIGNAL_WORDS.Deleting}`;
    case 'Closed':
    case 'Mute':
      return `${name} ${SIGNAL_WORDS[signal]}${on} (${task.asked?.verdict?.message ?? ''})`;
    case 'NeverStarted':
      return `${name}${on} ${SIGNAL_WORDS[signal]}${task.stuck === '' ? '' : ` (${task.stuck})`}`;
    case 'Rejected':
    case 'Evicted':
      break;
    case 'Rebooted':
    case 'NodeGone':
    case 'NodeLeaving':
    case 'NodeLost':
    case 'Ready':
    case 'Starting':
      return `${name}${on} ${SIGNAL_WORDS[signal]}`;
  }
  const cause = [reason, message]
    .filter((text) => text !== '')
    .map(inLine)
    .join(': ');
  return `${name}${on} ${SIGNAL_WORDS[signal]}${cause === '' ? '' : ` (${cause})`}`;
}

const partWords = ({ container, part, code, reason, byChange }: Exit): string =>
  `${part === 'main' ? '' : `container ${container}: `}${exitWords({ exitCode: code, reason })}` +
  (byChange ? ', for another image that did not start' : '');

const quoted = ({ message }: Exit): string => (message === '' ? '' : `: "${message.replaceAll('"', "'")}"`);
