import { expect, test } from 'vitest';
import { parseResources } from '../resources/resources.ts';
import { AgentClasses } from './agent-class.ts';
import type { AgentCapability } from './events.ts';

const agent = (total: string, region: string | null, ...capabilities: AgentCapability[]) => ({
  total: parseResources(total, 'test'),
  region,
  capabilities: new Set(capabilities),
});

test('agents that are alike are of one class, whatever their size', () => {
  const classes = new AgentClasses('eu');
  const small = classes.of(agent('cpus:1', 'eu', 'MULTI_ROLE'));
  expect(classes.of(agent('cpus:9;mem:5', null, 'MULTI_ROLE', 'RESERVATION_REFINEMENT'))).toBe(small);
  expect(small).toMatchObject({ hasGpus: false, remote: false, multiRole: true, hierarchicalRole: false });
});

test('gpus, another region and each capability make another class', () => {
  const classes = new AgentClasses('eu');
  const all = [
    agent('cpus:1', 'eu'),
    agent('cpus:1;gpus(a):1', 'eu'),
    agent('cpus:1', 'us'),
    agent('cpus:1', 'eu', 'MULTI_ROLE'),
    agent('cpus:1', 'eu', 'HIERARCHICAL_ROLE'),
    agent('gpus:1', 'us', 'MULTI_ROLE', 'HIERARCHICAL_ROLE'),
    agent('gpus:1', 'us', 'MULTI_ROLE'),
    agent('gpus:1', 'us'),
  ].map((each) => classes.of(each));
  expect(new Set(all).size).toBe(8);
  expect(all.map(({ hasGpus, remote }) => [hasGpus, remote]).slice(0, 3)).toEqual([
    [false, false],
    [true, false],
    [false, true],
  ]);
  expect(all[5]).toMatchObject({ hasGpus: true, remote: true, multiRole: true, hierarchicalRole: true });
});

test('without a region of the master no agent is remote', () => {
  expect(new AgentClasses(null).of(agent('cpus:1', 'us')).remote).toBe(false);
});
