import { pino, stdTimeFunctions } from 'pino';
import { KIND, type KindNames } from './api/kinds.ts';
import { API_VERSION } from './api/group.ts';
import { NodeMonitor } from './controllers/node-monitor.ts';
import { Placement } from './controllers/placement.ts';
import { Unreadable } from './controllers/unreadable.ts';
import { StatusWriter } from './controllers/status-writer.ts';
import type { Stores } from './controllers/stores.ts';
import { DRIVERS, WORKLOADS } from './frameworks/drivers.ts';
import { KubeClient } from './kube/client.ts';
import { Comeback } from './kube/comeback.ts';
import { EventRecorder } from './kube/events.ts';
import { LeaderElector } from './kube/lease.ts';
import { kubeletAnswers } from './kube/node-probe.ts';
import { Reflector } from './kube/reflector.ts';
import { Store, type Keyed } from './kube/store.ts';
import { keyOf, type KubeObject } from './kube/types.ts';
import { systemClock } from './lib/clock.ts';
import type { OperatorOptions } from './options.ts';
import { listen } from './server/listeners.ts';
import { Metrics } from './server/metrics.ts';
import { agentFacts, type AgentFacts } from './snapshot/agent.ts';
import { nodeLease, type NodeLease } from './snapshot/node-lease.ts';
import { namespaceFacts, type NamespaceFacts } from './snapshot/namespace.ts';
import { priorityClassFacts, type PriorityClassFacts } from './snapshot/priority-class.ts';
import { runtimeClassFacts, type RuntimeClassFacts } from './snapshot/runtime-class.ts';
import { serviceFacts, type ServiceFacts } from './snapshot/service.ts';
import type { Faulty } from './snapshot/reading/schema.ts';
import { STORAGE, type StorageFacts, type StorageKind } from './snapshot/volumes/storage.ts';
import { createPodReader, withOwnTime, type PodFacts } from './snapshot/task.ts';
import { roleFacts, type RoleFacts, type Workload } from './snapshot/workload.ts';
import { canonicalJson } from './lib/hash.ts';
import { AssumedPods } from './writes/assumed.ts';
import { Launcher } from './writes/launcher.ts';

/** How long the end of the process waits for events to be written, ms. */
const EVENTS_MS = 2000;

const collection = ({ plural }: KindNames): string => `/apis/${API_VERSION}/${plural}`;

