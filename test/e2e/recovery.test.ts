import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { killContainer } from '../../hack/cluster/kill-container.ts';
import { askServer, serversOf } from '../../hack/demo/servers.ts';
import { buildImage } from '../../hack/images/index.ts';
import { Arena, type ShownPod } from '../support/arena.ts';
import { OperatorProcess } from '../support/operator.ts';
import { until } from '../support/until.ts';
import type { Manifest } from '../support/workloads.ts';

const POOL = 'arena';
const SERVERS = 3;

let arena: Arena;
let operator: OperatorProcess;

const example = async (): Promise<Manifest> => {
  const file = join(import.meta.dirname, '../../examples/gameserverpool.yaml');
  return parse(await readFile(file, 'utf8')) as Manifest;
};

/** Waits until three servers of the pool answer players, none of them one of `gone`. */
const answering = (gone: readonly string[] = []) =>
  until(`${SERVERS} servers answer`, async () => {
    const servers = (await serversOf(arena.cluster, 'default', POOL)).filter((s) => !s.deleting);
    const answers = await Promise.all(servers.map(askServer));
    const alive = servers.filter((s, i) => answers[i] !== undefined && !gone.includes(s.uid));
    return alive.length === SERVERS && servers.length === SERVERS ? alive : undefined;
  });

/** Waits for the event that tells of a recovery in the given words, and for the pool to be well again. */
async function told(words: string, recovered: number): Promise<void> {
  await until(`an event: ${words}`, async () => {
    const events = await arena.events('GameServerPool', POOL);
    return events.some((event) => event.reason === 'Recovered' && event.note.includes(words));
  });
  await until(`${recovered} recoveries in status`, async () => {
    const status = await arena.poolStatus(POOL);
    return status.recovered === recovered && status.message === `${SERVERS} servers ready`;
  });
}

const replacementOf = (pods: readonly ShownPod[], old: readonly { uid: string }[]): ShownPod[] =>
  pods.filter((pod) => old.every((o) => o.uid !== pod.metadata.uid));

beforeAll(async () => {
  arena = await Arena.start({ name: `recovery-${process.pid}`, nodes: 3, log: () => undefined });
  await arena.cluster.loadImage((await buildImage('teeworlds')).tar);
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'recovery' });
  await arena.apply(await example());
  await answering();
});
afterAll(async () => {
  await operator?.stop();
  await arena?.down();
});

// One pool through one bad day: each test goes on where the one before it stopped.
describe('a game server on a real node', () => {
  test('whose process is killed with -9 comes back', async () => {
    const [victim] = await answering();
    await killContainer(arena.cluster, 'default', victim!.name);
    await answering([victim!.uid]);
    await told('crashed', 1);
  });

  test('whose Pod is deleted by hand comes back', async () => {
    const [victim] = await answering();
    await arena.cluster.kubectl('delete', 'pod', victim!.name, '--wait=false');
    await answering([victim!.uid]);
    await told('was deleted', 2);
  });

  test('that is evicted comes back', async () => {
    const [victim] = await answering();
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: victim!.name, namespace: 'default' },
    };
    const path = `/api/v1/namespaces/default/pods/${victim!.name}/eviction`;
    await arena.cluster.kubectlWithInput(JSON.stringify(eviction), 'create', '--raw', path, '-f', '-');
    await answering([victim!.uid]);
    // The API server deletes an evicted Pod and says so in no other way.
    await told('was deleted', 3);
  });

  test('whose node falls off the network comes back elsewhere within 15 s, and the old one goes when the node is back', async () => {
    const before = await answering();
    const lost = arena.cluster.node(before[0]!.node);
    const moved = before.filter((s) => s.node === lost.name);
    const cutAt = Date.now();
    await lost.cut();
    const after = await answering(moved.map((s) => s.uid));
    const made = replacementOf(await arena.servers(POOL), before);
    const seconds = made.map((pod) => (Date.parse(pod.metadata.creationTimestamp) - cutAt) / 1000);
    console.log(
      `node lost: ${made.length} servers made again ${Math.max(...seconds).toFixed(0)} s after the cut`,
    );
    expect(after.map((s) => s.node)).not.toContain(lost.name);
    // Creation times are whole seconds, cut off.
    for (const each of seconds) expect(each).toBeLessThanOrEqual(15);
    await told('lost its node', 3 + moved.length);
    await lost.heal();
    await until('the old Pods are gone', async () => {
      const names = (await arena.pods(`proffer.dev/pool=${POOL}`)).map((pod) => pod.metadata.uid);
      return moved.every((s) => !names.includes(s.uid));
    });
    expect(await arena.servers(POOL)).toHaveLength(SERVERS);
  });

  test('that ends at once, again and again, backs off and says so', async () => {
    const pool = (await example()) as {
      metadata: { name: string };
      spec: { replicas: number; template: { spec: { containers: { command: string[] }[] } } };
    };
    pool.metadata.name = 'broken';
    pool.spec.replicas = 1;
    pool.spec.template.spec.containers[0]!.command = [
      '/usr/bin/tini',
      '--',
      '/usr/games/teeworlds-server',
      'sv_map nosuchmap',
    ];
    await arena.apply(pool as unknown as Manifest);
    await until(
      'a back-off',
      async () =>
        (await arena.poolStatus('broken')).message === '1 server backing off after repeated failures',
    );
    const placed = (await arena.poolStatus('broken')).conditions?.find((c) => c.type === 'Placed');
    expect(placed).toMatchObject({ status: 'False', reason: 'BackOff' });
    // The failed Pod stays for its logs until its slot is filled again, so there are never more than two.
    expect((await arena.pods('proffer.dev/pool=broken')).length).toBeLessThanOrEqual(2);
    await arena.cluster.kubectl('delete', 'gsp', 'broken');
  });
});
