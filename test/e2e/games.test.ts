import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { buildImage } from '../../hack/images/index.ts';
import { serversOf } from '../../hack/demo/servers.ts';
import { Arena } from '../support/arena.ts';
import { OperatorProcess } from '../support/operator.ts';
import { joinTeeworlds } from '../support/teeworlds-player.ts';
import { until } from '../support/until.ts';

const GAMES = ['teeworlds', 'openarena', 'bzflag'] as const;

let arena: Arena;
let operator: OperatorProcess;

beforeAll(async () => {
  const images = await Promise.all(GAMES.map((game) => buildImage(game)));
  arena = await Arena.start({ name: 'e2e-games', nodes: 2 });
  for (const { tar } of images) await arena.cluster.loadImage(tar);
  operator = await OperatorProcess.start({ kubeconfig: arena.cluster.kubeconfigPath, identity: 'games' });
  await arena.cluster.kubectl('apply', ...GAMES.flatMap((game) => ['-f', `examples/games/${game}.yaml`]));
  await Promise.all(GAMES.map((game) => arena.ready(game, 2)));
});

// A server that a test left held would keep its node from being drained in the next one.
afterEach(() => kubectl('label', 'pods', '--all', 'proffer.dev/state-'));

afterAll(async () => {
  await operator?.stop();
  await arena?.down();
});

const kubectl = (...args: string[]) => arena.cluster.kubectl(...args);
const allocate = (pod: string) => kubectl('label', 'pod', pod, 'proffer.dev/state=Allocated');
const release = (pod: string) => kubectl('label', 'pod', pod, 'proffer.dev/state-');
const explained = () => onTestFailed(() => console.log(operator.tail()));

test('a player joins: the pool counts them, and has a server more once that one is given away', async () => {
  explained();
  const quick = { spec: { autoscale: { stabilizationSeconds: 1 } } };
  await kubectl('patch', 'gsp/teeworlds', '--type=merge', '-p', JSON.stringify(quick));
  const [server] = await serversOf(arena.cluster, 'default', 'teeworlds');
  await using _player = await joinTeeworlds(server!.host, server!.port);
  await until('a player is counted', async () => {
    const { players, playerCapacity } = await arena.poolStatus('teeworlds');
    return players === 1 && playerCapacity === 32;
  });
  await allocate(server!.name);
  await arena.ready('teeworlds', 3);
  await release(server!.name);
  await arena.ready('teeworlds', 2);
});

test('an update leaves the server that players hold, and replaces the other by one that answers', async () => {
  explained();
  const [held, free] = await arena.servers('openarena');
  await allocate(held!.metadata.name);
  const cmd = ['+set', 'net_port', '27960', '+set', 'sv_maxclients', '12', '+map', 'oa_dm1'];
  const change = [{ op: 'add', path: '/spec/template/spec/containers/0/args', value: cmd }];
  await kubectl('patch', 'gsp/openarena', '--type=json', '-p', JSON.stringify(change));
  const uids = await until('the other one to be new, and ready', async () => {
    const { updatedReplicas, readyReplicas, replicas } = await arena.poolStatus('openarena');
    const now = (await arena.servers('openarena')).map(({ metadata }) => metadata.uid);
    const isNew = updatedReplicas === 1 && readyReplicas === 2 && replicas === 2;
    return isNew && !now.includes(free!.metadata.uid) ? now : undefined;
  });
  expect(uids).toContain(held!.metadata.uid);
  await release(held!.metadata.name);
  await until('all are new', async () => (await arena.poolStatus('openarena')).updatedReplicas === 2);
});

test('a drain moves the free server at once, and waits for the one that players hold', async () => {
  explained();
  const servers = await arena.servers('bzflag');
  const held = servers[0]!;
  await allocate(held.metadata.name);
  const node = held.spec.nodeName!;
  const drained = kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force');
  let over = false;
  void drained.then(() => (over = true));
  await until('the held one is alone there', async () => {
    const left = (await arena.servers('bzflag')).filter(({ spec }) => spec.nodeName === node);
    return left.length === 1 && left[0]!.metadata.uid === held.metadata.uid;
  });
  expect(over).toBe(false);
  await release(held.metadata.name);
  await drained;
  await kubectl('uncordon', node);
  await arena.ready('bzflag', 2);
});
