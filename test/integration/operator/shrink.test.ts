import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { KubeClient } from '../../../src/kube/client.ts';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PodLog } from '../../support/pod-log.ts';
import { seeded } from '../../support/seeded.ts';
import { until } from '../../support/until.ts';
import { poolManifest } from '../../support/workloads.ts';

const STATE = 'proffer.dev/state';

let arena: Arena;
let operator: OperatorProcess;
let log: PodLog;
let client: KubeClient;

beforeAll(async () => {
  const fakeNode = { cpu: '2', pods: '110' };
  arena = await Arena.start({ name: 'it-op-shrink', fakeNodes: 3, kwok: true, fakeNode });
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'shrink' });
  log = await PodLog.start(arena.cluster.kubeconfigPath);
  client = KubeClient.load({ kubeconfig: arena.cluster.kubeconfigPath });
});

afterEach(() => arena?.clear());

afterAll(async () => {
  await client?.close();
  await log?.stop();
  await operator?.kill();
  await arena?.down();
});

const names = (pods: readonly ShownPod[]) => pods.map((pod) => pod.metadata.name).sort();
const allocate = (pod: string) =>
  client.request({
    method: 'PATCH',
    path: `/api/v1/namespaces/default/pods/${pod}`,
    body: { metadata: { labels: { [STATE]: 'Allocated' } } },
  });

/** Servers of a pool that were on their way out after players had got them. */
function deletedThoughAllocated(pool: string): string[] {
  const allocated = new Set<string>();
  const broken = new Set<string>();
  for (const { type, pod } of log.events.filter((event) => event.pod.pool === pool)) {
    if (pod.deleting && allocated.has(pod.uid)) broken.add(pod.name);
    if (type !== 'DELETED' && !pod.deleting && pod.labels[STATE] === 'Allocated') allocated.add(pod.uid);
  }
  return [...broken];
}

describe('a pool that shrinks', () => {
  test('empties the emptiest node first', async () => {
    onTestFailed(() => console.log(operator.tail(10)));
    // Twenty fit on a node: twenty, twenty and five.
    await arena.apply(poolManifest({ name: 'shrinks', replicas: 45 }));
    const before = await arena.ready('shrinks', 45);
    const counts = Map.groupBy(before, (pod) => pod.spec.nodeName!);
    const [emptiest] = [...counts].sort(([, a], [, b]) => a.length - b.length)[0]!;
    expect(counts.get(emptiest)).toHaveLength(5);
    await arena.scale('shrinks', 40);
    const after = await arena.ready('shrinks', 40);
    expect(after.filter((pod) => pod.spec.nodeName === emptiest)).toEqual([]);
    expect(names(after)).toEqual(names(before.filter((pod) => pod.spec.nodeName !== emptiest)));
  });

  test('keeps servers that players hold, and says so', async () => {
    await arena.apply(poolManifest({ name: 'played', replicas: 6 }));
    const [held, , other] = await arena.ready('played', 6);
    await arena.cluster.kubectl('label', 'pod', held!.metadata.name, `${STATE}=Allocated`);
    await arena.cluster.kubectl('label', 'pod', other!.metadata.name, `${STATE}=Reserved`);
    await arena.scale('played', 0);
    await until(
      'the others are gone',
      async () => (await arena.pods('proffer.dev/pool=played')).length === 2,
    );
    expect(names(await arena.servers('played'))).toEqual(names([held!, other!]));
    await until(
      'the sentence',
      async () => (await arena.poolStatus('played')).message === '2 servers ready, 2 kept for their players',
    );

    // The session is over: the label goes, and with it the server.
    await arena.cluster.kubectl('label', 'pod', held!.metadata.name, `${STATE}-`);
    await until('one is left', async () => (await arena.pods('proffer.dev/pool=played')).length === 1);
    expect(names(await arena.servers('played'))).toEqual(names([other!]));
  });

  test('never takes a server that was allocated in the same instant', async () => {
    const random = seeded(7);
    let spared = 0;
    for (let round = 0; round < 8; round++) {
      const name = `raced-${round}`;
      await arena.apply(poolManifest({ name, replicas: 12 }));
      const servers = await arena.ready(name, 12);
      const scale = () =>
        client.request({
          method: 'PATCH',
          path: `/apis/proffer.dev/v1alpha1/namespaces/default/gameserverpools/${name}`,
          body: { spec: { replicas: 0 } },
        });
      // One player after the other, as fast as the API server answers, and the scale somewhere among the first: so they
      // come before, while and after the operator decides.
      const among = Math.floor(random() * 4);
      let scaled: Promise<unknown> | undefined;
      for (const [i, pod] of servers.entries()) {
        if (i === among) scaled = scale();
        await allocate(pod.metadata.name).catch(() => undefined);
      }
      await scaled;
      await until('the pool has what it may have', async () => {
        const left = await arena.pods(`proffer.dev/pool=${name}`);
        return left.every(
          (pod) => pod.metadata.labels[STATE] === 'Allocated' && !pod.metadata.deletionTimestamp,
        );
      });
      spared += (await arena.servers(name)).length;
      await log.caughtUp();
      expect(deletedThoughAllocated(name)).toEqual([]);
      await arena.cluster.kubectl('delete', 'gsp', name);
    }
    const orders = await operator.metric('proffer_pods_deleted_total', 'reason="ScaledDown"');
    console.log(
      `${spared} servers were allocated in time, ${orders} were scaled down; refused deletes: ${await operator.metric('proffer_api_requests_total', 'verb="delete"', 'code="409"')}`,
    );
    // Both sides of the race were met.
    expect(spared).toBeGreaterThan(0);
    expect(orders).toBeGreaterThan(0);
  });
});

