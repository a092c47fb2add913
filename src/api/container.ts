import { z } from 'zod';
import { resources } from './resources.ts';
import { DNS_LABEL } from './schema/names.ts';
import { atomicList, rules } from './schema/rules.ts';

const containerPort = z
  .looseObject({
    name: z.string().max(63).describe('Name of the port, unique in the container.').optional(),
    containerPort: z.int().min(1).max(65535).describe('Port that the container listens on.'),
    hostPort: z
      .int()
      .min(0)
      .max(65535)
      .describe('Fixed port of the node. Ports that players reach belong in ports of the pool instead.')
      .optional(),
    protocol: z
      .enum(['UDP', 'TCP', 'SCTP'])
      .describe('Protocol; TCP when left out, as in Kubernetes.')
      .optional(),
  })
  .describe('A port of the container, as in Kubernetes.');

/** A container of the template: the parts that Proffer reads, and every other field as the user wrote it. */
export const container = z
  .looseObject({
    name: z
      .string()
      .min(1)
      .max(63)
      .describe('Name of the container, unique in the Pod: a lower-case DNS label.')
      .meta(
        rules({
          rule: `self.matches('^${DNS_LABEL}$')`,
          message:
            "a container name must be a DNS label: lower-case letters, digits and '-', such as game-server",
        }),
      ),
    image: z.string().min(1).max(1024).describe('Image to run.').optional(),
    ports: z
      .array(containerPort)
      .max(32)
      .describe('Ports of the container that stay inside the cluster, such as metrics.')
      .meta(atomicList)
      .optional(),
    resources: resources.optional(),
  })
  .describe('A container, with every field of a Kubernetes container.');
