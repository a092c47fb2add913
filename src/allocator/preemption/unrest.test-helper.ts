import * as fc from 'fast-check';
import {
  aGroup,
  aJob,
  aNode,
  aPod,
  aPool,
  aRole,
  aSnapshot,
  type Buildable,
  type PodBuilder,
} from '../../../test/builders/index.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { buildSnapshot } from '../../world/world.ts';
import { NO_MEMORY, type PreemptionMemory } from '../../snapshot/preemption.ts';
import type { Allocation } from '../allocate.ts';
import { decide } from '../decide.test-helper.ts';
import { DRIVERS } from '../../frameworks/drivers.ts';

const anyWork = fc.record({
  kind: fc.constantFrom('pool', 'pool', 'pool', 'job', 'revocable'),
  role: fc.constantFrom('red', 'red', 'green', 'blue', 'lime'),
  priority: fc.constantFrom(0, 0, 1, 2),
  cpu: fc.constantFrom(1, 1, 2, 3, 4),
  memory: fc.constantFrom(0, 0, 1, 3),
  port: fc.constantFrom(0, 0, 0, 0, 7777),
  replicas: fc.integer({ min: 1, max: 5 }),
  /** Nodes of those that run at the start. */
  running: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 }),
  /** Which of those have players. */
  session: fc.constantFrom(-1, -1, -1, 0, 1),
  /** In which cycle it comes. */
  comes: fc.constantFrom(0, 0, 0, 1, 3),
});

const anyQuota = fc.record({
  weight: fc.constantFrom(1, 1, 2),
  guarantee: fc.constantFrom(0, 0, 2, 4, 8),
  limit: fc.constantFrom(0, 0, 0, 8, 12),
});

/** A small cluster that is full of work, and more to come. */
export const anyUnrest = fc.record({
  nodes: fc.array(
    fc.record({ cpu: fc.integer({ min: 1, max: 8 }), memory: fc.integer({ min: 0, max: 8 }) }),
    {
      minLength: 1,
      maxLength: 5,
    },
  ),
  work: fc.array(anyWork, { minLength: 2, maxLength: 6 }),
  roles: fc.record({ red: anyQuota, green: anyQuota, blue: anyQuota }, { requiredKeys: [] }),
  /** How many cycles who is evicted takes to go. */
  grace: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
});
export type Unrest = typeof anyUnrest extends fc.Arbitrary<infer T> ? T : never;

interface Task {
  readonly name: string;
  readonly work: number;
  readonly slot: number;
  readonly node: string;
  readonly session: boolean;
  readonly createdAt: number;
  /** Cycles until it is gone; undefined = it stays. */
  leaves: number | undefined;
}

interface Owner {
  readonly object: Buildable;
  readonly adopt: (pod: PodBuilder, slot: number) => void;
}

/** A world that does what the allocator decides, cycle by cycle. */
export class World {
  readonly #unrest: Unrest;
  readonly #tasks = new Map<string, Task>();
  memory: PreemptionMemory = NO_MEMORY;
  #cycle = 0;
  #evictions = 0;

  constructor(unrest: Unrest) {
    this.#unrest = unrest;
    const free = unrest.nodes.map(({ cpu, memory }) => ({ cpu, memory, ports: new Set<number>() }));
    unrest.work.forEach(({ kind, running, cpu, memory, port, session, comes, replicas }, work) => {
      if (comes > 0) return;
      const nodes = running.slice(0, replicas).map((n) => n % unrest.nodes.length);
      // A gang runs whole or not at all.
      if (kind !== 'pool' && nodes.length < replicas) return;
      const placed: number[] = [];
      for (const node of nodes) {
        const room = free[node]!;
        if (room.cpu < cpu || room.memory < memory || (port > 0 && room.ports.has(port))) continue;
        room.cpu -= cpu;
        room.memory -= memory;
        if (port > 0) room.ports.add(port);
        placed.push(node);
      }
      if (kind !== 'pool' && placed.length < replicas) return;
      placed.forEach((node, slot) =>
        this.#start(work, slot, `n${node}`, kind === 'pool' && slot === session),
      );
    });
  }

  get evictions(): number {
    return this.#evictions;
  }

