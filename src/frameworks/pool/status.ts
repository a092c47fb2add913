import { CONDITION, REASON, setCondition, type Condition, type Reason } from '../../api/conditions.ts';
import { LABEL } from '../../api/group.ts';
import type { GameServerPoolStatus } from '../../api/gameserverpool.ts';
import { boundedText } from '../../lib/bounded-text.ts';
import { formatTime } from '../../lib/time.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { PoolFacts } from './facts.ts';
import { foundOf } from './found.ts';
import type { FrameworkOutcome } from '../../plan/outcome.ts';
import { PASSING_CONDITIONS, updateStanding } from './update-status.ts';

const servers = (n: number): string => `${n} ${n === 1 ? 'server' : 'servers'}`;

/** Servers that are placed and not ready, with what keeps the first of them from starting. */
function notReady(framework: Framework, placed: number): string {
  const { ready, stranded, stuck } = framework;
  const { maintained, awaited } = foundOf(framework);
  const starting = placed - ready - stranded - maintained;
  const parts = [
    ...(starting > 0 ? [`${starting} starting${stuck === '' ? '' : ` (${stuck})`}`] : []),
    ...(maintained > 0 ? [`${maintained} in maintenance`] : []),
    ...(stranded > 0 ? [`${stranded} on a lost node, kept for players`] : []),
    ...(awaited.length > 0 ? [awaitedWords(awaited)] : []),
  ];
  return parts.map((part) => `, ${part}`).join('');
}

/** What those wait for in whose slots there is somebody. */
const awaitedWords = ([first, ...others]: readonly PodFacts[]): string =>
  `${others.length + 1} waiting until the last server of the slot is gone, whose volumes it gets ` +
  `(${first!.name}${others.length > 0 ? `, and ${others.length} more` : ''})`;

/** Why servers that are placed are not ready, in one word. */
function unreadyReason(framework: Framework, placed: number): Reason {
  const { ready, stranded, stuck } = framework;
  if (stranded > 0) return REASON.nodeLost;
  if (stuck !== '') return REASON.stuck;
  if (foundOf(framework).awaited.length > 0) return REASON.volumes;
  return placed - ready === foundOf(framework).maintained ? REASON.maintenance : REASON.starting;
}

/** One sentence: is the pool well, and if not why. The most basic trouble first. */
function sentence(pool: PoolFacts, { framework, waiting, held }: FrameworkOutcome, placed: number): string {
  const { replicas } = pool.spec;
  const { ready, backingOff, live, failed, hold } = framework;
  const rest = notReady(framework, placed);
  if (held?.reason === REASON.unsupported) return held.message;
  const stopped = waiting + (hold ? backingOff : 0);
  if (held && stopped > 0) return `${stopped} of ${servers(replicas)} waiting${rest}: ${held.message}`;
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
  const { sums, crashes, failures, unchangeable } = foundOf(framework);
  const placed = framework.live.length + launched - untaken;
  const told = sentence(pool, outcome, placed);
  const allReady = framework.ready >= pool.spec.replicas;
  const unsupported = held?.reason === REASON.unsupported;
  const isPlaced = waiting === 0 && framework.backingOff === 0;
  const { live, ready } = framework;
  const updated = (sums.updatedReplicas ?? 0) + launched - untaken;
  const update = updateStanding(pool, { live, placed, updated, ready }, now);
  const refused = unchangeable && `not in place: ${unchangeable}`;
  const parts = unsupported
    ? [told]
    : [told, update.words, refused, note].filter((text) => text !== undefined);
  const message = boundedText(parts.join('; '));
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
  set(CONDITION.placed, isPlaced, waitReason, isPlaced ? 'every server has accepted an offer' : message);
  set(
    CONDITION.ready,
    allReady,
    isPlaced ? unreadyReason(framework, placed) : waitReason,
    allReady ? 'every server is ready' : message,
  );
  for (const { type, status, reason, message: text } of update.conditions) {
    const next = { type, status, reason, message: text, observedGeneration: generation };
    conditions = setCondition(conditions, next, formatTime(now));
  }
  const isOver = ({ type }: Condition) =>
    PASSING_CONDITIONS.includes(type) && !update.conditions.some((holds) => holds.type === type);
  return {
    observedGeneration: generation,
    replicas: placed,
    readyReplicas: framework.ready,
    ...sums,
    ...(crashes === undefined ? {} : { crashes: [...crashes] }),
    ...(failures === undefined ? {} : { failures }),
    pendingReplicas: waiting + framework.backingOff,
    ...update.fields,
    recovered,
    selector: `${LABEL.pool}=${name}`,
    message,
    conditions: conditions.filter((each) => !isOver(each)),
  };
}
