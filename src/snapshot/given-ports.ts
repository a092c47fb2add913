import type { PoolPort } from '../api/pool/port.ts';
import type { HostPort } from './ports.ts';

/** A port as a task has it. */
export interface GivenPort {
  readonly name: string;
  readonly protocol: PoolPort['protocol'];
  readonly containerPort: number;
  /** Undefined for one that has none. */
  readonly hostPort: number | undefined;
}

/** Ports whose number comes out of the offer. */
export const offeredPorts = (ports: readonly PoolPort[]): PoolPort[] =>
  ports.filter(({ policy = 'Dynamic' }) => policy === 'Dynamic' || policy === 'Passthrough');

/** Host ports that are the same on every node. */
export const staticPorts = (ports: readonly PoolPort[]): HostPort[] =>
  ports.flatMap(({ policy, hostPort, protocol }) =>
    policy === 'Static' && hostPort !== undefined ? [{ port: hostPort, protocol, ip: '' }] : [],
  );

/** The ports of one task. @param numbers of its offered ports, in their order */
export function givenPorts(ports: readonly PoolPort[], numbers: readonly number[]): GivenPort[] {
  let next = 0;
  return ports.map(({ name, protocol, policy = 'Dynamic', containerPort = 0, hostPort }): GivenPort => {
    switch (policy) {
      case 'Dynamic':
        return { name, protocol, containerPort, hostPort: numbers[next++] };
      case 'Passthrough': {
        const number = numbers[next++]!;
        return { name, protocol, containerPort: number, hostPort: number };
      }
      case 'Static':
        return { name, protocol, containerPort, hostPort };
      case 'None':
        return { name, protocol, containerPort, hostPort: undefined };
    }
  });
}
