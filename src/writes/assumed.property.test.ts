import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aPod } from '../../test/builders/index.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import { AssumedPods } from './assumed.ts';

const read = createPodReader();
/** As the store has two Pods: one that waits to be bound, one that runs. */
const STORED = [aPod('waits').customer(), aPod('runs').on('n1').ready()].map((pod) => read(pod.build()));
const LAUNCHED = read(aPod('launched').on('n1').build());

type Write = (assumed: AssumedPods, pod: PodFacts) => void;
const WRITES: readonly Write[] = [
  (assumed) => assumed.launch(LAUNCHED),
  (assumed) => assumed.stored({ ...LAUNCHED, resourceVersion: '5' }, 0),
  (assumed) => assumed.failed(LAUNCHED.key),
  (assumed, { key, uid }) => assumed.bind(key, uid, 'n2'),
  (assumed, { key }) => assumed.bindingStored(key, 0),
  (assumed, { key }) => assumed.unbind(key),
  (assumed, { key, uid }) => assumed.remove(key, uid, true),
  (assumed, { key }) => assumed.removed(key, 0),
  (assumed, { key }) => assumed.keep(key),
  (assumed, { key, uid }) => assumed.notify(key, uid, 9000),
  (assumed, { key }) => assumed.amendmentStored(key, '5', 0),
  (assumed, { key }) => assumed.unamend(key),
  (assumed, pod) => assumed.seen(pod, false),
  (assumed, pod) => assumed.seen(pod, true),
  (assumed) => assumed.expire('9'),
  (assumed) => assumed.clear(),
];

test('whoever counts otherwise after a write than before is told', () => {
  const anyWrites = fc.array(fc.tuple(fc.constantFrom(...WRITES), fc.constantFrom(...STORED)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(anyWrites, (writes) => {
      const assumed = new AssumedPods();
      const told = new Set<string>();
      assumed.subscribe((key) => told.add(key));
      const counts = () =>
        [...STORED, LAUNCHED].map(({ key }) => {
          const stored = STORED.find((pod) => pod.key === key);
          return [key, assumed.asDecided(key, stored)] as const;
        });
      for (const [write, pod] of writes) {
        const before = new Map(counts());
        told.clear();
        write(assumed, pod);
        for (const [key, after] of counts()) if (!told.has(key)) expect(after).toEqual(before.get(key));
      }
    }),
    { numRuns: 2000 },
  );
});
