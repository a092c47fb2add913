/**
 * What it costs to read Pods as the API server sends them: processor time a Pod. Prints the least of the rounds.
 *
 *   npm run bench:reading -- [--rounds 8] [--against DIR]
 *
 * With --against, the reader of another checkout is run in turns with this one's.
 */
import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createPodReader } from '../src/snapshot/task.ts';
import { markdownTable } from './support/table.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '8' }, against: { type: 'string' } },
});
const PODS = 20_000;

/** A server as it runs: the parts that a kubelet and admission add are most of it. */
const server = (slot: number) => ({
  metadata: {
    name: `arena-${slot}`,
    namespace: 'games',
    uid: `uid-${slot}`,
    resourceVersion: String(slot),
    creationTimestamp: '2026-11-30T00:00:00Z',
    labels: { app: 'arena', 'proffer.dev/pool': 'arena', 'proffer.dev/slot': String(slot) },
    annotations: { 'proffer.dev/ports': 'game=7000/UDP', 'proffer.dev/role': 'games' },
    ownerReferences: [
      {
        apiVersion: 'proffer.dev/v1alpha1',
        kind: 'GameServerPool',
        name: 'arena',
        uid: 'uid',
        controller: true,
      },
    ],
  },
  spec: {
    nodeName: `node-${slot % 100}`,
    containers: [
      {
        name: 'server',
        image: 'registry.example.com/arena:1',
        env: [{ name: 'PROFFER_PORT_GAME', value: '7000' }],
        ports: [{ name: 'game', containerPort: 8303, hostPort: 7000, protocol: 'UDP' }],
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
        volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets' }],
      },
    ],
    tolerations: ['not-ready', 'unreachable'].map((key) => ({
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
    volumes: [{ name: 'token', projected: { sources: [] } }],
    schedulerName: 'default-scheduler',
    priority: 0,
  },
  status: {
    phase: 'Running',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: '2026-11-30T00:00:01Z',
    })),
    containerStatuses: [{ name: 'server', state: { running: { startedAt: '2026-11-30T00:00:01Z' } } }],
  },
});
const pods = Array.from({ length: PODS }, (_, slot) => server(slot));

type Readers = { readonly createPodReader: () => (pod: never) => unknown };
const others =
  values.against === undefined
    ? []
    : [(await import(resolve(values.against, 'src/snapshot/task.ts'))) as Readers];

/** Microseconds of processor time that a fresh reader takes for each Pod. */
function measure({ createPodReader: create }: Readers): number {
  const read = create();
  const start = process.cpuUsage();
  for (const pod of pods) read(pod as never);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / PODS;
}

const checkouts: readonly Readers[] = [{ createPodReader }, ...others];
const rounds = Array.from({ length: Number(values.rounds) }, () => checkouts.map(measure));
const least = checkouts.map((_, i) => Math.min(...rounds.map((round) => round[i]!)).toFixed(1));
console.log(`Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}\n`);
console.log(
  markdownTable(['', 'us a Pod', ...others.map(() => 'before')], [['a server that runs', ...least]]),
);