/**
 * Runs the operator until the signal aborts: mirrors the cluster, stands for election, and places while it leads.
 * The only place that constructs adapters.
 * @throws ConfigError when the cluster or an address cannot be used
 */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<void> {
  const clock = systemClock;
  const random = Math.random;
  const log = pino({
    level: options.logLevel,
    base: null,
    formatters: { level: (label) => ({ level: label }) },
    timestamp: stdTimeFunctions.isoTime,
  });
  const metrics = new Metrics();
  const client = KubeClient.load({
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
    connections: options.connections,
    onRequest: metrics.request,
  });

  const readPod = createPodReader();
  // What changes in an object beside what is kept of it, such as a node's heartbeat in its status, says nothing.
  const alike = { same: (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b) };
  const nodes = new Store<AgentFacts>(alike);
  const leases = new Store<NodeLease>({ same: (a, b) => a.renewedAt === b.renewedAt });
  const stores: Stores = {
    nodes,
    pods: new Store<PodFacts>(),
    workloads: new Map(WORKLOADS.map(({ names }) => [names.kind, new Store<Workload>()])),
    roles: new Store<RoleFacts>(),
    namespaces: new Store<NamespaceFacts>(alike),
    services: new Store<ServiceFacts>(alike),
    priorityClasses: new Store<PriorityClassFacts>(),
    runtimeClasses: new Store<RuntimeClassFacts>(),
    storage: {
      claims: new Store<StorageFacts['claims']>(),
      volumes: new Store<StorageFacts['volumes']>(),
      classes: new Store<StorageFacts['classes']>(alike),
      csiNodes: new Store<StorageFacts['csiNodes']>(alike),
      csiDrivers: new Store<StorageFacts['csiDrivers']>(alike),
      csiCapacities: new Store<StorageFacts['csiCapacities']>(alike),
      attachments: new Store<StorageFacts['attachments']>(alike),
    },
  };
  const comeback = new Comeback();
  const unreadable = new Unreadable(log, metrics);
  const mirror = <T extends Keyed & Faulty>(path: string, store: Store<T>, read: (raw: KubeObject) => T) => {
    const resource = path.slice(path.lastIndexOf('/') + 1);
    const transform = (raw: KubeObject): T => {
      const facts = read(raw);
      unreadable.look(resource, facts);
      return facts;
    };
    return new Reflector({ client, path, store, transform, clock, random, log, comeback });
  };
  const pods = mirror('/api/v1/pods', stores.pods, (raw) =>
    withOwnTime(readPod(raw), stores.pods.get(keyOf(raw.metadata)), clock.now()),
  );
  const mirrorStorage = <K extends StorageKind>(kind: K, store: Store<StorageFacts[K]>) => {
    const { group, plural, read } = STORAGE[kind];
    return mirror(`${group === '' ? '/api' : `/apis/${group}`}/v1/${plural}`, store, read);
  };
  const reflectors = {
    pods,
    nodes: mirror('/api/v1/nodes', nodes, agentFacts),
    leases: mirror('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', leases, nodeLease),
    ...Object.fromEntries(
      WORKLOADS.map(({ names, read }) => [
        names.plural,
        mirror(collection(names), stores.workloads.get(names.kind)!, read),
      ]),
    ),
    offerroles: mirror(collection(KIND.role), stores.roles, roleFacts),
    namespaces: mirror('/api/v1/namespaces', stores.namespaces, namespaceFacts),
    services: mirror('/api/v1/services', stores.services, serviceFacts),
    priorityclasses: mirror(
      '/apis/scheduling.k8s.io/v1/priorityclasses',
      stores.priorityClasses,
      priorityClassFacts,
    ),
    persistentvolumeclaims: mirrorStorage('claims', stores.storage.claims),
    persistentvolumes: mirrorStorage('volumes', stores.storage.volumes),
    storageclasses: mirrorStorage('classes', stores.storage.classes),
    csinodes: mirrorStorage('csiNodes', stores.storage.csiNodes),
    csidrivers: mirrorStorage('csiDrivers', stores.storage.csiDrivers),
    csistoragecapacities: mirrorStorage('csiCapacities', stores.storage.csiCapacities),
    volumeattachments: mirrorStorage('attachments', stores.storage.attachments),
    runtimeclasses: mirror('/apis/node.k8s.io/v1/runtimeclasses', stores.runtimeClasses, runtimeClassFacts),
  };
  const synced = () => Object.values(reflectors).every((r) => r.synced);

  /** Set once the Pod store is as new as our leadership. */
  let inOffice = false;
  let term = 0;
  const elector = new LeaderElector({
    access: client.access,
    namespace: options.namespace,
    name: 'proffer',
    identity: options.identity,
    leaseDurationMs: options.leaseDurationMs,
    renewDeadlineMs: Math.floor((options.leaseDurationMs * 2) / 3),
    retryPeriodMs: Math.floor(options.leaseDurationMs / 8),
    clock,
    random,
    log,
    onStarted: () => void takeOffice(),
    onStopped: () => {
      term++;
      inOffice = false;
      metrics.leading(false);
      placement.stop();
    },
    onRequest: metrics.request,
  });
  const mayWrite = () => !options.leaderElect || elector.isLeader();
  const mayDecide = () => inOffice && mayWrite() && synced();

  const events = new EventRecorder({
    client,
    component: 'proffer.dev/operator',
    instance: options.identity,
    clock,
    random,
    log,
    mayWrite,
  });
  metrics.follow(() => ['eventsFolded', {}, events.counters.folded]);
  metrics.follow(() => ['eventsDropped', {}, events.counters.dropped]);
  const assumed = new AssumedPods();
  const placement = new Placement({
    drivers: DRIVERS,
    stores,
    assumed,
    monitor: new NodeMonitor({
      clock,
      nodes,
      leases,
      answers: kubeletAnswers,
      relist: () => reflectors.leases.resync(),
    }),
    statuses: new StatusWriter({ client, clock, random, log, mayWrite }),
    events,
    counts: metrics,
    clock,
    log,
    hostPorts: options.hostPorts,
    intervalMs: options.allocationIntervalMs,
    mayDecide,
    podMirror: pods,
    makeLauncher: (listeners) =>
      new Launcher({
        client,
        assumed,
        readPod,
        clock,
        random,
        log,
        mayWrite,
        concurrency: options.connections,
        ...listeners,
      }),
  });

  /**
   * The leader before us may have written Pods that our mirror has not shown; deciding without them could
   * over-commit a node. So the Pods are listed once more, after the lease is ours.
   */
  async function takeOffice(): Promise<void> {
    const mine = ++term;
    await pods.resync();
    if (mine !== term) return;
    inOffice = true;
    metrics.leading(true);
    log.info('deciding');
    placement.trigger();
  }

  const unhealthy = (): string | undefined => placement.trouble();
  const { health, http, debug } = options;
  const listeners = await listen({
    health,
    http,
    debug,
    inspect: placement.inspect,
    metrics,
    ready: synced,
    unhealthy,
  });
  const urls = { health: listeners.health.url, http: listeners.http.url, debug: listeners.debug.url };
  log.info({ ...urls, server: client.access.server }, 'operator started');
  for (const [resource, { counters }] of Object.entries(reflectors)) {
    metrics.follow(() => ['relists', { resource }, counters.relists]);
    metrics.follow(() => ['events', { resource }, counters.events]);
  }
  // The lease is given back only when the last write of this leader is answered.
  const afterPlacement = new AbortController();
  const loops = Object.values(reflectors).map((r) => r.run(afterPlacement.signal));
  if (!options.leaderElect) void takeOffice();
  const election = options.leaderElect ? elector.run(afterPlacement.signal) : undefined;
  try {
    await placement.run(signal);
  } finally {
    await events.flush(AbortSignal.timeout(EVENTS_MS));
    afterPlacement.abort();
    await Promise.allSettled([election, ...loops]);
    await listeners.close();
    await client.close();
    log.info('operator stopped');
  }
}
