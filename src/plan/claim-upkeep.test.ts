import { expect, test } from 'vitest';
import { aClaim, aPod, aPool } from '../../test/builders/index.ts';
import { createPodReader } from '../snapshot/task.ts';
import { claimFacts } from '../snapshot/volumes/claim.ts';
import { claimUpkeep, type ClaimScene } from './claim-upkeep.ts';

const arena = aPool('arena').namespace('default');
const pod = createPodReader()(aPod('arena-0').namespace('default').ofPool(arena, 0).build());
const workload = {
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'GameServerPool',
  name: 'arena',
  uid: arena.identity.uid,
  controller: true,
};

/** A claim of slot 0, or of the Pod arena-0. */
function claim(staysWith: 'slot' | 'task', owner?: string, deleting = false) {
  const raw = aClaim('c', { deleting, ...(owner === undefined ? {} : { owner }) });
  const marks =
    staysWith === 'slot'
      ? { labels: { 'proffer.dev/slot': '0' } }
      : { annotations: { 'proffer.dev/made-for': 'arena-0' } };
  return claimFacts({ ...raw, metadata: { ...raw.metadata, ...marks } });
}

const RETAIN = { whenDeleted: 'Retain', whenScaled: 'Retain' } as const;
const DELETE = { whenDeleted: 'Delete', whenScaled: 'Delete' } as const;
const ours = arena.identity.uid;
const scene = (fields: Partial<ClaimScene>): ClaimScene => ({
  claim: claim('slot'),
  workload,
  retention: RETAIN,
  pod: undefined,
  isSpare: () => false,
  ...fields,
});
const gone = { kind: 'delete' };
const of = (...owners: object[]) => ({ kind: 'own', owners });

test.each<[what: string, fields: Partial<ClaimScene>, expected: object | undefined]>([
  ['a claim of a slot stays by itself', {}, undefined],
  ['even when nobody has its slot', { isSpare: () => true }, undefined],
  ['or goes with its pool', { retention: DELETE }, of(workload)],
  ['once that is said', { retention: DELETE, claim: claim('slot', ours) }, undefined],
  ['and no more when it is to stay', { claim: claim('slot', ours) }, of()],
  ['it goes when nobody has its slot', { retention: DELETE, isSpare: () => true }, gone],
  ['once', { retention: DELETE, isSpare: () => true, claim: claim('slot', ours, true) }, undefined],
  ['that of an older pool goes with that', { retention: DELETE, claim: claim('slot', 'other') }, undefined],
  ['a claim of a Pod waits for it', { claim: claim('task', ours) }, undefined],
  [
    'goes with it from then on',
    { claim: claim('task', ours), pod },
    of({ apiVersion: 'v1', kind: 'Pod', name: 'arena-0', uid: pod.uid, controller: true }),
  ],
  ['once that is said', { claim: claim('task', pod.uid), pod }, undefined],
  ['goes when no such Pod is to come', { claim: claim('task', ours), isSpare: () => true }, gone],
  ['that of an older Pod goes with that', { claim: claim('task', 'other'), isSpare: () => true }, undefined],
  [
    'one of people is theirs',
    { claim: claimFacts(aClaim('c')), retention: DELETE, isSpare: () => true },
    undefined,
  ],
])('%s', (_, fields, expected) => {
  expect(claimUpkeep(scene(fields))).toEqual(expected);
});
