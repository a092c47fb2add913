import type { PoolPort } from '../../api/pool/port.ts';
import { REASON } from '../../api/conditions.ts';
import { listed } from '../../lib/bounded-text.ts';
import type { Hold } from '../../snapshot/hold.ts';
import { covers, DEFAULT_RANGE, type PortRanges } from '../../snapshot/port-ranges.ts';
import { NodePorts } from '../../snapshot/ports.ts';
import type { TaskShape } from '../../snapshot/workload.ts';

/** Holds a pool whose ports no node can give, however empty it is; undefined when some can. */
export function portHold({ ports, dynamicPorts }: TaskShape, ranges: PortRanges): Hold | undefined {
  const trouble =
    unknownRange(dynamicPorts, ranges) ?? tooMany(dynamicPorts, ranges) ?? inTheWay(ports, ranges);
  return trouble === undefined ? undefined : { reason: REASON.unsupported, message: trouble };
}

function unknownRange(ports: readonly PoolPort[], ranges: PortRanges): string | undefined {
  const port = ports.find((each) => ranges.indexOf(each) < 0);
  if (port === undefined) return undefined;
  return (
    `spec.ports[${port.name}].range: the operator has no range of host ports named ${port.range}: ` +
    `name one of ${listed(ranges.names)}, or give it to the operator by --port-ranges`
  );
}

function tooMany(ports: readonly PoolPort[], ranges: PortRanges): string | undefined {
  const needs = ranges.needs(ports);
  if (new NodePorts(ranges).fit(needs) > 0) return undefined;
  const { first, last } = ranges.spans.find((span, s) => span.last - span.first + 1 < needs[s]!)!;
  return `spec.ports: asks for more host ports than there are from ${first} to ${last}: remove some, or name another range`;
}

/** Inside the container a port that takes its number from the offer must not get one that another port has. */
function inTheWay(ports: readonly PoolPort[], ranges: PortRanges): string | undefined {
  const passing = ports.filter(({ policy }) => policy === 'Passthrough');
  for (const { name, containerPort } of ports) {
    const through = passing.find((each) => {
      const range = ranges.ranges[ranges.indexOf(each)]!;
      return containerPort !== undefined && covers(range, containerPort);
    });
    if (through !== undefined)
      return (
        `spec.ports[${name}].containerPort: ${containerPort} lies in the range ${through.range ?? DEFAULT_RANGE}, ` +
        `from which ${through.name} gets its container port: choose a number outside of it`
      );
  }
  return undefined;
}
