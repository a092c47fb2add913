import { describe, expect, test } from 'vitest';
import { HEALTHY } from './health.ts';
import { signalOf, type Signal, type TaskState } from './signal.ts';

const running: TaskState = {
  phase: 'Running',
  reason: '',
  ready: false,
  deleting: false,
  node: 'n1',
  createdAt: 0,
  exit: undefined,
};
const exit = (code: number, part: 'main' | 'init' | 'helper' = 'main') => ({
  part,
  code,
  finishedAt: 1000,
  ranMs: 1000,
});
const failed = (reason: string): TaskState => ({ ...running, phase: 'Failed', reason });

const onHealthyNode: readonly (readonly [what: string, task: TaskState, signal: Signal])[] = [
  ['a Pod that runs is starting until it is ready', running, 'Starting'],
  ['a Pod that is pending is starting', { ...running, phase: 'Pending' }, 'Starting'],
  ['a Pod without a node is starting', { ...running, phase: 'Pending', node: undefined }, 'Starting'],
  ['a ready Pod is ready', { ...running, ready: true }, 'Ready'],
  ['a Pod with a deletion time is on its way out', { ...running, ready: true, deleting: true }, 'Deleting'],
  ['also when it has crashed', { ...failed(''), exit: exit(1), deleting: true }, 'Deleting'],
  ['exit code 0 is an end', { ...running, phase: 'Succeeded', exit: exit(0) }, 'Exited'],
  ['also while sidecars keep the Pod running', { ...running, exit: exit(0) }, 'Exited'],
  ['another exit code is a crash', { ...failed(''), exit: exit(137) }, 'Crashed'],
  ['also while sidecars keep the Pod running', { ...running, ready: true, exit: exit(1) }, 'Crashed'],
  ['an init container that failed is a crash', { ...failed(''), exit: exit(1, 'init') }, 'Crashed'],
  ['a helper that failed is told from a crash', { ...running, exit: exit(1, 'helper') }, 'HelperCrashed'],
  [
    'a helper that failed, in a Pod that ended, is a crash',
    { ...failed(''), exit: exit(1, 'helper') },
    'Crashed',
  ],
  ['Succeeded without a container status is an end', { ...running, phase: 'Succeeded' }, 'Exited'],
  ['Failed without a known reason is a crash', failed('DeadlineExceeded'), 'Crashed'],
];

describe('the signal of a task', () => {
  test.each(onHealthyNode)('%s', (_, task, signal) => {
    expect(signalOf(task, HEALTHY, 12_000)).toBe(signal);
  });

  test.each([
    'OutOfcpu',
    'OutOfmemory',
    'OutOfpods',
    'OutOfephemeral-storage',
    'OutOfnvidia.com/gpu',
    'NodeAffinity',
    'NodePorts',
    'NodeName',
    'NodeShutdown',
    'TaintToleration',
    'TopologyAffinityError',
    'PodOSNotSupported',
    'PodOSSelectorNodeLabelDoesNotMatch',
    'UnexpectedAdmissionError',
  ])('a Pod that failed as %s was rejected by its kubelet', (reason) => {
    expect(signalOf(failed(reason), HEALTHY, 12_000)).toBe('Rejected');
  });

  test('a container that ran was not rejected, whatever the reason', () => {
    expect(signalOf({ ...failed('NodeAffinity'), exit: exit(1) }, HEALTHY, 12_000)).toBe('Crashed');
  });

  test.each(['Evicted', 'Preempting', 'Terminated'])(
    'a Pod that failed as %s was ended for its node, not by itself',
    (reason) => {
      expect(signalOf(failed(reason), HEALTHY, 12_000)).toBe('Evicted');
      expect(signalOf({ ...failed(reason), exit: exit(137) }, HEALTHY, 12_000)).toBe('Evicted');
    },
  );

  test.each([
    ['no Node object', undefined, 'NodeGone'],
    ['a node on its way out', { ...HEALTHY, deleting: true }, 'NodeLeaving'],
    ['a node that is silent for as long as the workload allows', { ...HEALTHY, unfitMs: 12_000 }, 'NodeLost'],
    ['a node that is silent for less', { ...HEALTHY, unfitMs: 11_999 }, 'Ready'],
    ['a node under pressure', { ...HEALTHY, pressures: ['DiskPressure'] }, 'Ready'],
  ] as const)('%s makes of a ready task: %s', (_, health, signal) => {
    expect(signalOf({ ...running, ready: true }, health, 12_000)).toBe(signal);
  });

  test('the end of a node says more than the end of a helper', () => {
    expect(signalOf({ ...running, exit: exit(1, 'helper') }, undefined, 12_000)).toBe('NodeGone');
  });

  test('the end of a task says more than the end of its node', () => {
    expect(signalOf({ ...failed(''), exit: exit(1) }, undefined, 12_000)).toBe('Crashed');
    expect(signalOf({ ...running, node: undefined }, undefined, 12_000)).toBe('Starting');
  });
});
