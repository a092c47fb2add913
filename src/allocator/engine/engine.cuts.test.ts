import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatResources, parseResources, Resources } from '../resources/resources.ts';
import { Story } from './story.test-helper.ts';

const AGENT = 'cpus:4;mem:4096;ports:[1-100]';

/** What F1 in role a is offered of one agent. */
function offered(guarantee: string, limit: string, total: string, proportionalCuts = true): string {
  const story = new Story({ proportionalCuts, minAllocatable: [] });
  story.quota('a', guarantee, limit);
  story.agent('A1', total);
  return story.framework('F1', 'a').offers.join().replace('F1 a A1 ', '');
}

describe('what quota cuts of an agent', () => {
  test('takes everything else along in Mesos', () => {
    expect(offered('', 'cpus:1', AGENT, false)).toBe('cpus:1;mem:4096;ports:[1-100]');
  });

  test('takes the same part of everything else', () => {
    expect(offered('', 'cpus:1', AGENT)).toBe('cpus:1;mem:1024;ports:[1-25]');
    expect(offered('', 'cpus:1', 'cpus:4;zones:{p,q,r,s}')).toBe('cpus:1;zones:{p}');
  });

  test('keeps a port, a member and a GPU for the one task that has room', () => {
    expect(offered('', 'cpus:1', 'cpus:8;mem:8192;ports:[1-4];zones:{p,q}')).toBe(
      'cpus:1;mem:1024;ports:[1-1];zones:{p}',
    );
    const story = new Story({ proportionalCuts: true, minAllocatable: [] });
    story.quota('a', '', 'cpus:1');
    story.agent('A1', 'cpus:8;gpus:2');
    expect(story.framework('F1', 'a', { capabilities: ['GPU_RESOURCES'] }).offers).toEqual([
      'F1 a A1 cpus:1;gpus:1',
    ]);
  });

  test('goes by the least part where several are cut', () => {
    expect(offered('', 'cpus:3;mem:1024', AGENT)).toBe('cpus:1;mem:1024;ports:[1-25]');
  });

  test('is nothing at all where a limit is reached', () => {
    const story = new Story({ proportionalCuts: true });
    story.quota('a', '', 'cpus:1');
    story.agent('A1', AGENT, { used: { F1: { a: 'cpus:1;mem:1' } } });
    expect(story.framework('F1', 'a').offers).toEqual([]);
    expect(story.framework('F2', 'b').offers).toEqual(['F2 b A1 cpus:3;mem:4095;ports:[1-100]']);
  });

  test('does not go by a name that the role must not have', () => {
    expect(offered('', 'disk:0', 'cpus:4;mem:64;disk:100')).toBe('cpus:4;mem:64');
  });

  test('never cuts what a guarantee needs', () => {
    expect(offered('cpus:3', 'cpus:3;mem:1024', AGENT)).toBe('cpus:3;mem:1024;ports:[1-25]');
  });

  test('leaves reservations, what may be revoked, and whole gpus alone', () => {
    const total = 'cpus:4;cpus(a):1;ports(a):[1-9];cpus{REV}:8;gpus:3';
    const story = new Story({ proportionalCuts: true, minAllocatable: [] });
    story.quota('a', '', 'cpus:3');
    story.agent('A1', total);
    const capabilities = ['GPU_RESOURCES', 'REVOCABLE_RESOURCES'] as const;
    // The reservation counts against the limit.
    expect(story.framework('F1', 'a', { capabilities }).offers).toEqual([
      'F1 a A1 cpus:2;cpus{REV}:8;cpus(a):1;gpus:1;ports(a):[1-9]',
    ]);
  });

  test('keeps the shape for a guarantee of others that is not met', () => {
    const story = new Story({ proportionalCuts: true });
    story.quota('prod', 'cpus:3', '');
    story.agent('A1', AGENT);
    expect(story.framework('F1', 'a').offers).toEqual(['F1 a A1 cpus:1;mem:1024;ports:[1-25]']);
    expect(story.framework('F2', 'prod').offers).toEqual(['F2 prod A1 cpus:3;mem:3072;ports:[26-100]']);
  });
});

test('no offer that was cut takes the last port of an agent or leaves memory without CPUs', () => {
  const limits = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 3000 }));
  fc.assert(
    fc.property(
      limits,
      fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 }),
      fc.nat(99),
      ([cpus, mem], sizes, seed) => {
        const story = new Story({ proportionalCuts: true, minAllocatable: [], seed });
        story.quota('a', '', `cpus:${cpus};mem:${mem}`);
        story.quota('b', `cpus:${(cpus * 7) % 11}`, '');
        for (const [i, size] of sizes.entries()) {
          story.agent(`A${i}`, `cpus:${size};mem:${size * 100};ports:[1-${size * 10}]`);
        }
        story.framework('F1', 'a');
        story.framework('F2', 'c');
        for (const [i, size] of sizes.entries()) {
          const total = parseResources(`cpus:${size};mem:${size * 100};ports:[1-${size * 10}]`, '');
          const mine = story.engine.outstanding().filter(({ agent }) => agent === `A${i}`);
          const left = mine.reduce((free, { resources }) => free.minus(resources), total);
          const names = new Set(left.items.map(({ kind }) => kind.name));
          // All of it or nothing, in that of three thousandths and of single ports something may be over.
          if (names.size > 0) expect([formatResources(left), names.size]).toEqual([formatResources(left), 3]);
          else expect(left).toBe(Resources.empty);
        }
      },
    ),
  );
});
