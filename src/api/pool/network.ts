import { z } from 'zod';
import type { Rule } from '../schema/rules.ts';

/** `spec.network` of a pool. */
export const network = z
  .object({
    service: z
      .enum(['None', 'LoadBalancer', 'NodePort', 'Headless'])
      .default('None')
      .describe(
        'Kind of the Service that each server gets for itself, under its own name: LoadBalancer, NodePort, or Headless for ' +
          'a DNS name inside the cluster. Its address comes into the annotation proffer.dev/service-address of the Pod.',
      ),
    annotations: z
      .record(z.string(), z.string().max(4096).describe('Value of the annotation.'))
      .describe('Annotations of each Service, such as those that a cloud provider reads.')
      .meta({ maxProperties: 64 })
      .optional(),
    externalTrafficPolicy: z
      .enum(['Local', 'Cluster'])
      .optional()
      .describe(
        'Local, when left out: traffic comes in at the node of the server alone, without a second hop, and the server sees ' +
          'the address of the player. Cluster: at any node. Has no meaning for Headless.',
      ),
    loadBalancerClass: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe('Which load balancers serve a LoadBalancer; those of the cluster when left out.'),
    allocateLoadBalancerNodePorts: z
      .boolean()
      .optional()
      .describe('False for load balancers that reach Pods without a node port; true when left out.'),
  })
  .optional()
  .describe('How servers are reached beside their host ports.');

/** What `spec.network` and other fields of a pool must agree on. */
export const NETWORK_RULES: readonly Rule[] = [
  {
    rule: "!has(self.network) || !(self.network.service in ['LoadBalancer', 'NodePort']) || size(self.ports) > 0",
    message:
      'a Service of this kind needs ports: name in spec.ports those that it is to reach, or set service to None',
    fieldPath: '.network.service',
  },
];
