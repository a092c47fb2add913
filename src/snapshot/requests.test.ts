import { describe, expect, test } from 'vitest';
import type { Container, ContainerStatus, PodSpec, ResourceMap } from './reading/objects.ts';
import { podRequests, type ResizeStatus } from './requests.ts';
import { QuantityError } from '../lib/quantity.ts';

const box = (requests: ResourceMap, more: Partial<Container> = {}): Container => ({
  name: 'main',
  resources: { requests },
  ...more,
});
const MI = 2 ** 20;
const cpu = (amount: string, more: Partial<Container> = {}) => box({ cpu: amount }, more);
const sidecar = (amount: string, name = 'side') => cpu(amount, { name, restartPolicy: 'Always' });
const init = (amount: string, name = 'init') => cpu(amount, { name });
const spec = (containers: Container[], more: Partial<PodSpec> = {}): PodSpec => ({ containers, ...more });

describe('what a Pod takes of its node', () => {
  test.each<[what: string, spec: PodSpec, amounts: Record<string, number>]>([
    ['a Pod that asks for nothing takes one of pods', spec([{ name: 'main' }]), { pods: 1 }],
    ['containers add up', spec([cpu('1'), cpu('500m', { name: 'b' })]), { cpu: 1500, pods: 1 }],
    [
      'a fraction of a milli-cpu goes up in each container',
      spec([cpu('0.1m'), cpu('0.1m', { name: 'b' })]),
      { cpu: 2, pods: 1 },
    ],
    [
      'a fraction of a byte goes up in the sum',
      spec([box({ memory: '1.3Gi' }), box({ memory: '1395864371200m' }, { name: 'b' })]),
      { memory: 2791728743, pods: 1 },
    ],
    [
      'bytes are bytes',
      spec([box({ memory: '1', 'hugepages-2Mi': '4Mi' })]),
      { memory: 1, 'hugepages-2Mi': 4 * MI, pods: 1 },
    ],
    [
      'a limit without a request is the request',
      spec([{ name: 'main', resources: { limits: { cpu: '2' } } }]),
      { cpu: 2000, pods: 1 },
    ],
    [
      'a request is under its limit',
      spec([{ name: 'main', resources: { limits: { cpu: '2' }, requests: { cpu: '1' } } }]),
      { cpu: 1000, pods: 1 },
    ],
    [
      'a small init container hides behind the containers',
      spec([cpu('2')], { initContainers: [init('1')] }),
      { cpu: 2000, pods: 1 },
    ],
    [
      'the largest init container counts alone',
      spec([cpu('1')], { initContainers: [init('3'), init('2', 'b')] }),
      { cpu: 3000, pods: 1 },
    ],
    [
      'init containers count column by column',
      spec([cpu('2')], { initContainers: [box({ cpu: '1', memory: '1Gi' }, { name: 'i' })] }),
      { cpu: 2000, memory: 1024 * MI, pods: 1 },
    ],
    [
      'a sidecar runs along with the containers',
      spec([cpu('1')], { initContainers: [sidecar('1')] }),
      { cpu: 2000, pods: 1 },
    ],
    [
      'a sidecar before an init container runs along with it',
      spec([cpu('1')], { initContainers: [sidecar('1'), init('3')] }),
      { cpu: 4000, pods: 1 },
    ],
    [
      'a sidecar after an init container does not',
      spec([cpu('1')], { initContainers: [init('3'), sidecar('1')] }),
      { cpu: 3000, pods: 1 },
    ],
    [
      'an init container between two sidecars sees the first',
      spec([cpu('1')], { initContainers: [sidecar('1'), init('3'), sidecar('2', 'late')] }),
      { cpu: 4000, pods: 1 },
    ],
    [
      'overhead comes on top',
      spec([cpu('1')], { overhead: { cpu: '250m', memory: '120Mi' } }),
      { cpu: 1250, memory: 120 * MI, pods: 1 },
    ],
    [
      'pod-level requests replace the sum',
      spec([cpu('1')], { resources: { requests: { cpu: '3' } } }),
      { cpu: 3000, pods: 1 },
    ],
    [
      'pod-level requests may be less than an init container',
      spec([cpu('1')], { initContainers: [init('4')], resources: { requests: { cpu: '2' } } }),
      { cpu: 2000, pods: 1 },
    ],
    [
      'overhead comes on top of them too',
      spec([cpu('1')], { overhead: { cpu: '1' }, resources: { requests: { cpu: '3' } } }),
      { cpu: 4000, pods: 1 },
    ],
    [
      'a pod-level limit counts where no container asks',
      spec([cpu('1')], { resources: { limits: { memory: '1Gi' } } }),
      { cpu: 1000, memory: 1024 * MI, pods: 1 },
    ],
    [
      'a pod-level limit does not raise what containers ask for',
      spec([cpu('1')], { resources: { limits: { cpu: '4' } } }),
      { cpu: 1000, pods: 1 },
    ],
    [
      'a pod-level limit of huge pages always counts',
      spec([box({ 'hugepages-2Mi': '2Mi' })], { resources: { limits: { 'hugepages-2Mi': '8Mi' } } }),
      { 'hugepages-2Mi': 8 * MI, pods: 1 },
    ],
    ['devices are counts', spec([box({ 'nvidia.com/gpu': 2 })]), { 'nvidia.com/gpu': 2, pods: 1 }],
    [
      'sums saturate',
      spec([box({ 'a.b/c': '9007199254740991' }), box({ 'a.b/c': '2' }, { name: 'b' })]),
      { 'a.b/c': 2 ** 53, pods: 1 },
    ],
  ])('%s', (_, podSpec, amounts) => expect(podRequests(podSpec)).toEqual(amounts));

  test.each<[what: string, status: Partial<ContainerStatus>, milli: number]>([
    ['grows at once to what the spec asks for', { allocatedResources: { cpu: '500m' } }, 1000],
    ['shrinks only when the kubelet gave the rest back', { allocatedResources: { cpu: '2' } }, 2000],
    ['counts what the container runs with', { resources: { requests: { cpu: '3' } } }, 3000],
  ])('a container that is resized in place %s', (_, status, milli) => {
    const one = (name: string) => ({ containerStatuses: [{ name, ...status }] });
    expect(podRequests(spec([cpu('1')]), one('main'))['cpu']).toBe(milli);
    expect(podRequests(spec([cpu('1')]), one('other'))['cpu']).toBe(1000);
    const side = spec([cpu('0')], { initContainers: [sidecar('1')] });
    expect(podRequests(side, { initContainerStatuses: [{ name: 'side', ...status }] })['cpu']).toBe(milli);
  });

  describe('while containers are resized', () => {
    const two = spec([cpu('1'), cpu('3', { name: 'b' })]);
    const has = (main: string, b: string): ResizeStatus => ({
      containerStatuses: [
        { name: 'main', allocatedResources: { cpu: main } },
        { name: 'b', allocatedResources: { cpu: b } },
      ],
    });
    const infeasible = { conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }] };

    test('the larger sum counts, not the sum of the larger amounts', () => {
      expect(podRequests(two, has('3', '1'))['cpu']).toBe(4000);
      expect(podRequests(two, has('3', '2'))['cpu']).toBe(5000);
    });

    test('what can never be granted does not count', () => {
      expect(podRequests(two, { ...has('1', '1'), ...infeasible })['cpu']).toBe(2000);
      const deferred = { conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Deferred' }] };
      expect(podRequests(two, { ...has('1', '1'), ...deferred })['cpu']).toBe(4000);
    });

    test('the status of the whole Pod counts instead of that of its containers', () => {
      const whole = { allocatedResources: { cpu: '5' }, resources: { requests: { cpu: '6' } } };
      expect(podRequests(two, { ...has('9', '9'), ...whole })['cpu']).toBe(6000);
    });

    test('pod-level requests are resized too', () => {
      const level = spec([cpu('1')], { resources: { requests: { cpu: '2' } } });
      const whole = { allocatedResources: { cpu: '5' }, resources: { requests: { cpu: '4' } } };
      expect(podRequests(level, whole)['cpu']).toBe(5000);
      const small = { allocatedResources: { cpu: '1' }, resources: { requests: { cpu: '1' } } };
      expect(podRequests(level, small)['cpu']).toBe(2000);
      expect(podRequests(level, { ...small, ...infeasible })['cpu']).toBe(1000);
    });
  });

  test('a quantity that cannot be read is an error that shows it', () => {
    expect(() => podRequests(spec([cpu('one')]))).toThrow(QuantityError);
    expect(() => podRequests(spec([cpu('one')]))).toThrow('"one"');
  });
});
