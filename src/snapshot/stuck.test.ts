import { expect, test } from 'vitest';
import { aNode, aPod, aPool, aSnapshot, NOW, type PodBuilder } from '../../test/builders/index.ts';

const arena = aPool('arena').replicas(2);
const server = (slot: number) => aPod(`arena-${slot}`).ofPool(arena, slot).on('n1');
const unmounted = (slot: number, age: number) =>
  server(slot).created(age).stuck('ContainerCreating').condition('PodReadyToStartContainers', 'False');
const read = (...pods: PodBuilder[]) =>
  aSnapshot()
    .with(aNode('n1'), arena, ...pods)
    .build().frameworks[0]!;

test('the first task by name that is stuck is named, and how many more there are', () => {
  const pods = [server(1).stuck('ErrImagePull', 'no'), server(0).stuck('InvalidImageName')];
  expect(read(...pods).stuck).toBe('arena-0: container main: InvalidImageName, and 1 more');
  expect(read(server(0).ready(), pods[0]!).stuck).toBe('arena-1: container main: ErrImagePull: no');
});

test('a task whose volumes or network are not ready for half a minute is told, and not before', () => {
  expect(read(unmounted(0, 29), server(1).ready())).toMatchObject({ stuck: '', wakeAt: NOW + 1000 });
  expect(read(unmounted(0, 30), server(1).ready())).toMatchObject({
    stuck:
      "arena-0: its volumes or its network are not ready; kubectl describe pod arena-0 has the kubelet's events",
    wakeAt: Number.POSITIVE_INFINITY,
  });
});