  snapshot(): Snapshot {
    const { nodes, work, roles } = this.#unrest;
    const builder = aSnapshot().later(this.#cycle);
    nodes.forEach(({ cpu, memory }, i) => builder.with(aNode(`n${i}`).cpu(`${cpu}`).memory(`${memory}Gi`)));
    for (const [name, { weight, guarantee, limit }] of Object.entries(roles)) {
      const role = aRole(name).weight(weight);
      if (guarantee > 0 && (limit === 0 || guarantee <= limit)) role.guarantee({ cpu: `${guarantee}` });
      if (limit > 0) role.limit({ cpu: `${limit}` });
      builder.with(role);
    }
    if (roles.green) builder.with(aRole('lime').parent('green'));
    const owners = work.map((_, i) => this.#workload(i));
    work.forEach(({ comes }, i) => comes <= this.#cycle && builder.with(owners[i]!.object));
    for (const { name, work: w, slot, node, session, createdAt, leaves } of this.#tasks.values()) {
      const { cpu, memory, port } = work[w]!;
      const pod = aPod(name).on(node).cpu(`${cpu}`).memory(`${memory}Gi`).created(-createdAt).ready();
      owners[w]!.adopt(pod, slot);
      if (port > 0) pod.fixedPort(port);
      if (session) pod.session('Allocated');
      if (leaves !== undefined) pod.evicted();
      builder.with(pod);
    }
    return buildSnapshot({ ...builder.inputs(), preemption: this.memory }, DRIVERS);
  }

  /** One cycle, and what comes of it. @param forgets the operator is killed and restarted after it */
  step(forgets: boolean): { readonly snapshot: Snapshot; readonly allocation: Allocation } {
    const snapshot = this.snapshot();
    const allocation = decide(snapshot);
    this.#cycle++;
    for (const task of this.#tasks.values()) {
      if (task.leaves === undefined) continue;
      if (task.leaves === 0) this.#tasks.delete(task.name);
      else task.leaves--;
    }
    const { grace } = this.#unrest;
    for (const { pod } of allocation.evictions)
      this.#tasks.get(pod.name)!.leaves = grace[this.#evictions++ % grace.length]!;
    for (const { offer, vacancy } of allocation.launches) {
      const { name } = snapshot.frameworks[offer.framework]!.metadata;
      this.#start(
        Number(name.slice(1)),
        vacancy.slot,
        snapshot.agents[offer.agent]!.name,
        false,
        vacancy.name,
      );
    }
    const nominations = allocation.nominations.map(({ framework, demandClass, agent, tasks }) => ({
      framework: snapshot.frameworks[framework]!.id,
      group: demandClass.group,
      demand: demandClass.shape.demand,
      node: snapshot.agents[agent]!.name,
      tasks,
    }));
    const gaveWay = new Map(this.memory.gaveWay);
    for (const { framework } of allocation.evictions)
      gaveWay.set(snapshot.frameworks[framework]!.id, snapshot.now);
    this.memory = forgets ? NO_MEMORY : { ...NO_MEMORY, nominations, gaveWay };
    return { snapshot, allocation };
  }

  /** Whether nothing is on its way any more, and nobody is to come. */
  get isStill(): boolean {
    return [...this.#tasks.values()].every(({ leaves }) => leaves === undefined) && this.#cycle > 3;
  }

  #start(work: number, slot: number, node: string, session: boolean, name?: string): void {
    const { kind } = this.#unrest.work[work]!;
    const full = name ?? (kind === 'pool' ? `w${work}-${slot}` : `w${work}-w-${slot}`);
    this.#tasks.set(full, {
      name: full,
      work,
      slot,
      node,
      session,
      createdAt: name === undefined ? -600 : this.#cycle,
      leaves: undefined,
    });
  }

  #workload(i: number): Owner {
    const { kind, role, priority, cpu, memory, port, replicas } = this.#unrest.work[i]!;
    if (kind === 'pool') {
      const pool = aPool(`w${i}`).role(role).priority(priority).replicas(replicas);
      pool.cpu(`${cpu}`).memory(`${memory}Gi`);
      if (port > 0) pool.fixedPort(port);
      return { object: pool, adopt: (pod, slot) => pod.ofPool(pool, slot) };
    }
    const group = aGroup('w').replicas(replicas).cpu(`${cpu}`).memory(`${memory}Gi`);
    if (port > 0) group.fixedPort(port);
    const job = aJob(`w${i}`).role(role).priority(priority).group(group);
    if (kind === 'revocable') job.field('revocable', true);
    return { object: job, adopt: (pod, slot) => pod.ofJob(job, 'w', slot) };
  }
}
