import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aSnapshot, NOW } from '../../test/builders/index.ts';
import type { Framework } from '../snapshot/framework.ts';
import type { Inputs } from '../world/inputs.ts';
import { buildSnapshot } from '../world/world.ts';
import { DRIVERS } from './drivers.ts';

const arena = aPool('arena').replicas(3);
const learn = (phase?: 'Failed') =>
  aJob('learn')
    .maxRestarts(1)
    .group(aGroup('w').replicas(3))
    .status(phase && { phase });

const anyPod = fc.record({
  of: fc.constantFrom('pool', 'job', 'gang'),
  slot: fc.integer({ min: 0, max: 3 }),
  state: fc.constantFrom('ready', 'starting', 'unmounted', 'crashed', 'lost', 'evicted', 'deleting'),
  ago: fc.integer({ min: 0, max: 40 }),
  failures: fc.integer({ min: 0, max: 3 }),
});

function makePod(
  { of, slot, state, ago, failures }: typeof anyPod extends fc.Arbitrary<infer T> ? T : never,
  i: number,
) {
  const pod = aPod(`p-${i}`)
    .namespace(of === 'job' ? 'training' : 'games')
    .failures(failures)
    .created(ago + 5);
  if (of === 'gang') return state === 'ready' ? pod.gang('g', 2).on('n1').ready() : pod.gang('g', 2);
  const own = (of === 'pool' ? pod.ofPool(arena, slot) : pod.ofJob(learn(), 'w', slot)).on('n1');
  switch (state) {
    case 'ready':
      return own.ready();
    case 'starting':
      return own.starting();
    case 'unmounted':
      return own.starting().condition('PodReadyToStartContainers', 'False');
    case 'crashed':
      return own.exited(1, ago, 1);
    case 'lost':
      return own.annotation('proffer.dev/boot-id', 'before').lost(ago);
    case 'evicted':
      return own.failed('Evicted');
    case 'deleting':
      return own.ready().deleting();
  }
}

/** What stands of a framework, but for the nodes that it avoids: those are judged apart from its draft. And when to look again. */
const drafted = ({ classes, ...framework }: Framework) => ({
  ...framework,
  wakeAt: undefined,
  classes: classes.map((c) => ({ ...c, avoids: undefined, pending: [...c.pending] })),
});

test('a framework of which nothing changed is the same until it says that time changes it', () => {
  const cases = {
    pods: fc.array(anyPod, { maxLength: 6 }),
    ended: fc.boolean(),
    laterMs: fc.integer({ min: 1, max: 60_000 }),
  };
  let kept = 0;
  fc.assert(
    fc.property(fc.record(cases), ({ pods, ended, laterMs }) => {
      const inputs: Inputs = aSnapshot()
        .with(aNode('n1'), arena, learn(ended ? 'Failed' : undefined), ...pods.map(makePod))
        .inputs();
      const now = buildSnapshot(inputs, DRIVERS).frameworks;
      const later = buildSnapshot({ ...inputs, now: NOW + laterMs }, DRIVERS).frameworks;
      now.forEach((framework, i) => {
        if (framework.wakeAt <= NOW + laterMs) return;
        kept++;
        expect(drafted(later[i]!)).toEqual(drafted(framework));
        // Who waits for word of something looks again in a second, whenever that is asked.
        expect(later[i]!.wakeAt).toBeGreaterThanOrEqual(framework.wakeAt);
      });
    }),
    { numRuns: 400 },
  );
  expect(kept).toBeGreaterThan(100);
});
