import { z } from 'zod';
import { condition } from './conditions.ts';
import { noticeSeconds, podTemplate, priority, roleName } from './template.ts';
import { DNS_LABEL, mapList, rules } from './validation.ts';

const port = z
  .object({
    name: z
      .string()
      .min(1)
      .max(15)
      .describe('Name of the port, unique in the pool: game, query, rcon.')
      .meta(
        rules({
          rule: "self.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
          message:
            "a port name must start with a lower-case letter and hold lower-case letters, digits and '-' only, " +
            'such as game or query-2',
        }),
      ),
    containerPort: z
      .int()
      .min(1)
      .max(65535)
      .describe('Port that the server listens on inside its container.'),
    protocol: z
      .enum(['UDP', 'TCP', 'TCPUDP'])
      .default('UDP')
      .describe('Protocol; TCPUDP gives one host port number for both.'),
  })
  .describe(
    'A port that players reach. Each server gets a free host port of its node out of the offer; the number is in the ' +
      'annotation proffer.dev/ports of its Pod, as NAME=PORT/PROTOCOL, and in the environment variable PROFFER_PORT_<NAME>.',
  );

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

const samePort =
  "(a.containerPort == b.containerPort && (a.protocol == b.protocol || a.protocol == 'TCPUDP' || b.protocol == 'TCPUDP'))";
const sameAsTemplate =
  "(a.containerPort == p.containerPort && (a.protocol == 'TCPUDP' || " +
  "a.protocol == (has(p.protocol) ? p.protocol : 'TCP')))";

/** Spec of a GameServerPool. */
export const gameServerPoolSpec = z
  .object({
    replicas: z
      .int()
      .min(0)
      .max(100_000)
      .default(1)
      .describe(
        'How many game servers to keep running. A server whose Pod carries the label proffer.dev/state, with any value ' +
          'such as Allocated, is held by players and is not deleted to scale down.',
      ),
    role: roleName.optional(),
    priority,
    noticeSeconds,
    scheduling: z
      .enum(['Packed', 'Distributed'])
      .default('Packed')
      .describe(
        'Packed fills nodes one after the other, so that empty nodes can go; Distributed spreads servers over nodes.',
      ),
    ports: z
      .array(port)
      .max(16)
      .default([])
      .describe(
        'Ports that players reach, each on a host port of its node. Players read the numbers in the annotation ' +
          'proffer.dev/ports of the Pod, the server in PROFFER_PORT_<NAME>, such as PROFFER_PORT_GAME for game.',
      )
      .meta({
        ...mapList('name'),
        ...rules({
          rule: `self.all(a, self.exists_one(b, ${samePort}))`,
          message:
            'two ports have the same containerPort and protocol (TCPUDP counts as both): remove one, or correct its number',
        }),
      }),
    template: podTemplate,
    recovery,
  })
  .meta(
    rules(
      {
        rule:
          'self.template.spec.containers.all(c, !has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0 || ' +
          `!self.ports.exists(a, ${sameAsTemplate})))`,
        message:
          'a container fixes the hostPort of a port that spec.ports asks a host port for: remove hostPort from the ' +
          'template, or remove the entry of spec.ports',
        fieldPath: '.template.spec.containers',
      },
      {
        rule:
          'self.template.spec.containers.all(c, !has(c.ports) || c.ports.all(p, !has(p.name) || ' +
          `!self.ports.exists(a, a.name == p.name && !${sameAsTemplate})))`,
        message:
          'a port of a container has the name of an entry of spec.ports but another number or protocol: give it ' +
          'another name',
        fieldPath: '.template.spec.containers',
      },
      {
        rule: '!has(self.template.spec.hostNetwork) || !self.template.spec.hostNetwork || size(self.ports) == 0',
        message:
          'hostNetwork and spec.ports exclude each other: on the network of the node a server cannot listen on the ' +
          'host port of its offer; remove one of the two',
        fieldPath: '.template.spec.hostNetwork',
        reason: 'FieldValueForbidden',
      },
    ),
  )
  .describe('What the pool should be.');

/** Status of a GameServerPool, as the operator writes it. */
export const gameServerPoolStatus = z
  .object({
    observedGeneration: z.int().describe('Generation of the spec that this status speaks of.').optional(),
    replicas: z.int().describe('Servers that exist: pending ones with a Pod, starting and ready.').optional(),
    readyReplicas: z.int().describe('Servers that are ready for players.').optional(),
    pendingReplicas: z.int().describe('Servers that wait for an offer they can accept.').optional(),
    recovered: z.int().describe('Servers that were recreated since the pool exists.').optional(),
    selector: z.string().describe('Label selector of the servers, for the scale subresource.').optional(),
    message: z.string().describe('One sentence: is it well, and if not why.').optional(),
    conditions: z.array(condition).describe('Placed, Ready and Supported.').meta(mapList('type')).optional(),
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
/** One entry of `spec.ports`. */
export type PoolPort = z.infer<typeof port>;
/** `spec.recovery`, of pools and of jobs. */
export type Recovery = z.infer<typeof recovery>;
