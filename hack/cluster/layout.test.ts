import { describe, expect, test } from 'vitest';
import { ClusterError } from './errors.ts';
import { assertClusterName, layoutOf, MAX_REAL_NODES, nodeLayoutOf, SLOTS } from './layout.ts';

const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
const toNumber = (address: string): number =>
  address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

describe('layoutOf', () => {
  test('no two slots share a port, an address range or a link name', () => {
    const layouts = slots.map(layoutOf);
    const ports = layouts.flatMap((layout) => Object.values(layout.ports));
    expect(new Set(ports).size).toBe(ports.length);
    expect(new Set(layouts.map((layout) => layout.podRange)).size).toBe(SLOTS);
    expect(new Set(layouts.map((layout) => layout.bridge)).size).toBe(SLOTS);
  });

  test('all addresses lie in the range kept for tests, and slots do not overlap', () => {
    const low = toNumber('198.18.0.0');
    const high = toNumber('198.19.255.255');
    for (const slot of slots) {
      const layout = layoutOf(slot);
      const first = toNumber(layout.gateway) - 1;
      expect(first).toBe(low + slot * 32 * 256);
      expect(toNumber(layout.apiService) + 8 * 256 - 2).toBeLessThanOrEqual(high);
      expect(toNumber(layout.apiService)).toBeLessThan(first + 32 * 256);
    }
  });

  test('ports stay below the range from which the kernel takes ephemeral ports', () => {
    for (const slot of slots)
      for (const port of Object.values(layoutOf(slot).ports)) expect(port).toBeLessThan(32_768);
  });
});

describe('nodeLayoutOf', () => {
  test('nodes have ranges of their own, apart from the nodes and Services ranges', () => {
    const layout = layoutOf(SLOTS - 1);
    const nodes = Array.from({ length: MAX_REAL_NODES }, (_, index) => nodeLayoutOf(layout, index + 1));
    const ranges = [layout.nodeRange, layout.serviceRange, ...nodes.map((node) => node.podRange)];
    expect(new Set(ranges).size).toBe(ranges.length);
    expect(toNumber(nodes.at(-1)?.podGateway ?? '')).toBeLessThan(toNumber(layout.apiService));
  });

  test('a link name fits the kernel, which takes 15 bytes', () => {
    expect(nodeLayoutOf(layoutOf(SLOTS - 1), MAX_REAL_NODES).link.length).toBeLessThanOrEqual(15);
  });
});

describe('assertClusterName', () => {
  test.each(['a', 'demo', 'test-1', 'a'.repeat(30)])('takes %s', (name) => {
    expect(() => assertClusterName(name)).not.toThrow();
  });

  test.each(['', '-a', 'a-', 'A', 'a.b', '../x', '1a', 'a'.repeat(31)])(
    'refuses "%s" naming the field',
    (name) => {
      expect(() => assertClusterName(name)).toThrow(ClusterError);
      expect(() => assertClusterName(name)).toThrow(/^name: /);
    },
  );
});