describe('a pool that is deleted', () => {
  test.each(['background', 'foreground'])('takes its servers along (%s)', async (cascade) => {
    await arena.apply(poolManifest({ name: `ends-${cascade}`, replicas: 10 }));
    await arena.ready(`ends-${cascade}`, 10);
    await arena.cluster.kubectl('delete', 'gsp', `ends-${cascade}`, `--cascade=${cascade}`);
    await until('no Pods', async () => (await arena.pods(`proffer.dev/pool=ends-${cascade}`)).length === 0);
    await log.caughtUp();
    const made = log.events.filter(({ type, pod }) => type === 'ADDED' && pod.pool === `ends-${cascade}`);
    expect(made).toHaveLength(10);
  });
});

describe('what people see', () => {
  test('kubectl get answers whether it is well, and if not why', async () => {
    await arena.apply(poolManifest({ name: 'seen', replicas: 3 }));
    await arena.ready('seen', 3);
    const table = await arena.cluster.kubectl('get', 'gsp', 'seen');
    expect(table).toMatch(/^NAME +DESIRED +READY +ALLOCATED +PLAYERS +UPDATED +PENDING +MESSAGE +AGE\n/);
    expect(table).toMatch(/\nseen +3 +3 +0 +3 +0 +3 servers ready +\S+\n/);

    await arena.apply(
      poolManifest({ name: 'seen', replicas: 3, cpu: '64' }),
      poolManifest({ name: 'huge', replicas: 2, cpu: '3' }),
    );
    await until('the reason', async () => (await arena.poolStatus('huge')).message?.includes('waiting'));
    await expect
      .poll(() => arena.cluster.kubectl('get', 'gsp', 'huge'))
      .toMatch(
        /huge +2 +0 +0 +0 +2 +2 of 2 servers waiting: 0 of 3 nodes can take it: 3 had insufficient cpu; needs 3 cpu, no node is that large \(largest 2\) +\S+\n/,
      );
  });

  test('kubectl scale works on the scale subresource, and wait on the conditions', async () => {
    await arena.apply(poolManifest({ name: 'scaled', replicas: 1 }));
    await arena.cluster.kubectl('wait', '--for=condition=Ready', '--timeout=300s', 'gsp/scaled');
    await arena.scale('scaled', 4);
    await arena.ready('scaled', 4);
    const scale = await arena.cluster.kubectl(
      'get',
      '--raw',
      '/apis/proffer.dev/v1alpha1/namespaces/default/gameserverpools/scaled/scale',
    );
    expect(JSON.parse(scale)).toMatchObject({
      spec: { replicas: 4 },
      status: { replicas: 4, selector: 'proffer.dev/pool=scaled' },
    });
  });
});
