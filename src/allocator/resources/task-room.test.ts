import { describe, expect, test } from 'vitest';
import { columnOf } from './resource-kind.ts';
import { formatResources, parseResources } from './resources.ts';
import { isTask, TaskRoom, type TaskAmounts } from './task-room.ts';

const bundle = (text: string) => parseResources(text, 'test');
const PORTS = columnOf('ports');
const isMeasured = (column: number) => column !== PORTS;

/** A task takes 2 cpus, 3 mem and 2 ports. */
const TASK: TaskAmounts = [
  [columnOf('cpus'), 2000],
  [columnOf('mem'), 3000],
  [PORTS, 2000],
];
const room = (text: string) => new TaskRoom(bundle(text), TASK, isMeasured);
const take = (text: string, tasks: number) => formatResources(room(text).take(tasks));

describe('room for tasks', () => {
  test('is as large as what is scarcest', () => {
    expect(room('cpus:9;mem:9;ports:[1-20]').tasks).toBe(3);
    expect(room('cpus:9;mem:99;ports:[1-20]').tasks).toBe(4);
    expect(room('cpus:9;mem:99;ports:[1-3]').tasks).toBe(1);
    expect(room('cpus:9;ports:[1-3]').tasks).toBe(0);
  });

  test('counts what is reserved with what is not', () => {
    const both = room('cpus:3;cpus(r):3;mem(r):9;ports:[1-4];ports(r):[7-8]');
    expect([both.tasks, both.reserved]).toEqual([3, [3000, 9000]]);
    expect(room('cpus:9;mem:9;ports:[1-20]').reserved).toEqual([0, 0]);
  });

  test('is not in what is revocable, only comes whole, or is of the wrong kind', () => {
    expect(room('cpus{REV}:9;mem:9;ports:[1-20]').tasks).toBe(0);
    expect(room('cpus:9;mem:9;ports:20').tasks).toBe(0);
    const disk = new TaskRoom(bundle('disk{MOUNT}:9;disk:5'), [[columnOf('disk'), 1000]], isMeasured);
    expect(disk.tasks).toBe(5);
  });
});

describe('what tasks take', () => {
  test('comes out of what is reserved first', () => {
    expect(take('cpus:3;cpus(r):3;mem(r):9;ports:[1-4];ports(r):[7-8]', 2)).toBe(
      'cpus:1;cpus(r):3;mem(r):6;ports:[1-2];ports(r):[7-8]',
    );
    expect(take('cpus:3;cpus(r):3;mem:9;ports:[1-4]', 1)).toBe('cpus(r):2;mem:3;ports:[1-2]');
  });

  test('leaves alone what a task does not take', () => {
    expect(take('cpus:9;mem:9;ports:[1-9];disk:5', 3)).toBe('cpus:6;mem:9;ports:[1-6]');
    expect(take('cpus:9;mem:9;ports:[1-9]', 0)).toBe('');
  });
});

describe('a task', () => {
  test('is exactly what one takes, reserved or not', () => {
    expect(isTask(bundle('cpus:2;mem:3;ports:[5-6]'), TASK)).toBe(true);
    expect(isTask(bundle('cpus:1;cpus(r):1;mem(r):3;ports:[5-6]'), TASK)).toBe(true);
    expect(isTask(bundle('cpus:2;mem:3'), TASK)).toBe(false);
    expect(isTask(bundle('cpus:2;mem:3;ports:[5-6];disk:1'), TASK)).toBe(false);
    expect(isTask(bundle('cpus:2;mem:3.5;ports:[5-6]'), TASK)).toBe(false);
    expect(isTask(bundle('cpus:2;mem:3;disk:2'), TASK)).toBe(false);
  });
});
