import { describe, expect, test } from 'vitest';
import { CHECKOUT } from './checkout.ts';
import { ClusterPaths } from './paths.ts';

describe('ClusterPaths', () => {
  const own = new ClusterPaths('demo');
  const other = new ClusterPaths('demo', '/home/player/proffer');

  test('two checkouts share no folder, lock or slot, though they use one name', () => {
    expect(own.checkout).toBe(CHECKOUT);
    expect(other.dir).not.toBe(own.dir);
    expect(other.id).not.toBe(own.id);
    expect(other.owner).toBe('demo /home/player/proffer');
  });

  test('a cluster is found again by its owner, also of a checkout whose path has spaces', () => {
    const spaced = new ClusterPaths('demo', '/home/a player/proffer');
    for (const paths of [own, other, spaced]) expect(ClusterPaths.of(paths.owner)).toEqual(paths);
  });

  test.each(['', 'demo', 'demo proffer'])('"%s" names no cluster', (owner) => {
    expect(ClusterPaths.of(owner)).toBeUndefined();
  });
});
