import { expect, test } from 'vitest';
import type { Quantities } from '../resources/quantities.ts';
import { parseResources } from '../resources/resources.ts';
import { launch, Story } from './story.test-helper.ts';

const written = (quantities: Quantities): string =>
  [...quantities].map(([name, amount]) => `${name}:${amount / 1000}`).join(';');

const lines = (story: Story): string[] =>
  story.engine.roles().map((report) => {
    const { role, weight, share, frameworks, filters } = report;
    const amounts = (
      ['guarantee', 'limit', 'reserved', 'allocated', 'offered', 'consumed', 'lacking'] as const
    )
      .filter((name) => report[name].size > 0)
      .map((name) => `${name} ${written(report[name])}`);
    return [
      role,
      `weight ${weight}`,
      `share ${share}`,
      frameworks.join('+'),
      ...amounts,
      `filters ${filters}`,
    ].join(' | ');
  });

test('a role report shows share, what is in use, offered, reserved and lacking, subtrees included', () => {
  const story = new Story();
  story.tell({ kind: 'weight', role: 'a', weight: 2 });
  story.framework('F1', 'a/x');
  story.agent('A1', 'cpus:4;cpus(a):1;mem:64');
  story.accept('F1 a/x A1', [launch(['t', 'cpus:2;cpus(a):1'])], { refuseSeconds: 100 });
  story.agent('A2', 'cpus:2');
  story.quota('a', 'cpus:6', 'cpus:8;mem:0');
  expect(lines(story)).toEqual([
    'a | weight 2 | share null |  | guarantee cpus:6 | limit cpus:8;mem:0 | reserved cpus:1 | allocated cpus:3 | offered cpus:2 | consumed cpus:5 | lacking cpus:1 | filters 0',
    'a/x | weight 1 | share 0.7142857142857143 | F1 | allocated cpus:3 | offered cpus:2 | consumed cpus:4 | filters 1',
  ]);
});

test('a role is there as long as something keeps it', () => {
  const story = new Story();
  const roles = () => story.engine.roles().map(({ role }) => role);
  story.tell({ kind: 'weight', role: 'w/x', weight: 2 });
  story.quota('q', '', 'cpus:1');
  story.agent('A1', 'cpus(r/s):1;cpus:1');
  story.framework('F1', 'f/g');
  expect(roles()).toEqual(['f', 'f/g', 'q', 'r', 'r/s', 'w', 'w/x']);
  story.tell({ kind: 'weight', role: 'w/x', weight: 1 });
  expect(roles()).toEqual(['f', 'f/g', 'q', 'r', 'r/s']);
  story.quota('q', '', '');
  expect(roles()).toEqual(['f', 'f/g', 'r', 'r/s']);
  story.tell({ kind: 'updateAgent', id: 'A1', total: parseResources('cpus:1', '') });
  expect(roles()).toEqual(['f', 'f/g']);
  story.tell({ kind: 'removeFramework', framework: 'F1' });
  expect(roles()).toEqual([]);
});
