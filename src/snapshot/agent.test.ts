import { expect, test } from 'vitest';
import { aNode, ago } from '../../test/builders/index.ts';
import { parseTime } from '../lib/time.ts';
import { agentFacts } from './agent.ts';

test('an agent offers what is allocatable, to the byte', () => {
  const node = aNode('n1').cpu('3920m').memory('16300000Ki').resource('nvidia.com/gpu', '2').pods(58).build();
  expect(agentFacts(node)).toMatchObject({
    key: 'n1',
    uid: 'uid-node-n1',
    allocatable: {
      cpu: 3920,
      memory: 16300000 * 1024,
      'ephemeral-storage': 100 * 2 ** 30,
      pods: 58,
      'nvidia.com/gpu': 2,
    },
    labels: { 'kubernetes.io/hostname': 'n1' },
    ready: 'True',
    pressures: [],
    taints: [],
    unschedulable: false,
    deleting: false,
  });
});

test('an agent has the troubles that its conditions tell of', () => {
  const node = aNode('n1')
    .notReady(60, 'Unknown')
    .pressure('DiskPressure')
    .pressure('NetworkUnavailable')
    .taint('gpu', 'NoExecute')
    .cordoned()
    .deleting()
    .build();
  expect(agentFacts(node)).toMatchObject({
    ready: 'Unknown',
    readySince: parseTime(ago(60)),
    pressures: ['DiskPressure', 'NetworkUnavailable'],
    taints: [{ key: 'gpu', effect: 'NoExecute' }],
    unschedulable: true,
    deleting: true,
  });
  const well = { ...node, status: { conditions: [{ type: 'DiskPressure', status: 'False' }] } };
  expect(agentFacts(well).pressures).toEqual([]);
});

test('a Node that just registered offers nothing and is of unknown health', () => {
  expect(agentFacts({ metadata: { name: 'new' }, spec: { taints: null } })).toMatchObject({
    allocatable: {},
    ready: 'Missing',
    readySince: 0,
    taints: [],
  });
});
