import { describe, expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { Story } from './story.test-helper.ts';

/** Roles q (framework Q) and n (framework N), with runs only when the story says so. */
function paused(options = {}): Story {
  const story = new Story(options);
  story.tell({ kind: 'pause' });
  story.framework('Q', 'q');
  story.framework('N', 'n');
  return story;
}
const settle = (story: Story): string[] => {
  const { offers } = story.tell({ kind: 'resume' });
  story.tell({ kind: 'pause' });
  return offers.toSorted();
};

describe('a guarantee', () => {
  test('is served first, whatever the shares', () => {
    const story = paused();
    story.quota('q', 'cpus:2;mem:64', '');
    story.agent('A1', 'cpus:4;mem:128', { used: { Q: { q: 'cpus:1;mem:32' } } });
    expect(settle(story)).toEqual(['Q q A1 cpus:3;mem:96']);
  });

  test('brings along what the role has no guarantee for, and bursts up to the limit', () => {
    const story = paused();
    story.quota('q', 'cpus:1', '');
    story.agent('A1', 'cpus:4;mem:128;disk:10;ports:[1-9]');
    expect(settle(story)).toEqual(['Q q A1 cpus:4;mem:128;disk:10;ports:[1-9]']);
    const limited = paused();
    limited.quota('q', 'cpus:1', 'cpus:2');
    limited.agent('A1', 'cpus:4;mem:128;ports:[1-9]');
    expect(settle(limited)).toEqual(['N n A1 cpus:2', 'Q q A1 cpus:2;mem:128;ports:[1-9]']);
  });

  test('is cut out of a larger agent where the rest must be kept back for another guarantee', () => {
    const story = paused();
    story.framework('P', 'p');
    story.quota('q', 'cpus:1', '');
    story.quota('p', 'cpus:3', '');
    story.agent('A1', 'cpus:4;mem:64');
    expect(settle(story)).toEqual(['P p A1 cpus:3;mem:64', 'Q q A1 cpus:1']);
  });

  test('holds back as much from others as it still lacks, wherever that is', () => {
    const story = paused();
    story.tell({ kind: 'suppress', framework: 'Q' });
    story.quota('q', 'cpus:3', '');
    story.agent('A1', 'cpus:2;mem:64');
    story.agent('A2', 'cpus:2;mem:64');
    const offers = settle(story);
    const cpus = offers.map((offer) => /cpus:(\d)/.exec(offer)?.[1] ?? '0');
    expect(cpus.map(Number).reduce((a, b) => a + b, 0)).toBe(1);
    expect(offers.every((offer) => offer.includes('mem:64'))).toBe(true);
  });

  test('is fulfilled by reservations too, used or not', () => {
    const story = paused();
    story.tell({ kind: 'suppress', framework: 'Q' });
    story.quota('q', 'cpus:3', '');
    story.agent('A1', 'cpus:2;cpus(q):2;mem:64');
    expect(settle(story)).toEqual(['N n A1 cpus:1;mem:64']);
  });

  test('of a role without frameworks is held back all the same', () => {
    const story = paused();
    story.quota('nobody', 'cpus:2', '');
    story.agent('A1', 'cpus:3');
    expect(settle(story)).toHaveLength(1);
    expect(story.outstanding[0]).toMatch(/ A1 cpus:1$/);
  });

  test('wins over the headroom when all guarantees together exceed the cluster', () => {
    const story = paused();
    story.quota('q', 'cpus:8', '');
    story.quota('nobody', 'cpus:8', '');
    story.agent('A1', 'cpus:4');
    expect(settle(story)).toEqual(['Q q A1 cpus:4']);
  });

  test('does not count what is used by frameworks of the subtree that have not subscribed yet', () => {
    const story = paused();
    story.quota('q', 'cpus:2', 'cpus:2');
    story.agent('A1', 'cpus:4', { used: { later: { q: 'cpus:2' } } });
    expect(settle(story)).toEqual(['Q q A1 cpus:2']);
  });

  test('does not lead to revocable or reserved resources of others', () => {
    const story = paused();
    story.quota('q', 'cpus:2', '');
    story.agent('A1', 'cpus{REV}:4;cpus(n):4;mem:64');
    expect(settle(story)).toEqual(['N n A1 cpus(n):4;mem:64']);
  });
});

describe('a limit', () => {
  test('cuts what a role is offered, and only the names that it names; the rest is for others', () => {
    const story = new Story();
    story.framework('Q', 'q');
    story.framework('R', 'r');
    story.quota('q', '', 'cpus:1');
    expect(story.agent('A1', 'cpus:3;mem:64').offers).toEqual(['Q q A1 cpus:1;mem:64', 'R r A1 cpus:2']);
  });

  test('of zero means nothing, an absent name anything', () => {
    const story = new Story();
    story.framework('Q', 'q');
    story.quota('q', '', 'cpus:0');
    expect(story.agent('A1', 'cpus:3;mem:64').offers).toEqual(['Q q A1 mem:64']);
  });

  test('counts reservations, yet never keeps them from the role', () => {
    const story = new Story();
    story.framework('Q', 'q');
    story.quota('q', '', 'cpus:2');
    expect(story.agent('A1', 'cpus:4;cpus(q):1').offers).toEqual(['Q q A1 cpus:1;cpus(q):1']);
    expect(story.agent('A2', 'cpus:4;cpus(q):5').offers).toEqual(['Q q A2 cpus(q):5']);
  });

  test('leaves revocable resources, ports and sets free', () => {
    const story = new Story();
    story.framework('Q', 'q', { capabilities: ['REVOCABLE_RESOURCES'] });
    story.quota('q', '', 'cpus:1;mem:0');
    expect(story.agent('A1', 'cpus:4;cpus{REV}:2;mem:64;ports:[1-3];zones:{x}').offers).toEqual([
      'Q q A1 cpus:1;cpus{REV}:2;ports:[1-3];zones:{x}',
    ]);
    expect(story.agent('A2', 'cpus:4;cpus{REV}:2;ports:[1-3]').offers).toEqual([
      'Q q A2 cpus{REV}:2;ports:[1-3]',
    ]);
  });

  test('drops a disk that only comes whole and is too large, and takes one that fits', () => {
    const story = new Story({ minAllocatable: [] });
    story.framework('Q', 'q');
    story.quota('q', '', 'disk:60');
    expect(story.agent('A1', 'disk{MOUNT}:100;disk{MOUNT}:50;disk{PATH}:30').offers[0]).toMatch(
      /^Q q A1 (disk\{MOUNT\}:50;disk\{PATH\}:10|disk\{PATH\}:30)$/,
    );
  });

  test('holds over nested roles only with the switch; Mesos charges them and lets them go on', () => {
    const nested = (nestedLimits: boolean) => {
      const story = new Story({ nestedLimits });
      story.framework('F', 'q/sub');
      story.quota('q', '', 'cpus:1');
      return story.agent('A1', 'cpus:3').offers;
    };
    expect(nested(false)).toEqual(['F q/sub A1 cpus:3']);
    expect(nested(true)).toEqual(['F q/sub A1 cpus:1']);
  });

  test('what a nested role has counts against its parent from the next run on', () => {
    const story = new Story();
    story.framework('F', 'q/sub');
    story.quota('q', '', 'cpus:2');
    story.agent('A1', 'cpus:2');
    story.framework('Q', 'q');
    expect(story.agent('A2', 'cpus:2;mem:64').offers).toEqual(['Q q A2 mem:64', 'F q/sub A2 cpus:2']);
  });

  test('of a nested role needs the switch, its guarantee is refused with it too', () => {
    expect(() => new Story().quota('q/sub', '', 'cpus:1')).toThrow('quota.role: "q/sub" is nested');
    const story = new Story({ nestedLimits: true });
    expect(() => story.quota('q/sub', 'cpus:1', 'cpus:1')).toThrow('nested ones a limit');
    story.quota('q/sub', '', 'cpus:1');
    story.framework('F', 'q/sub/deep');
    expect(story.agent('A1', 'cpus:3').offers).toEqual(['F q/sub/deep A1 cpus:1']);
  });
});

describe('a change of quota', () => {
  test('withdraws offers of the role until its limit holds', () => {
    const story = new Story();
    story.framework('Q', 'q');
    for (const id of ['A1', 'A2', 'A3']) story.agent(id, 'cpus:2');
    expect(story.quota('q', '', 'cpus:3').rescinded).toEqual(['Q q A1 cpus:2 quota', 'Q q A2 cpus:2 quota']);
    expect(story.outstanding).toEqual(['Q q A3 cpus:2']);
    expect(story.batch().offers).toHaveLength(1);
  });

  test("withdraws other roles' offers, agent by agent, until the guarantee can be met", () => {
    const story = new Story();
    story.framework('N', 'n');
    for (const id of ['A1', 'A2', 'A3']) story.agent(id, 'cpus:2;mem:64');
    expect(story.quota('q', 'cpus:3', '').rescinded).toEqual([
      'N n A1 cpus:2;mem:64 quota',
      'N n A2 cpus:2;mem:64 quota',
    ]);
    expect(story.outstanding).toEqual(['N n A3 cpus:2;mem:64']);
  });

  test('to nothing lifts it, withdraws nothing and brings no run', () => {
    const story = new Story();
    story.framework('Q', 'q');
    story.quota('q', '', 'cpus:1');
    story.agent('A1', 'cpus:2');
    expect(story.quota('q', '', '')).toMatchObject({ rescinded: [], offers: [] });
    expect(story.batch().offers).toEqual(['Q q A1 cpus:1']);
  });

  test('is refused when the guarantee is over the limit; when checked, when it cannot be', () => {
    const story = new Story();
    expect(() => story.quota('q', 'cpus:3', 'cpus:2')).toThrow(
      'quota.guarantee: cpus:3 is over its limit of 2',
    );
    story.agent('A1', 'cpus:4;cpus{REV}:8', { used: { Q: { q: 'cpus:2' } } });
    story.framework('Q', 'q', { suppressed: ['q'] });
    expect(() => story.quota('q', '', 'cpus:1', true)).toThrow('quota.limit: cpus:1 is under what q uses, 2');
    story.quota('p', 'cpus:3', '', true);
    expect(() => story.quota('q', 'cpus:2', '', true)).toThrow(
      'quota.guarantee: all guarantees of cpus sum to 5, the cluster has 4',
    );
    story.quota('q', 'cpus:2', '');
  });
});

test('a guarantee that a declined agent cannot meet is met by another', () => {
  const story = new Story();
  story.framework('Q', 'q');
  story.quota('q', 'cpus:1', 'cpus:1');
  story.agent('A1', 'cpus:1');
  story.decline('Q q A1 cpus:1', 1000);
  expect(story.agent('A2', 'cpus:1').offers).toEqual(['Q q A2 cpus:1']);
  expect(story.framework('N', 'n').offers).toEqual(['N n A1 cpus:1']);
});

test('room that a returned reservation leaves is offered again, though the agent itself did not change', () => {
  const story = new Story();
  story.framework('Q', 'q');
  story.quota('q', '', 'cpus:2');
  story.agent('A1', 'cpus(q):2');
  story.agent('A2', 'cpus:2;mem:64');
  expect(story.outstanding).toEqual(['Q q A1 cpus(q):2', 'Q q A2 mem:64']);
  story.decline('Q q A2 mem:64', 1000);
  expect(story.batch().offers).toEqual([]);
  story.decline('Q q A1 cpus(q):2', 1000);
  story.tell({
    kind: 'reserve',
    agent: 'A1',
    from: parseResources('cpus(q):2', ''),
    to: parseResources('cpus:2', ''),
  });
  expect(story.batch().offers.toSorted()).toEqual(['Q q A1 cpus:2']);
});

test('a guarantee that is met within a run lifts the headroom for agents that were refused because of it', () => {
  const story = new Story({ minAllocatable: [] });
  story.quota('q', 'cpus:1', '');
  story.framework('N', 'n');
  story.agent('A1', 'cpus:2');
  // What was lost of the agent while it was in use makes the disk's headroom zero, though 80 are free.
  story.agent('A2', 'disk:20;disk{MOUNT}:80');
  story.tell({ kind: 'updateAgent', id: 'A2', total: parseResources('disk:100', '') });
  expect(story.outstanding).toEqual(['N n A1 cpus:1', 'N n A2 disk:20;disk{MOUNT}:80']);
  expect(story.batch().offers).toEqual([]);
  const minAllocatable = { q: [new Map([['cpus', 10]])] };
  expect(story.framework('Q', 'q', { minAllocatable }).offers.toSorted()).toEqual([
    'N n A2 disk:80',
    'Q q A1 cpus:1',
  ]);
});
