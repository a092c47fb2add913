import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { QueryProtocol } from '../../../src/api/pool/query.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { Arena, type ShownPod } from '../../support/arena.ts';
import { GameServer } from '../../support/game-servers.ts';
import { OperatorProcess } from '../../support/operator.ts';
import { PlayedKubelet } from '../../support/played-kubelet.ts';
import { until } from '../../support/until.ts';
import { poolManifest } from '../../support/workloads.ts';

/** Every server of the tests listens on this port of an address of its own, below the numbers that the kernel gives away. */
const PORT = 27_915;
const STATE = 'proffer.dev/state';

let arena: Arena;
let operator: OperatorProcess;
let client: KubeClient;
let kubelet: PlayedKubelet;

/** Addresses of Pods by UID, and the servers that listen there. */
const addresses = new Map<string, string>();
const servers = new Map<string, GameServer>();

const startOperator = (identity: string) =>
  OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity });

beforeAll(async () => {
  arena = await Arena.start({ name: 'it-op-health', fakeNodes: 2, fakeNode: { cpu: '8', pods: '110' } });
  operator = await startOperator('health-1');
  client = KubeClient.load({ kubeconfig: arena.cluster.kubeconfigPath });
  kubelet = new PlayedKubelet(client, ({ metadata: { uid = '' } }) => {
    const known = addresses.get(uid);
    if (known !== undefined) return known;
    const address = `127.77.0.${addresses.size + 1}`;
    addresses.set(uid, address);
    return address;
  });
});

afterEach(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()));
  servers.clear();
  await arena?.clear();
});

afterAll(async () => {
  await kubelet?.stop();
  await client?.close();
  await operator?.kill();
  await arena?.down();
});

/** A pool whose servers are asked each second, and given up after two misses once they have answered. */
const asked = (name: string, protocol: QueryProtocol, replicas: number, query: object = {}) =>
  poolManifest({
    name,
    replicas,
    // Nobody ends a Pod here but the API server itself.
    podSpec: { terminationGracePeriodSeconds: 0 },
    spec: {
      ports: [{ name: 'game', containerPort: PORT, protocol: protocol === 'TCP' ? 'TCP' : 'UDP' }],
      health: {
        query: {
          protocol,
          port: 'game',
          periodSeconds: 1,
          failureThreshold: 2,
          initialDelaySeconds: 600,
          ...query,
        },
      },
    },
  });

/** Starts the game in a Pod, once the Pod has its address. */
async function play({ metadata: { uid, name } }: ShownPod, protocol: QueryProtocol): Promise<GameServer> {
  const address = await until(`an address of ${name}`, () => addresses.get(uid));
  const server = await GameServer.start(protocol, address, PORT);
  servers.set(uid, server);
  return server;
}

/** Waits for the Pods of a pool, and starts a game in each. */
async function played(pool: string, protocol: QueryProtocol, count: number) {
  const pods = await until(`${count} Pods of ${pool}`, async () => {
    const all = await arena.servers(pool);
    return all.length === count ? all : undefined;
  });
  return Promise.all(pods.map(async (pod) => ({ pod, game: await play(pod, protocol) })));
}

const answersOf = ({ status }: ShownPod): string => {
  const told = status.conditions?.find(({ type }) => type === 'proffer.dev/Answers');
  return told ? `${told.status} ${told.reason}` : 'unknown';
};
const podNow = async (pool: string, uid: string): Promise<ShownPod | undefined> =>
  (await arena.servers(pool)).find(({ metadata }) => metadata.uid === uid);
const told = async (pool: string, uid: string, answers: string) =>
  until(`${pool}: ${answers}`, async () => {
    const pod = await podNow(pool, uid);
    return pod && answersOf(pod) === answers && pod;
  });

const PATTERNS: Partial<Record<QueryProtocol, object>> = {
  UDP: { send: '\\xff\\xff ping', expect: 'pong' },
  TCP: { send: 'BZFLAG\\r\\n\\r\\n', expect: 'BZFS' },
};

