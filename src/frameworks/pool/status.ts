import { CONDITION, REASON, setCondition, type Condition, type Reason } from '../../api/conditions.ts';
import { LABEL } from '../../api/group.ts';
import type { GameServerPoolStatus } from '../../api/gameserverpool.ts';
import { boundedText } from '../../lib/bounded-text.ts';
import { formatTime } from '../../lib/time.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { PoolFacts } from './facts.ts';
import type { FrameworkOutcome } from '../../plan/outcome.ts';

const servers = (n: number): string => `${n} ${n === 1 ? 'server' : 'servers'}`;

/** Servers that are placed and not ready, with what keeps the first of them from starting. */
function notReady({ ready, stranded, stuck }: Framework, placed: number): string {
  const starting = placed - ready - stranded;
  const parts = [
    ...(starting > 0 ? [`${starting} starting${stuck === '' ? '' : ` (${stuck})`}`] : []),
    ...(stranded > 0 ? [`${stranded} on a lost node, kept for players`] : []),
  ];
  return parts.map((part) => `, ${part}`).join('');
}

/** Why servers that are placed are not ready, in one word. */
function unreadyReason({ stranded, stuck }: Framework): Reason {
  if (stranded > 0) return REASON.nodeLost;
  return stuck === '' ? REASON.starting : REASON.stuck;
}

/** One sentence: is the pool well, and if not why. The most basic trouble first. */
function sentence(pool: PoolFacts, { framework, waiting, held }: FrameworkOutcome, placed: number): string {
  const { replicas } = pool.spec;
  const { ready, backingOff, live, failed } = framework;
  const rest = notReady(framework, placed);
  if (held?.reason === REASON.unsupported) return held.message;
  if (held && waiting > 0) return `${waiting} of ${servers(replicas)} waiting${rest}: ${held.message}`;
  if (backingOff > 0) return `${servers(backingOff)} backing off after failures${rest}: ${failed}`;
  if (ready < replicas) return `${ready} of ${servers(replicas)} ready${rest}`;
  const kept = live.length - replicas;
  return kept > 0 ? `${servers(ready)} ready, ${kept} kept for their players` : `${servers(ready)} ready`;
}

/**
 * The status of a pool after a cycle. An unchanged pool gets an equal status, so that nothing is written.
 * @param recovered servers recreated over the life of the pool
 * @param now ms since the epoch
 */
export function poolStatus(
  pool: PoolFacts,
  outcome: FrameworkOutcome,
  recovered: number,
  now: number,
): GameServerPoolStatus {
  const { framework, launched, waiting, untaken, held, note } = outcome;
  const { generation = 0, name } = pool.metadata;
  const placed = framework.live.length + launched - untaken;
  const told = sentence(pool, outcome, placed);
  const allPlaced = waiting === 0 && framework.backingOff === 0;
  const allReady = framework.ready >= pool.spec.replicas;
  const unsupported = held?.reason === REASON.unsupported;
  const message = boundedText(note === undefined || unsupported ? told : `${told}; ${note}`);
  const waitReason = held?.reason ?? REASON.backoff;

  let conditions: Condition[] = pool.status.conditions ?? [];
  const set = (type: string, good: boolean, reason: string, text: string) => {
    conditions = setCondition(
      conditions,
      {
        type,
        status: good ? 'True' : 'False',
        reason: good ? REASON.ok : reason,
        message: text,
        observedGeneration: generation,
      },
      formatTime(now),
    );
  };
  set(
    CONDITION.supported,
    !unsupported,
    REASON.unsupported,
    unsupported ? held.message : 'every field of the template is honoured',
  );
  set(CONDITION.placed, allPlaced, waitReason, allPlaced ? 'every server has accepted an offer' : message);
  set(
    CONDITION.ready,
    allReady,
    allPlaced ? unreadyReason(framework) : waitReason,
    allReady ? 'every server is ready' : message,
  );
  return {
    observedGeneration: generation,
    replicas: placed,
    readyReplicas: framework.ready,
    pendingReplicas: waiting + framework.backingOff,
    recovered,
    selector: `${LABEL.pool}=${name}`,
    message,
    conditions,
  };
}
