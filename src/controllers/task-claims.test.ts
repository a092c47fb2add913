import { expect, test } from 'vitest';
import { aClaim, aNode, aPod, aPool, aSnapshot, type Buildable } from '../../test/builders/index.ts';
import { WORKLOADS } from '../frameworks/drivers.ts';
import type { KubeRequest } from '../kube/client.ts';
import { Store } from '../kube/store.ts';
import { ManualClock } from '../lib/manual-clock.test-helper.ts';
import { createPodReader, type PodFacts } from '../snapshot/task.ts';
import { claimFacts, type ClaimFacts } from '../snapshot/volumes/claim.ts';
import type { Workload } from '../snapshot/workload.ts';
import { TaskClaims } from './task-claims.ts';

const { claims: kept, read } = WORKLOADS.find(({ names }) => names.kind === 'GameServerPool')!;
const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const arena = aPool('arena')
  .namespace('default')
  .replicas(2)
  .field('volumeClaimTemplates', [{ metadata: { name: 'world' }, spec }])
  .field('persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Delete', whenScaled: 'Delete' });
const server = (slot: number) => aPod(`arena-${slot}`).namespace('default').ofPool(arena, slot).on('n1');

const slotClaim = (slot: number) => {
  const raw = aClaim(`world-arena-${slot}`, { owner: arena.identity.uid });
  const labels = { 'proffer.dev/pool': 'arena', 'proffer.dev/slot': String(slot) };
  return { ...raw, metadata: { ...raw.metadata, labels } };
};
const podClaim = (pod: string) => {
  const raw = aClaim(`${pod}-tmp`, { owner: arena.identity.uid });
  const labels = { 'proffer.dev/pool': 'arena' };
  return {
    ...raw,
    metadata: { ...raw.metadata, labels, annotations: { 'proffer.dev/made-for': pod } },
  };
};

/** What is written for claims of slots 0 to 2 and of the Pods arena-0 and arena-9 when a cycle saw those objects. */
async function written(cycle: readonly Buildable[], pods = cycle, pool = arena): Promise<string[]> {
  const workloads = new Store<Workload>();
  const claims = new Store<ClaimFacts>();
  const podStore = new Store<PodFacts>();
  const sent: KubeRequest[] = [];
  const raw = [slotClaim(0), slotClaim(1), slotClaim(2), podClaim('arena-0'), podClaim('arena-9')];
  const loop = new TaskClaims({
    kept: kept!,
    workloads,
    claims,
    pods: podStore,
    lastSnapshot: () =>
      aSnapshot()
        .with(aNode('n1'), pool, ...cycle)
        .storage({ claims: raw })
        .build(),
    client: { request: (each) => Promise.resolve(void sent.push(each) as never) },
    clock: new ManualClock(0),
    random: () => 0,
    log: { debug() {}, info() {}, warn: (_, text) => expect.fail(text), error() {} },
    mayDecide: () => true,
    mayWrite: () => true,
  });
  workloads.put(read(pool.build()));
  const readPod = createPodReader();
  for (const each of pods) podStore.put(readPod(each.build() as Parameters<typeof readPod>[0]));
  for (const each of raw) claims.put(claimFacts(each));
  await loop.look();
  for (const { body } of sent) expect(JSON.stringify(body)).toContain('"resourceVersion":"1"');
  return sent.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
}

const both = [server(0).ready(), server(1).ready()];

test('claims are handed over to their Pods, and go when nobody needs them', async () => {
  expect(await written(both)).toEqual(['DELETE world-arena-2', 'PATCH arena-0-tmp', 'DELETE arena-9-tmp']);
});

test.each<[why: string, cycle: Buildable[]]>([
  ['its pool lacks a server', [server(0).ready()]],
  ['a server of it is going', [server(0).ready(), server(2).deleting()]],
  ['none of its pool is there', []],
])('a claim stays that nobody has while %s', async (_, cycle) => {
  expect((await written(cycle)).filter((each) => each.startsWith('DELETE'))).toEqual([]);
});

test('a claim stays while a server of its slot is there, whatever the watch says of others meanwhile', async () => {
  const going = [...both, server(2).deleting()];
  expect(await written(going, both)).not.toContain('DELETE world-arena-2');
});

test('a pool that is held deletes nothing', async () => {
  const held = aPool('arena')
    .namespace('default')
    .replicas(2)
    .specField('volumes', [{ name: 'a', rbd: {} }]);
  expect(await written(both, both, held)).not.toContain('DELETE arena-9-tmp');
});
