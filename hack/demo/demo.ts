/**
 * The whole product on a local cluster: real kubelets, the operator installed by Helm, a real game server that
 * answers players, a training job, a crash, the loss of a node, and matches on servers. Leaves everything running to look at; with
 * `--provider kind` nothing, since the Docker engine may go with it.
 */
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { binary, startCluster, type Cluster } from '../cluster/index.ts';
import { killContainer } from '../cluster/kill-container.ts';
import { buildImage } from '../images/index.ts';
import { install } from './install.ts';
import { ALLOCATION, playMatches } from './matches.ts';
import { askServer, serversOf, type Server } from './servers.ts';
import { step, until } from './steps.ts';

const KIND = parseArgs({ options: { provider: { type: 'string' } } }).values.provider === 'kind';
const NAME = KIND ? 'kind-demo' : 'demo';
const NAMESPACE = 'default';
const POOL = 'arena';
const SERVERS = 3;

/** Servers that are alive and answer their own query protocol. */
async function answering(cluster: Cluster): Promise<Server[]> {
  const servers = (await serversOf(cluster, NAMESPACE, POOL)).filter(
    (s) => !s.deleting && s.phase === 'Running',
  );
  const answers = await Promise.all(servers.map(askServer));
  return servers.filter((_, i) => answers[i] !== undefined);
}

const allAnswer = (cluster: Cluster, accept: (server: Server) => boolean = () => true) =>
  until(
    `${SERVERS} servers answer`,
    60,
    async () => {
      const servers = (await answering(cluster)).filter(accept);
      return servers.length === SERVERS ? servers : undefined;
    },
    () => cluster.kubectl('get', 'gsp,pods', '-n', NAMESPACE, '-o', 'wide'),
  );

async function show(cluster: Cluster, ...args: string[]): Promise<void> {
  console.log(`\n    $ kubectl ${args.join(' ')}`);
  console.log((await cluster.kubectl(...args)).trimEnd().replaceAll(/^/gm, '    '));
}

/** Kills one server's process and waits for the new one. */
async function crash(cluster: Cluster): Promise<void> {
  const [victim] = await answering(cluster);
  console.log(`    kill -9 on the process of ${victim!.name} on ${victim!.node}`);
  await killContainer(cluster, NAMESPACE, victim!.name);
  const servers = await allAnswer(cluster, (s) => s.uid !== victim!.uid);
  console.log(`    ${servers.map((s) => s.name).join(', ')} answer`);
}

/** Cuts the node with the servers off the network and waits until they answer on others. */
async function loseNode(cluster: Cluster): Promise<void> {
  const servers = await answering(cluster);
  const lost = cluster.node(servers[0]!.node);
  const moved = servers.filter((s) => s.node === lost.name).length;
  const start = performance.now();
  await lost.cut();
  console.log(`    ${lost.name} is cut off; ${moved === 1 ? '1 server was' : `${moved} servers were`} on it`);
  await allAnswer(cluster, (s) => s.node !== lost.name);
  console.log(
    `    all ${SERVERS} answer elsewhere ${((performance.now() - start) / 1000).toFixed(1)} s after the cut`,
  );
  await lost.heal();
}

/** Waits for the example job, which began with the other examples and may have ended since. */
async function train(cluster: Cluster): Promise<void> {
  const phase = () =>
    cluster.kubectl('get', 'tj', 'regression', '-n', NAMESPACE, '-o', 'jsonpath={.status.phase}');
  const before = await phase();
  await until(
    'the job succeeds',
    120,
    async () => ((await phase()) === 'Succeeded' ? true : undefined),
    () => cluster.kubectl('get', 'tj', 'regression', '-n', NAMESPACE, '-o', 'yaml'),
  );
  if (before === 'Succeeded')
    console.log('    it had ended before this step: it ran beside the crash and the node loss');
  await show(cluster, 'get', 'tj', 'regression', '-n', NAMESPACE);
}

async function main(): Promise<void> {
  const images = await step('Packing images: a game server, a training program, the operator', () =>
    Promise.all((['teeworlds', 'trainer', 'operator'] as const).map(buildImage)),
  );
  const cluster = await step('Starting Kubernetes: a control plane and three nodes', () =>
    startCluster({ name: NAME, nodes: 3, keep: true, provider: KIND ? 'kind' : 'local' }),
  );
  await step('Loading the images onto the nodes', async () => {
    for (const { tar, ref } of images) {
      console.log(`    ${ref}`);
      await cluster.loadImage(tar);
    }
  });
  const helm = await binary('helm');
  await step('Installing the operator', () => install(cluster, helm, ALLOCATION));
  await step('Applying the examples', async () => {
    console.log(
      `    ${(await cluster.kubectl('apply', '-n', NAMESPACE, '-f', 'examples')).trim().replaceAll('\n', '\n    ')}`,
    );
    for (const server of await allAnswer(cluster)) {
      const info = await askServer(server);
      console.log(
        `    ${server.name} at ${server.host}:${server.port} on ${server.node}: map ${info?.map}, ${info?.players}/${info?.maxPlayers} players`,
      );
    }
  });
  await step('Crash: a server process dies', () => crash(cluster));
  await step('Node loss: a node falls off the network', () => loseNode(cluster));
  await step('Training: three workers to the end', () => train(cluster));
  await step('Matches: a match maker gives out servers', () => playMatches(cluster, NAMESPACE));
  await show(cluster, 'get', 'gsp,tj,or');
  await show(cluster, 'get', 'pods', '-o', 'wide');
  await show(cluster, 'get', 'events', '--field-selector', 'reason=Recovered');
  if (KIND) return step('Removing the cluster', () => cluster.down());
  console.log(`
The cluster stays up. To look further:

    export KUBECONFIG=${cluster.kubeconfigPath}
    export PATH=${dirname(cluster.kubectlPath)}:$PATH
    alias helm=${helm}
    kubectl get gsp,tj,or -w
    kubectl explain gsp.spec
    kubectl scale gsp/${POOL} --replicas=10
    kubectl create -f examples/claim/gameserverclaim.yaml && kubectl get gsc -w    # a server, for as long as the claim exists
    bin/proffer servers         # where players connect
    bin/proffer matrix          # the matrices A, B and C
    bin/proffer offers          # the last offers and their answers
    bin/proffer roles           # how much each role holds, and which comes next
    hack/cluster/cluster node cut ${NAME} NODE     # a node falls off the network; heal brings it back
    hack/cluster/cluster down --name ${NAME}       # remove it all
`);
}

try {
  await main();
} catch (error) {
  console.error(
    `\nmake ${KIND ? 'kind-demo' : 'demo'}: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exit(1);
}
