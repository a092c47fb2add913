import { describe, expect, test } from 'vitest';
import { aNode, aPod, aSnapshot } from '../../test/builders/index.ts';
import { readPod } from '../snapshot/reading/pod.ts';
import { createPodReader } from '../snapshot/task.ts';
import { podClass } from './pod-class.ts';

const snapshot = aSnapshot()
  .with(aNode('n'))
  .runtimeClass('box', {
    overhead: { podFixed: { cpu: '1' } },
    scheduling: { nodeSelector: { kernel: 'own' }, tolerations: [{ key: 'box', operator: 'Exists' }] },
  })
  .build();

const shapeOf = (pod: ReturnType<typeof aPod>) => {
  const built = pod.build();
  return podClass(readPod(built), createPodReader()(built), snapshot).shape;
};
const boxed = () => aPod('a').cpu('1').specField('runtimeClassName', 'box');

describe('a Pod with a RuntimeClass', () => {
  test('that the API server has is judged as it is', () => {
    const { demand, constraints } = shapeOf(boxed());
    expect(demand['cpu']).toBe(1000);
    expect(constraints).toMatchObject({ nodeSelector: {}, tolerations: [] });
  });

  test('that is a manifest yet gets what the class adds', () => {
    const { demand, constraints, unsupported } = shapeOf(boxed().launched());
    expect(demand['cpu']).toBe(2000);
    expect(constraints).toMatchObject({ nodeSelector: { kernel: 'own' }, tolerations: [{ key: 'box' }] });
    expect(unsupported).toEqual([]);
  });

  test('whose manifest has the overhead already, since it was taken from a Pod, counts it once', () => {
    expect(shapeOf(boxed().specField('overhead', { cpu: '1' }).launched()).demand['cpu']).toBe(2000);
  });

  test('that is not there: where the Pod could live is not known', () => {
    const pod = aPod('a').specField('runtimeClassName', 'lost').launched();
    expect(shapeOf(pod).unsupported).toEqual(['spec.runtimeClassName (there is no RuntimeClass "lost")']);
  });
});
