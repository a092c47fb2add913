import { listed } from '../lib/bounded-text.ts';
import { formatTime } from '../lib/time.ts';
import { avoidCause } from '../recovery/avoidance.ts';
import type { Framework } from '../snapshot/framework.ts';

/**
 * Says of a framework which nodes its classes avoid since they refused its Pods, until when and why. A time and not a
 * span, so that a status that tells it stays the same meanwhile. That tasks crash is told by their back-off.
 * @returns undefined when there is nothing to say
 */
export function avoidNote({ classes }: Framework): string | undefined {
  const refusals = classes.flatMap(({ avoids }) => [...avoids].filter(([, why]) => why.kind === 'refused'));
  if (refusals.length === 0) return undefined;
  return listed(
    [...new Map(refusals)],
    '; ',
    ([node, why]) => `avoids node ${node} until ${formatTime(why.until)}: ${avoidCause(why)}`,
  );
}
