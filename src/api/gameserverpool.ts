import { z } from 'zod';
import { condition } from './conditions.ts';
import { network, NETWORK_RULES } from './pool/network.ts';
import { poolPorts, PORT_RULES } from './pool/port.ts';
import { poolUpdate } from './pool/update.ts';
import { MOST_SERVERS, poolAutoscale, poolAutoscaleStatus } from './pool/autoscale.ts';
import { crash, crashBudget } from './pool/crash-budget.ts';
import { eviction } from './pool/eviction.ts';
import { poolSessions } from './pool/sessions.ts';
import { slotFailures } from './pool/slot-failures.ts';
import { QUERY_RULES, serverHealth } from './pool/query.ts';
import { claimRetention, volumeClaimTemplates } from './pool/volumes.ts';
import { VOLUME_RULES } from './schema/slot-volumes.ts';
import { noticeSeconds, podTemplate, priority, roleName } from './template.ts';
import { DNS_LABEL } from './schema/names.ts';
import { atomicList, mapList, rules } from './schema/rules.ts';

/** How a lost or failed task comes back. */
export const recovery = z
  .object({
    maxBackoffSeconds: z
      .int()
      .min(1)
      .max(3600)
      .default(300)
      .describe(
        'Longest wait, in seconds, before a task that keeps failing is recreated. The first recreation is immediate, ' +
          'then after 1, 2, 4 ... seconds.',
      ),
    nodeLossSeconds: z
      .int()
      .min(5)
      .max(3600)
      .default(12)
      .describe(
        'How long, in seconds, a node may be silent before its tasks are recreated elsewhere. Counted from the last ' +
          'heartbeat; kubelets send one every 10 s and a late one is waited for 2 s, so that less than 12 has no effect ' +
          "with the kubelet's defaults.",
      ),
  })
  .default({ maxBackoffSeconds: 300, nodeLossSeconds: 12 })
  .describe('How tasks come back after a crash, an eviction or the loss of a node.');

/** Spec of a GameServerPool. */
export const gameServerPoolSpec = z
  .object({
    replicas: z
      .int()
      .min(0)
      .max(MOST_SERVERS)
      .default(1)
      .describe(
        'How many game servers to keep running. A server whose Pod carries the label proffer.dev/state, with any value ' +
          'such as Allocated, is held by players and is not deleted to scale down.',
      ),
    role: roleName.optional(),
    priority,
    noticeSeconds,
    eviction,
    scheduling: z
      .enum(['Packed', 'Distributed'])
      .default('Packed')
      .describe(
        'Packed fills nodes one after the other, so that empty nodes can go; Distributed spreads servers over nodes.',
      ),
    ports: poolPorts,
    network,
    template: podTemplate,
    volumeClaimTemplates,
    persistentVolumeClaimRetentionPolicy: claimRetention,
    update: poolUpdate,
    recovery,
    autoscale: poolAutoscale.optional(),
    health: serverHealth.optional(),
    sessions: poolSessions.optional(),
    crashBudget: crashBudget.optional(),
  })
  .meta(rules(...PORT_RULES, ...NETWORK_RULES, ...QUERY_RULES, ...VOLUME_RULES))
  .describe('What the pool should be.');

/** Status of a GameServerPool, as the operator writes it. */
export const gameServerPoolStatus = z
  .object({
    observedGeneration: z.int().describe('Generation of the spec that this status speaks of.').optional(),
    replicas: z.int().describe('Servers that exist: pending ones with a Pod, starting and ready.').optional(),
    readyReplicas: z.int().describe('Servers that are ready for players.').optional(),
    freeReplicas: z
      .int()
      .describe('Servers in the state Ready: they may be given to players, and nobody holds them.')
      .optional(),
    allocatedReplicas: z
      .int()
      .describe('Servers that players hold: those with the label proffer.dev/state, but for Reserved ones.')
      .optional(),
    reservedReplicas: z
      .int()
      .describe('Servers that are kept for players to come: proffer.dev/state is Reserved.')
      .optional(),
    unhealthyReplicas: z
      .int()
      .describe('Servers that are kept although they do not answer, lost a helper or are on a lost node.')
      .optional(),
    updatedReplicas: z.int().describe('Servers that have the template and ports of the spec.').optional(),
    players: z
      .int()
      .describe('Players on all servers that tell of them, by the annotation proffer.dev/counter.players.')
      .optional(),
    playerCapacity: z
      .int()
      .describe('Players that all servers can take that tell of it, by the same annotation.')
      .optional(),
    pendingReplicas: z.int().describe('Servers that wait for an offer they can accept.').optional(),
    recovered: z.int().describe('Servers that were recreated since the pool exists.').optional(),
    crashes: z
      .array(crash)
      .max(100)
      .describe('Crashes that count against spec.crashBudget, the oldest first.')
      .meta(atomicList)
      .optional(),
    failures: z
      .record(z.string(), slotFailures)
      .describe('Slots whose servers failed and in which there is no other one yet, by number.')
      .optional(),
    selector: z.string().describe('Label selector of the servers, for the scale subresource.').optional(),
    updateRevision: z.string().describe('Revision of the template and ports of the spec.').optional(),
    currentRevision: z.string().describe('The revision that the last update came to.').optional(),
    lastProgressTime: z
      .string()
      .describe('When an update last made progress.')
      .meta({ format: 'date-time' })
      .optional(),
    message: z.string().describe('One sentence: is it well, and if not why.').optional(),
    autoscale: poolAutoscaleStatus.optional(),
    conditions: z
      .array(condition)
      .describe(
        'Placed, Ready, Supported, Progressing and Available; Reconciling and Stalled while they hold; ' +
          'ScalingActive and ScalingLimited of a pool that scales itself.',
      )
      .meta(mapList('type'))
      .optional(),
  })
  .describe('What the pool is, as the operator last saw it.');

/** A GameServerPool as the API serves it, without its metadata. */
export const gameServerPool = z
  .object({ spec: gameServerPoolSpec, status: gameServerPoolStatus.optional() })
  .describe('A number of equal game servers that are kept running, each a Pod that an accepted offer placed.')
  .meta(
    rules({
      rule: `size(self.metadata.name) <= 50 && self.metadata.name.matches('^${DNS_LABEL}$')`,
      message:
        "metadata.name must be a DNS label of at most 50 characters (lower-case letters, digits and '-'), so that the " +
        'names of its servers fit in a label',
    }),
  );

/** Desired state of a pool, with defaults filled in. */
export type GameServerPoolSpec = z.infer<typeof gameServerPoolSpec>;
/** Observed state of a pool. */
export type GameServerPoolStatus = z.infer<typeof gameServerPoolStatus>;
/** `spec.recovery`, of pools and of jobs. */
export type Recovery = z.infer<typeof recovery>;
