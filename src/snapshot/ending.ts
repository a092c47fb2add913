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
 * @param isCordoned whether no new Pods go to a node: what is evicted there is drained
 */
export function endWords(
  { name, node, reason, message, deleting, disruption, task }: PodFacts & { readonly task: TaskFacts },
  signal: Signal,
  isCordoned: (node: string) => boolean,
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
      if (disruption === 'EvictionByEvictionAPI' && node !== undefined && isCordoned(node))
        return `${name}${on} was drained`;
      return `${name}${on} ${DISRUPTIONS[disruption] ?? SIGNAL_WORDS.Deleting}`;
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

const partWords = ({ container, part, code, reason }: Exit): string =>
  `${part === 'main' ? '' : `container ${container}: `}${exitWords({ exitCode: code, reason })}`;

const quoted = ({ message }: Exit): string => (message === '' ? '' : `: "${message.replaceAll('"', "'")}"`);
