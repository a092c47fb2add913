import { expect, test } from 'vitest';
import { aPool } from '../../../test/builders/index.ts';
import { PortRanges } from '../../snapshot/port-ranges.ts';
import { poolFacts } from './facts.ts';
import { portHold } from './port-hold.ts';

const RANGES = new PortRanges({
  default: { first: 7000, last: 8000 },
  query: { first: 27_000, last: 27_001 },
});
const game = { name: 'game', containerPort: 8303, protocol: 'UDP' };
const through = { name: 'voice', protocol: 'UDP', policy: 'Passthrough' };

test.each<[string, object[], RegExp | undefined]>([
  ['a port of the standard range', [game], undefined],
  ['a port of another range', [{ ...game, range: 'query' }], undefined],
  [
    'a range that does not exist',
    [game, { ...game, name: 'rcon', range: 'admin' }],
    /^spec\.ports\[rcon\]\.range: the operator has no range of host ports named admin: name one of default, query, /,
  ],
  [
    'more ports than the range has',
    ['a', 'b', 'c'].map((name, i) => ({ ...game, name, containerPort: i + 1, range: 'query' })),
    /^spec\.ports: asks for more host ports than there are from 27000 to 27001: /,
  ],
  [
    'ports that take no number of a range',
    ['a', 'b', 'c'].map((name) => ({ ...game, name, policy: 'None' })),
    undefined,
  ],
  ['a container port beside the range of a Passthrough port', [game, through], undefined],
  [
    'a container port in the range of a Passthrough port',
    [{ ...game, containerPort: 7777 }, through],
    /^spec\.ports\[game\]\.containerPort: 7777 lies in the range default, from which voice gets its container port: /,
  ],
])('%s', (_, ports, message) => {
  const { shape } = poolFacts(aPool('arena').field('ports', ports).build()).groups[0]!;
  const hold = portHold(shape, RANGES);
  if (message === undefined) expect(hold).toBeUndefined();
  else expect(hold).toEqual({ reason: 'UnsupportedField', message: expect.stringMatching(message) });
});
