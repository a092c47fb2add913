import type { Invalid } from './invalid.ts';
import { pool } from './manifests.ts';

const game = { name: 'game', containerPort: 8303 };

/** Ports and networks that contradict themselves. */
export const badPorts: readonly Invalid[] = [
  {
    why: 'two ports of one name',
    manifest: pool({ ports: [game, { ...game, containerPort: 1 }] }),
    says: ['spec.ports[1]', 'Duplicate value', 'game'],
  },
  {
    why: 'two ports of one number and protocol',
    manifest: pool({ ports: [game, { ...game, name: 'query' }] }),
    says: ['spec.ports', 'same containerPort and protocol'],
  },
  {
    why: 'TCPUDP over UDP',
    manifest: pool({ ports: [game, { ...game, name: 'both', protocol: 'TCPUDP' }] }),
    says: ['spec.ports', 'TCPUDP counts as both'],
  },
  {
    why: 'port 0',
    manifest: pool({ ports: [{ ...game, containerPort: 0 }] }),
    says: ['spec.ports[0].containerPort', 'greater than or equal to 1'],
  },
  {
    why: 'port 65536',
    manifest: pool({ ports: [{ ...game, containerPort: 65_536 }] }),
    says: ['spec.ports[0].containerPort', 'less than or equal to 65535'],
  },
  {
    why: 'unknown protocol',
    manifest: pool({ ports: [{ ...game, protocol: 'QUIC' }] }),
    says: ['spec.ports[0].protocol', '"TCPUDP"'],
  },
  {
    why: 'too many ports',
    manifest: pool({
      ports: Array.from({ length: 17 }, (_, i) => ({ name: `p${i}`, containerPort: i + 1 })),
    }),
    says: ['spec.ports', 'at most 16 items'],
  },
  ...(
    [
      ['a Static port without hostPort', { policy: 'Static' }, 'hostPort', 'policy Static needs a hostPort'],
      ['a hostPort of a Dynamic port', { hostPort: 7777 }, 'hostPort', 'or remove hostPort'],
      [
        'a Passthrough port with containerPort',
        { policy: 'Passthrough' },
        'containerPort',
        'remove containerPort',
      ],
      [
        'no containerPort',
        { containerPort: undefined },
        'containerPort',
        'policy Passthrough alone has none',
      ],
      ['a range of a port without host port', { policy: 'None', range: 'a' }, 'range', 'remove range'],
      ['an unknown policy', { policy: 'Random' }, 'policy', '"Passthrough"'],
    ] as const
  ).map(([why, fields, field, advice]): Invalid => ({
    why,
    manifest: pool({ ports: [{ ...game, ...fields }] }),
    says: [`spec.ports[0].${field}`, advice],
  })),
  {
    why: 'one hostPort for two ports',
    manifest: pool({
      ports: ['a', 'b'].map((name, i) => ({ name, containerPort: 1 + i, hostPort: 9, policy: 'Static' })),
    }),
    says: ['spec.ports', 'same hostPort and protocol'],
  },
  {
    why: 'a load balancer without ports',
    manifest: pool({ network: { service: 'LoadBalancer' } }),
    says: ['spec.network.service', 'name in spec.ports those that it is to reach'],
  },
  {
    why: 'an unknown kind of Service',
    manifest: pool({ ports: [game], network: { service: 'Ingress' } }),
    says: ['spec.network.service', '"Headless"'],
  },
];
