import { aGroup, aJob, aNode, aPool, noStorage, NOW } from '../../test/builders/index.ts';
import { ANNOTATION, LABEL } from '../api/group.ts';
import { formatTime } from '../lib/time.ts';
import type { Command } from '../plan/command.ts';
import { jobStatus } from '../frameworks/job/status.ts';
import { outcomes } from '../plan/outcome.ts';
import { HEALTHY, type AgentHealth } from '../recovery/health.ts';
import { agentFacts } from '../snapshot/agent.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { createPodReader } from '../snapshot/task.ts';
import { jobFacts } from '../frameworks/job/facts.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { PortRanges } from '../snapshot/port-ranges.ts';
import { runCycle, type CycleResult } from './cycle.ts';

/** A Kubernetes of a few nodes in memory: it stores Pods and lets time, kubelets and people act on them. */
export class World {
  readonly pods = new Map<string, Pod>();
  readonly silent = new Set<string>();
  replicas = 4;
  now = NOW;
  jobState: unknown;
  #version = 1;
  readonly #read = createPodReader();
  readonly #nodes = ['n1', 'n2', 'n3'].map((name) => agentFacts(aNode(name).cpu('4').pods(20).build()));

  get pool() {
    return poolFacts(aPool('arena').replicas(this.replicas).cpu('1').port('game', 7777).build());
  }

  get job() {
    return jobFacts(
      aJob('learn').maxRestarts(6).group(aGroup('w').replicas(2).cpu('1')).status(this.jobState).build(),
    );
  }

  /** One cycle of the operator, which remembers nothing from the one before. */
  cycle(): CycleResult {
    const health = new Map<string, AgentHealth>();
    for (const name of this.silent) health.set(name, { ...HEALTHY, unfitMs: 60_000, cause: 'no heartbeat' });
    const inputs = {
      now: this.now,
      agents: this.#nodes,
      pods: [...this.pods.values()].map(this.#read),
      workloads: [this.pool, this.job],
      roles: [],
      namespaces: [],
      services: [],
      priorityClasses: [],
      runtimeClasses: [],
      storage: noStorage(),
      health,
      holds: new Map(),
      hostPorts: new PortRanges({ default: { first: 7000, last: 7009 } }),
    };
    const clock = { now: () => this.now, monotonic: () => 0, sleep: () => Promise.resolve() };
    return runCycle(inputs, clock, DRIVERS);
  }

  /** Somebody makes a Pod. */
  come(pod: Pod): void {
    this.#store(pod);
  }

  /** Carries a command out as the API server does: names are unique, a Pod is bound once, deletions name a version. */
  carryOut(command: Command): void {
    if (command.kind === 'create') {
      const key = `${command.pod.metadata.namespace}/${command.pod.metadata.name}`;
      if (this.pods.has(key)) throw new Error(`${key} exists`);
      const stamp = { uid: `uid-${this.#version}`, creationTimestamp: formatTime(this.now) };
      this.#store({
        ...command.pod,
        metadata: { ...command.pod.metadata, ...stamp },
        status: { phase: 'Pending' },
      });
      return;
    }
    if (command.kind === 'bind') {
      const pod = this.pods.get(`${command.namespace}/${command.name}`);
      if (pod?.metadata.uid !== command.uid) return;
      if (pod.spec.nodeName !== undefined) throw new Error(`${command.name} is bound`);
      this.#store({ ...pod, spec: { ...pod.spec, nodeName: command.node } });
      return;
    }
    if (command.kind !== 'delete') throw new Error(`nobody here asks for ${command.kind}`);
    const pod = this.pods.get(`${command.namespace}/${command.name}`);
    if (pod?.metadata.uid === command.uid && pod.metadata.resourceVersion === command.resourceVersion)
      this.remove(pod);
  }

  /** Writes the status of the job, as the operator does after a cycle. */
  record({ snapshot, matrices, allocation }: CycleResult): void {
    const outcome = outcomes(snapshot, matrices, allocation).find((o) => o.framework.kind === 'TrainingJob')!;
    this.jobState = jobStatus(this.job, outcome, this.now);
  }

  /** A Pod that is deleted goes at once when it ended, else it is on its way out. */
  remove(pod: Pod): void {
    const ended = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
    if (ended) this.pods.delete(`${pod.metadata.namespace}/${pod.metadata.name}`);
    else this.#store({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: formatTime(this.now) } });
  }

  /** The kubelet's word on a Pod: ready, or an end with a code. */
  report(pod: Pod, state: 'ready' | number | 'Evicted'): void {
    if (state === 'ready')
      return this.#store({
        ...pod,
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      });
    if (state === 'Evicted') return this.#store({ ...pod, status: { phase: 'Failed', reason: state } });
    const at = formatTime(this.now);
    const terminated = { exitCode: state, startedAt: pod.metadata.creationTimestamp ?? at, finishedAt: at };
    const phase = state === 0 ? 'Succeeded' : 'Failed';
    this.#store({ ...pod, status: { phase, containerStatuses: [{ name: 'main', state: { terminated } }] } });
  }

  /** Players take a server. */
  allocate(pod: Pod): void {
    const { labels, annotations } = pod.metadata;
    if (annotations?.[ANNOTATION.ports] === undefined) return;
    this.#store({ ...pod, metadata: { ...pod.metadata, labels: { ...labels, [LABEL.state]: 'Allocated' } } });
  }

  /** Kubelets end the Pods that are on their way out, but for those on silent nodes. */
  settle(): void {
    for (const [key, pod] of this.pods)
      if (pod.metadata.deletionTimestamp && !this.silent.has(pod.spec.nodeName!)) this.pods.delete(key);
  }

  #store(pod: Pod): void {
    const metadata = { ...pod.metadata, resourceVersion: String(this.#version++) };
    this.pods.set(`${metadata.namespace}/${metadata.name}`, { ...pod, metadata });
  }
}
