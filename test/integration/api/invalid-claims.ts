import type { Invalid } from './invalid.ts';
import { claim } from './manifests.ts';

const COUNTER = 'is the name of a counter, such as players';
const ANNOTATION = 'each key is the name of an annotation such as example.com/map, and not of kubernetes.io';

/** GameServerClaims that the API server must refuse. */
export const claims: readonly Invalid[] = [
  {
    why: 'a claim of a pool by a path',
    manifest: claim({ selectors: [{ pool: 'games/arena' }] }),
    says: ['spec.selectors[0].pool', 'pool is the name of a GameServerPool'],
  },
  {
    why: 'a claim that selects by nothing',
    manifest: claim({ selectors: [] }),
    says: ['spec.selectors', 'should have at least 1 items'],
  },
  {
    why: 'a claim by values of a label that there are none of',
    manifest: claim({ selectors: [{ matchExpressions: [{ key: 'map', operator: 'In' }] }] }),
    says: ['spec.selectors[0].matchExpressions[0].values', 'In and NotIn of a claim need values'],
  },
  {
    why: 'a claim by a counter that there cannot be',
    manifest: claim({ selectors: [{ counters: { Players: { minCount: 1 } } }] }),
    says: ['spec.selectors[0].counters', `each key ${COUNTER}`],
  },
  {
    why: 'a claim in the order of such a counter',
    manifest: claim({ order: { counter: 'free places' } }),
    says: ['spec.order.counter', `counter ${COUNTER}`],
  },
  {
    why: 'a claim that changes such a counter',
    manifest: claim({ counters: { 'example.com/x': { add: 1 } } }),
    says: ['spec.counters', `each key ${COUNTER}`],
  },
  {
    why: "a claim that writes another's annotation",
    manifest: claim({ annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' } }),
    says: ['spec.annotations', ANNOTATION],
  },
  {
    why: 'a claim that writes one of ours',
    manifest: claim({ annotations: { 'proffer.dev/failures': '9' } }),
    says: ['spec.annotations', ANNOTATION],
  },
  {
    why: 'a claim that waits for two days',
    manifest: claim({ waitSeconds: 172_800 }),
    says: ['spec.waitSeconds', 'less than or equal to 86400'],
  },
];
