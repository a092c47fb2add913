import { z } from 'zod';
import { mapList, rules, type Rule } from '../schema/rules.ts';

/** How a port of a server is reached. */
const PORT_POLICIES = ['Dynamic', 'Static', 'Passthrough', 'None'] as const;

const policy = "(has(self.policy) ? self.policy : 'Dynamic')";

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
      .optional()
      .describe(
        'Port that the server listens on inside its container. Left out with policy Passthrough alone.',
      ),
    protocol: z
      .enum(['UDP', 'TCP', 'TCPUDP'])
      .default('UDP')
      .describe('Protocol; TCPUDP gives one host port number for both.'),
    policy: z
      .enum(PORT_POLICIES)
      .optional()
      .describe(
        'How players reach the port. Dynamic, when left out: by a free host port of the node. Passthrough: the same, ' +
          'and the server listens on that number too, which it reads in PROFFER_PORT_<NAME>. Static: by hostPort. None: ' +
          'by the address of the Pod or a Service alone.',
      ),
    hostPort: z
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe('Host port of policy Static: a node takes one such server.'),
    range: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe(
        'Name of the range of host ports that the number comes from, of those that the operator was given; default when left out.',
      ),
  })
  .describe(
    'A port that players reach. Each server gets a free host port of its node out of the offer; the number is in the ' +
      'annotation proffer.dev/ports of its Pod, as NAME=PORT/PROTOCOL, and in the environment variable PROFFER_PORT_<NAME>.',
  )
  .meta(
    rules(
      {
        rule: `has(self.containerPort) || ${policy} == 'Passthrough'`,
        message: 'say on which containerPort the server listens; policy Passthrough alone has none',
        fieldPath: '.containerPort',
      },
      {
        rule: `!has(self.containerPort) || ${policy} != 'Passthrough'`,
        message:
          'with policy Passthrough the container port is the host port of the offer: remove containerPort',
        fieldPath: '.containerPort',
      },
      {
        rule: `has(self.hostPort) == (${policy} == 'Static')`,
        message:
          'policy Static needs a hostPort, and no other policy has one: set policy to Static, or remove hostPort',
        fieldPath: '.hostPort',
      },
      {
        rule: `!has(self.range) || ${policy} in ['Dynamic', 'Passthrough']`,
        message: 'only ports of the policies Dynamic and Passthrough come out of a range: remove range',
        fieldPath: '.range',
      },
    ),
  );

const protocolsMeet = "(a.protocol == b.protocol || a.protocol == 'TCPUDP' || b.protocol == 'TCPUDP')";
const same = (field: string) =>
  `(has(a.${field}) && has(b.${field}) && a.${field} == b.${field} && ${protocolsMeet})`;

/** `spec.ports` of a pool. */
export const poolPorts = z
  .array(port)
  .max(16)
  .default([])
  .describe(
    'Ports that players reach, each on a host port of its node. Players read the numbers in the annotation ' +
      'proffer.dev/ports of the Pod, the server in PROFFER_PORT_<NAME>, such as PROFFER_PORT_GAME for game.',
  )
  .meta({
    ...mapList('name'),
    ...rules(
      {
        rule: `self.all(a, self.exists_one(b, a.name == b.name || ${same('containerPort')}))`,
        message:
          'two ports have the same containerPort and protocol (TCPUDP counts as both): remove one, or correct its number',
      },
      {
        rule: `self.all(a, self.exists_one(b, a.name == b.name || ${same('hostPort')}))`,
        message:
          'two ports have the same hostPort and protocol (TCPUDP counts as both): remove one, or correct its number',
      },
    ),
  });

/** One entry of `spec.ports`. */
export type PoolPort = z.infer<typeof port>;

const sameAsTemplate =
  "(has(a.containerPort) && a.containerPort == p.containerPort && (a.protocol == 'TCPUDP' || " +
  "a.protocol == (has(p.protocol) ? p.protocol : 'TCP')))";

/** What `spec.ports` and the template of a pool must agree on. */
export const PORT_RULES: readonly Rule[] = [
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
    rule:
      '!has(self.template.spec.hostNetwork) || !self.template.spec.hostNetwork || ' +
      "self.ports.all(p, has(p.policy) && (p.policy == 'Passthrough' || " +
      "(p.policy == 'Static' && p.hostPort == p.containerPort)))",
    message:
      'with hostNetwork a server listens on ports of its node: give each entry of spec.ports the policy Passthrough, or ' +
      'Static with hostPort equal to containerPort, or remove hostNetwork',
    fieldPath: '.template.spec.hostNetwork',
    reason: 'FieldValueForbidden',
  },
];
