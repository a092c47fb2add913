import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PortRanges } from './port-ranges.ts';
import { hostPortsOf, NodePorts, portsClash, type HostPort } from './ports.ts';

const udp = (port: number, ip = ''): HostPort => ({ port, protocol: 'UDP', ip });
const tcp = (port: number, ip = ''): HostPort => ({ port, protocol: 'TCP', ip });
const plain = (first: number, last: number) => new PortRanges({ default: { first, last } });
/** The numbers that so many ports of the plain range get, on a copy. */
const drawn = (ports: NodePorts, count: number) =>
  ports
    .clone()
    .draw(
      Array.from({ length: count }, () => ({})),
      1,
    )
    ?.map(({ port }) => port);
const both = (port: number): HostPort => ({ port, protocol: 'TCPUDP', ip: '' });

test.each([
  ['the same number and protocol clash', udp(7000), udp(7000), true],
  ['another number does not', udp(7000), udp(7001), false],
  ['another protocol does not', udp(7000), tcp(7000), false],
  ['both protocols clash with each', both(7000), tcp(7000), true],
  ['both protocols clash with each, from either side', udp(7000), both(7000), true],
  ['two addresses do not clash', udp(7000, '10.0.0.1'), udp(7000, '10.0.0.2'), false],
  ['the same address clashes', udp(7000, '10.0.0.1'), udp(7000, '10.0.0.1'), true],
  ['every address clashes with one', udp(7000), udp(7000, '10.0.0.1'), true],
  ['0.0.0.0 is every address', udp(7000, '10.0.0.1'), udp(7000, '0.0.0.0'), true],
])('%s', (_, a, b, clash) => {
  expect(portsClash(a, b)).toBe(clash);
  expect(portsClash(b, a)).toBe(clash);
});

test('host ports of a Pod are those of its containers and sidecars, not of its init containers', () => {
  const port = (hostPort: number, more = {}) => ({ containerPort: 1, hostPort, ...more });
  const containers = [
    { name: 'a', ports: [port(80), port(81, { protocol: 'UDP', hostIP: '10.0.0.1' }), { containerPort: 5 }] },
    { name: 'b', ports: [port(0)] },
  ];
  const initContainers = [
    { name: 'side', restartPolicy: 'Always', ports: [port(82)] },
    { name: 'init', ports: [port(83)] },
  ];
  expect(hostPortsOf({ containers, initContainers })).toEqual([tcp(80), udp(81, '10.0.0.1'), tcp(82)]);
  expect(
    hostPortsOf({ containers: [{ name: 'a', ports: [{ containerPort: 5 }] }], hostNetwork: true }),
  ).toEqual([tcp(5)]);
});

describe('the ports of a node', () => {
  test('count the numbers of the range, each once', () => {
    const ports = new NodePorts(plain(7000, 7004));
    for (const port of [udp(7000), tcp(7000), udp(7004), udp(6999), udp(7005)]) ports.take(port);
    expect(ports.free).toBe(3);
    expect(drawn(ports, 3)).toEqual([7001, 7002, 7003]);
    expect(drawn(ports, 4)).toBeUndefined();
    expect(drawn(ports, 0)).toEqual([]);
    expect(ports.clashesWith([tcp(7001), tcp(7000)])).toBe(true);
    expect(ports.clashesWith([tcp(7004)])).toBe(false);
    const one = ports.ranges.needs([{}]);
    expect(ports.fit(one, undefined, [tcp(7001), udp(7001), udp(7000), udp(80)])).toBe(2);
    expect(ports.fit(one, one)).toBe(2);
  });

  test('that failed lately come after all others, the one that did so longest ago first', () => {
    const failed = new Map([
      [7000, 2000],
      [7002, 1000],
    ]);
    const ports = new NodePorts(plain(7000, 7003), failed);
    expect([drawn(ports, 1), drawn(ports, 4)]).toEqual([[7001], [7001, 7003, 7002, 7000]]);
    ports.take(udp(7001));
    expect(drawn(ports, 2)).toEqual([7003, 7002]);
  });

  test('a number that two hold is free when both gave it back', () => {
    const ports = new NodePorts(plain(7000, 7000));
    const [a, b] = [udp(7000), tcp(7000)];
    ports.take(a);
    ports.take(b);
    ports.give(a);
    expect([ports.free, ports.clashesWith([udp(7000)]), ports.clashesWith([tcp(7000)])]).toEqual([
      0,
      false,
      true,
    ]);
    ports.give(b);
    expect([ports.free, ports.held]).toEqual([1, []]);
  });

  const anyPort = fc.record({
    port: fc.integer({ min: 6998, max: 7012 }),
    protocol: fc.constantFrom('UDP', 'TCP'),
    ip: fc.constantFrom('', '10.0.0.1'),
  });
  const range = plain(7000, 7009);

  test('a copy changes by itself, and giving back undoes taking', () => {
    fc.assert(
      fc.property(fc.array(anyPort), fc.array(anyPort), (kept, tried) => {
        const ports = new NodePorts(range);
        for (const port of kept) ports.take(port);
        const free = ports.free;
        const copy = ports.clone();
        for (const port of tried) copy.take(port);
        expect([ports.free, ports.held]).toEqual([free, kept]);
        const inRange = new Set([...kept, ...tried].map((p) => p.port).filter((n) => n >= 7000 && n <= 7009));
        expect(copy.free).toBe(10 - inRange.size);
        for (const port of tried.toReversed()) copy.give(port);
        expect([copy.free, copy.held]).toEqual([free, kept]);
      }),
    );
  });
});
