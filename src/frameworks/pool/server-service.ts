import { LABEL } from '../../api/group.ts';
import type { PoolPort } from '../../api/pool/port.ts';
import type { ServiceMaker } from '../../plan/expose.ts';
import type { ServicePort, ServiceSpec } from '../../snapshot/task-service.ts';
import type { PodFacts } from '../../snapshot/task.ts';
import type { PoolFacts } from './facts.ts';

/** Makes the Services of the servers of a pool; undefined when they have none. */
export function serverService({ metadata, spec, groups }: PoolFacts): ServiceMaker | undefined {
  const { network, ports } = spec;
  if (!network || network.service === 'None') return undefined;
  const { revision } = groups[0]!.shape;
  const kind = kindOf(network);
  return (server, shown) => {
    // A server of an older template listens where it did when it was made.
    const isOlder = server.task?.revision !== revision;
    return {
      labels: { [LABEL.pool]: metadata.name, [LABEL.server]: server.name },
      annotations: network.annotations ?? {},
      spec: {
        ...kind,
        selector: { [LABEL.server]: server.name },
        // A Service has one server: to take it out while it is not ready would cut its players off, and help nobody.
        publishNotReadyAddresses: true,
        ports: isOlder && shown ? (shown.spec.ports ?? []) : servicePorts(ports, server),
      },
    };
  };
}

function kindOf(network: NonNullable<PoolFacts['spec']['network']>): ServiceSpec {
  const {
    service,
    externalTrafficPolicy = 'Local',
    loadBalancerClass,
    allocateLoadBalancerNodePorts,
  } = network;
  if (service === 'Headless') return { type: 'ClusterIP', clusterIP: 'None' };
  if (service !== 'LoadBalancer') return { type: service, externalTrafficPolicy };
  return {
    type: service,
    externalTrafficPolicy,
    allocateLoadBalancerNodePorts: allocateLoadBalancerNodePorts ?? true,
    ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
  };
}

/** Each port under the number that the server listens on inside its Pod. */
const servicePorts = (ports: readonly PoolPort[], server: PodFacts): ServicePort[] =>
  ports.flatMap(({ name, protocol, policy, containerPort = 0 }) => {
    const port = policy === 'Passthrough' ? hostPortOf(server, name) : containerPort;
    const of = (own: string, transport: string): ServicePort => ({
      name: own,
      protocol: transport,
      port,
      targetPort: port,
    });
    return protocol === 'TCPUDP' ? [of(name, 'UDP'), of(`${name}-tcp`, 'TCP')] : [of(name, protocol)];
  });

/** The number of a port, as the Pod says; 0 when it does not. */
const hostPortOf = ({ task }: PodFacts, name: string): number => {
  const text = task?.ports.split(',').find((each) => each.startsWith(`${name}=`)) ?? '';
  return Number.parseInt(text.slice(name.length + 1), 10) || 0;
};
