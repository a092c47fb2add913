import { pino, stdTimeFunctions } from 'pino';
import { Allocation } from '../controllers/allocation/allocation.ts';
import { announceOn } from '../controllers/announce.ts';
import { Autoscaler } from '../controllers/autoscaler.ts';
import type { LoopMeans } from '../controllers/loop.ts';
import { NodeMonitor } from '../controllers/node-monitor.ts';
import { Placement } from '../controllers/placement.ts';
import { StatusWriter } from '../controllers/status-writer.ts';
import { Unreadable } from '../controllers/unreadable.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { KubeClient } from '../kube/client.ts';
import { EventRecorder } from '../kube/events.ts';
import { kubeletAnswers } from '../kube/node-probe.ts';
import { systemClock } from '../lib/clock.ts';
import type { OperatorOptions } from '../options.ts';
import { postJson } from '../outbound/post-json.ts';
import { ask } from '../probes/ask.ts';
import { Notes } from '../probes/notes.ts';
import { Prober } from '../probes/prober.ts';
import { listen } from '../server/listeners.ts';
import { Metrics } from '../server/metrics.ts';
import type { FrameworkKind } from '../snapshot/framework-id.ts';
import { DEFAULT_RANGE, PortRanges } from '../snapshot/port-ranges.ts';
import { createPodReader } from '../snapshot/task.ts';
import { AssumedPods } from '../writes/assumed.ts';
import { Launcher } from '../writes/launcher.ts';
import { keepers } from './keepers.ts';
import { mirrorCluster } from './mirrors.ts';
import { Office } from './office.ts';
import { serveSessions } from './sessions.ts';

/** How long the end of the process waits for events to be written, ms. */
const EVENTS_MS = 2000;

/**
 * Runs the operator until the signal aborts: mirrors the cluster, stands for election, and places while it leads.
 * This folder alone constructs adapters.
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
  const connect = () =>
    KubeClient.load({
      ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
      ...(options.context === undefined ? {} : { context: options.context }),
      connections: options.connections,
      onRequest: metrics.request,
    });
  const client = connect();

  const readPod = createPodReader();
  const assumed = new AssumedPods();
  const unreadable = new Unreadable(log, metrics);
  const mirrors = mirrorCluster({
    client,
    clock,
    random,
    log,
    assumed,
    readPod,
    look: (resource, facts) => unreadable.look(resource, facts),
  });
  const { stores, leases, podMirror, serverClaims, synced } = mirrors;

  const office = new Office({
    access: client.access,
    namespace: options.namespace,
    name: 'proffer',
    identity: options.identity,
    address: () => sessions?.advertised ?? '',
    leaderElect: options.leaderElect,
    leaseDurationMs: options.leaseDurationMs,
    renewDeadlineMs: Math.floor((options.leaseDurationMs * 2) / 3),
    retryPeriodMs: Math.floor(options.leaseDurationMs / 8),
    clock,
    random,
    log,
    onRequest: metrics.request,
    resync: () => mirrors.resync(),
    synced,
    onTaken: (term) => {
      metrics.leading(true);
      void prober.run(term);
      log.info('deciding');
      placement.trigger();
      for (const keeper of kept) keeper.trigger?.();
    },
    onLost: () => {
      metrics.leading(false);
      placement.stop();
      allocation.stop();
      autoscaler.stop();
    },
  });
  const { mayWrite, mayDecide } = office;
  const means: LoopMeans = { client, clock, random, log, mayDecide, mayWrite };

  const events = new EventRecorder({
    ...means,
    client,
    component: 'proffer.dev/operator',
    instance: options.identity,
  });
  metrics.follow(() => ['eventsFolded', {}, events.counters.folded]);
  metrics.follow(() => ['eventsDropped', {}, events.counters.dropped]);
  const monitor = new NodeMonitor({
    clock,
    nodes: stores.nodes,
    leases: leases.store,
    answers: kubeletAnswers,
    relist: () => leases.mirror.resync(),
  });
  const placement = new Placement({
    drivers: DRIVERS,
    stores,
    assumed,
    monitor,
    statuses: new StatusWriter({ ...means, client, onConflict: () => placement.trigger() }),
    amend: (workload, status) => autoscaler.amend(workload, status),
    events,
    counts: metrics,
    clock,
    log,
    hostPorts: new PortRanges({ [DEFAULT_RANGE]: options.hostPorts, ...options.portRanges }),
    intervalMs: options.allocationIntervalMs,
    mayDecide,
    podMirror,
    makeLauncher: (listeners) =>
      new Launcher({
        ...means,
        client,
        assumed,
        readPod,
        concurrency: options.connections,
        ...listeners,
      }),
  });

  // Before the election, since the lease is to tell where we are reached.
  const lane = connect();
  const allocation = new Allocation({
    ...means,
    client: lane,
    stores,
    monitor,
    claims: serverClaims,
    readPod,
    events,
  });
  const sessions =
    options.allocation && (await serveSessions(options.allocation, lane, office, metrics, allocation, means));
  const autoscaler = new Autoscaler({
    ...means,
    stores,
    origins: options.webhookOrigins,
    post: postJson,
    latest: () => placement.inspect.latest(),
    events,
    onNews: () => placement.trigger(),
  });
  const prober = new Prober({
    pods: stores.pods,
    ask,
    notes: new Notes({ client, mayWrite, log }),
    tell: ({ task }, event) => {
      const workloads = [...(stores.workloads.get(task?.kind as FrameworkKind)?.values() ?? [])];
      const owner = workloads.find(({ metadata }) => metadata.uid === task?.owner);
      if (owner) announceOn(events, owner, event);
    },
    counts: metrics,
    clock,
    random,
    log,
  });
  const { standIns } = options;
  const kept = keepers({ ...means, mirrors, events, lastCycle: placement.inspect, standIns });

  const { health, http, debug } = options;
  const listeners = await listen({
    health,
    http,
    debug,
    inspect: placement.inspect,
    metrics,
    ready: synced,
    unhealthy: () => placement.trouble(),
  });
  const urls = {
    health: listeners.health.url,
    http: listeners.http.url,
    debug: listeners.debug.url,
    ...(sessions && { allocation: sessions.url }),
  };
  log.info({ ...urls, server: client.access.server }, 'operator started');
  for (const [resource, { counters }] of mirrors.mirrors) {
    metrics.follow(() => ['relists', { resource }, counters.relists]);
    metrics.follow(() => ['events', { resource }, counters.events]);
  }
  // The lease is given back only when the last write of this leader is answered.
  const afterPlacement = new AbortController();
  const loops = [...mirrors.mirrors.map(([, mirror]) => mirror), ...kept, office].map((loop) =>
    loop.run(afterPlacement.signal),
  );
  try {
    await Promise.all([placement.run(signal), allocation.run(signal), autoscaler.run(signal)]);
  } finally {
    allocation.stop();
    await sessions?.close();
    office.end();
    await events.flush(AbortSignal.timeout(EVENTS_MS));
    afterPlacement.abort();
    await Promise.allSettled(loops);
    await listeners.close();
    await Promise.all([client.close(), lane.close()]);
    log.info('operator stopped');
  }
}
