import { expect, test } from 'vitest';
import { Story } from './story.test-helper.ts';

test('an agent without MULTI_ROLE or HIERARCHICAL_ROLE is not for roles, or not for nested ones', () => {
  const story = new Story();
  story.framework('top', 'a');
  story.framework('nested', 'b/c');
  expect(story.agent('none', 'cpus:1;mem:100', { capabilities: [] }).offers).toEqual([]);
  const flat = story.agent('flat', 'cpus:1;mem:100', { capabilities: ['MULTI_ROLE'] });
  expect(flat.offers).toEqual(['top a flat cpus:1;mem:100']);
  const both = story.agent('both', 'cpus:1;mem:100', { capabilities: ['MULTI_ROLE', 'HIERARCHICAL_ROLE'] });
  expect(both.offers).toEqual(['nested b/c both cpus:1;mem:100']);
});

test('gpus are for those that can use them, unless that is switched off', () => {
  const offers = (filterGpuResources: boolean, capabilities: readonly 'GPU_RESOURCES'[]) => {
    const story = new Story({ filterGpuResources });
    story.framework('F', 'a', { capabilities });
    return story.agent('A', 'cpus:1;mem:100;gpus:1').offers.length;
  };
  expect([offers(true, []), offers(true, ['GPU_RESOURCES']), offers(false, [])]).toEqual([0, 1, 1]);
});

test('agents of another region are for those that know of regions', () => {
  const offers = (region: string, capabilities: readonly 'REGION_AWARE'[]) => {
    const story = new Story({ region: 'eu' });
    story.framework('F', 'a', { capabilities });
    return story.agent('A', 'cpus:1;mem:100', { region }).offers.length;
  };
  expect([offers('eu', []), offers('us', []), offers('us', ['REGION_AWARE'])]).toEqual([1, 0, 1]);
});