describe('a server that is asked over the network', () => {
  test.each<QueryProtocol>(['A2S', 'Quake3', 'Teeworlds', 'UDP', 'TCP'])(
    'by %s is ready once it answers, and its Pod tells of its players',
    async (protocol) => {
      const pool = protocol.toLowerCase();
      await arena.apply(asked(pool, protocol, 1, PATTERNS[protocol]));
      const [first] = await until('its Pod', async () => {
        const all = await arena.servers(pool);
        return all.length === 1 ? all : undefined;
      });
      await until('it runs', () => addresses.get(first!.metadata.uid));
      expect((await arena.poolStatus(pool)).readyReplicas ?? 0).toBe(0);
      const game = await play(first!, protocol);
      const [ready] = await arena.ready(pool, 1);
      expect(answersOf(ready!)).toBe('True Answered');
      if (protocol in PATTERNS) return;
      await expect
        .poll(async () => (await podNow(pool, ready!.metadata.uid))?.metadata.annotations)
        .toMatchObject({ 'proffer.dev/counter.players': '3/16' });
      await until('the sum', async () => (await arena.poolStatus(pool)).players === 3);
      if (protocol !== 'A2S') return;
      game.crowd.count = 5;
      await until('more players', async () => (await arena.poolStatus(pool)).players === 5);
    },
  );

  test('that nobody holds is replaced when it hangs, and when it has closed its port', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(asked('fragile', 'A2S', 3));
    const [hung, dead] = await played('fragile', 'A2S', 3);
    await arena.ready('fragile', 3);
    hung!.game.mood = 'hangs';
    await until(
      'the one that hangs to be gone',
      async () => !(await podNow('fragile', hung!.pod.metadata.uid)),
    );
    await dead!.game.stop();
    await until('the dead one to be gone', async () => !(await podNow('fragile', dead!.pod.metadata.uid)));
    const notes = async () => (await arena.events('GameServerPool', 'fragile')).map(({ note }) => note);
    await until('the events', async () => {
      const all = (await notes()).join('\n');
      return (
        /does not answer: asked A2S by port game \(27915\): no answer within 1 s, 2 times in a row/.test(
          all,
        ) && /its port is closed, 2 times in a row/.test(all)
      );
    });
  });

  test('that is held stays while it hangs, and is told of; it goes when the port of its players is closed', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(asked('held', 'Quake3', 3));
    const [held] = await played('held', 'Quake3', 3);
    await arena.ready('held', 3);
    const { uid, name } = held!.pod.metadata;
    await arena.cluster.kubectl('label', 'pod', name, `${STATE}=Allocated`);
    held!.game.mood = 'hangs';
    await told('held', uid, 'False Silent');
    await until('the sentence', async () =>
      (await arena.poolStatus('held')).message?.includes(`${name}: asked Quake3 by port game`),
    );
    // Many more periods: it stays.
    const heard = held!.game.heard;
    await until('it is asked on', () => held!.game.heard > heard + 4);
    expect(await podNow('held', uid)).toBeDefined();
    held!.game.mood = 'well';
    await told('held', uid, 'True Answered');
    await held!.game.stop();
    await until('the dead one to be gone', async () => !(await podNow('held', uid)));
  });

  test('is given up by nobody while most of its pool fall silent at once', async () => {
    onTestFailed(() => console.log(operator.tail(20)));
    await arena.apply(asked('spared', 'Teeworlds', 4));
    const all = await played('spared', 'Teeworlds', 4);
    await arena.ready('spared', 4);
    for (const { game } of all) game.mood = 'hangs';
    const heard = all.map(({ game }) => game.heard);
    await until('all of them are asked on', () => all.every(({ game }, i) => game.heard > heard[i]! + 6));
    expect((await arena.servers('spared')).map(answersOf)).toEqual(Array(4).fill('True Answered'));
    const reasons = async () => (await arena.events('GameServerPool', 'spared')).map(({ reason }) => reason);
    await expect.poll(reasons).toContain('Spared');
    expect(await reasons()).not.toContain('Unanswered');
  });

  test('is known to the next operator by what its Pod says: nothing is written, and nothing forgotten', async () => {
    await arena.apply(asked('handed-on', 'A2S', 2));
    const [one, other] = await played('handed-on', 'A2S', 2);
    await arena.ready('handed-on', 2);
    const before = (await podNow('handed-on', other!.pod.metadata.uid))!;
    await operator.kill();
    one!.game.mood = 'hangs';
    operator = await startOperator('health-2');
    onTestFailed(() => console.log(operator.tail(20)));
    await until('the hung one to be gone', async () => !(await podNow('handed-on', one!.pod.metadata.uid)));
    const after = (await podNow('handed-on', other!.pod.metadata.uid))!;
    expect(after.status.conditions).toEqual(before.status.conditions);
  });
});
