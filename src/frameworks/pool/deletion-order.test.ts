import { expect, test } from 'vitest';
import { aPod, aPool, type PodBuilder } from '../../../test/builders/index.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import { createPodReader } from '../../snapshot/task.ts';
import { deletionOrder, mayGo } from './deletion-order.ts';

const read = createPodReader();
const arena = aPool('arena');
const server = (slot: number) => aPod(`arena-${slot}`).ofPool(arena, slot).on('n1');
const urgent = (slot: number, priority: string) =>
  server(slot).ready().annotation('proffer.dev/deletion-priority', priority);

const orderOf = (scheduling: 'Packed' | 'Distributed', ...pods: PodBuilder[]) => {
  const tasks = pods.map((pod) => read(pod.build()) as TaskPod);
  const perNode = new Map([
    ['n1', 3],
    ['n2', 1],
  ]);
  return tasks.sort(deletionOrder(scheduling, perNode)).map(({ task }) => task.slot);
};

test('who is not ready comes first, then the priority, then the node, then the youngest', () => {
  const pods = () => [
    server(0).ready().created(500),
    server(1).ready().created(100),
    server(2).ready().created(900).on('n2'),
    server(3).starting().created(999),
    urgent(4, '-1').created(1),
    urgent(5, '7').created(999),
  ];
  expect(orderOf('Packed', ...pods())).toEqual([3, 5, 2, 1, 0, 4]);
  expect(orderOf('Distributed', ...pods()), 'the fullest node first').toEqual([3, 5, 1, 0, 2, 4]);
});

test('of servers that are alike the higher slot goes first', () => {
  expect(orderOf('Packed', server(1).ready(), server(2).ready())).toEqual([2, 1]);
});

test.each<[what: string, may: boolean, pod: PodBuilder]>([
  ['that nobody holds', true, server(0)],
  ['with players', false, server(0).session('Allocated')],
  ['with any state', false, server(0).label('proffer.dev/state', 'x')],
  ['in maintenance', false, server(0).label('proffer.dev/intent', 'Maintenance')],
  ['that is to drain', true, server(0).label('proffer.dev/intent', 'Drain')],
])('a server %s may go: %s', (_, may, pod) => {
  expect(mayGo(read(pod.build()).task!)).toBe(may);
});
