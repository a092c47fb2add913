import { expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import { podShape } from './pod-shape.ts';
import { readPod } from './reading/pod.ts';

test('the shape of a Pod is what it asks for, where, and with which labels', () => {
  const pod = aPod('p').namespace('web').customer().label('app', 'shop').cpu('2').fixedPort(9000).build();
  expect(podShape(readPod(pod))).toMatchObject({
    template: undefined,
    demand: { cpu: 2000, pods: 1 },
    namespace: 'web',
    labels: { app: 'shop' },
    fixedPorts: [{ port: 9000, protocol: 'UDP' }],
    dynamicPorts: [],
    unsupported: [],
  });
  expect(podShape(readPod(pod), {}).labels).toEqual({});
});

test('fields that only Pods have, and that say nothing of where they may live, are no trouble', () => {
  const pod = aPod('p').customer().specField('priority', 7).specField('priorityClassName', 'high');
  pod.specField('preemptionPolicy', 'Never').specField('schedulingGates', []).on('n1');
  expect(podShape(readPod(pod.specField('ephemeralContainers', []).build())).unsupported).toEqual([]);
});

test('a field that is not honoured, or cannot be read, is named by its path', () => {
  expect(podShape(readPod(aPod('p').specField('oddity', 1).build())).unsupported).toEqual(['spec.oddity']);
  const { unsupported, demand } = podShape(readPod(aPod('p').cpu('lots').build()));
  expect(demand).toEqual({ pods: 1 });
  expect(unsupported).toEqual([
    expect.stringMatching(/^spec\.containers\[0\]\.resources\.requests\.cpu: "lots" is not a quantity/),
  ]);
});
