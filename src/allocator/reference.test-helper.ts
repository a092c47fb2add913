/**
 * A second allocator, written for its slowness: one task at a time, plain objects, linear scans, no heaps and no
 * matrices. It says what `allocate()` has to come to.
 */
import type { Snapshot } from '../snapshot/build.ts';
import { exclusionOf } from '../snapshot/constraints.ts';
import type { DemandClass, Framework } from '../snapshot/framework.ts';

/** Tasks of each class on each agent, as `class@agent` -> count, and the classes of gangs that found no room. */
export interface Expected {
  readonly placed: ReadonlyMap<string, number>;
  readonly declined: ReadonlySet<number>;
}

interface Account {
  readonly held: number[];
  readonly weight: number;
}

/** The tasks that a fair allocator places, task by task. */
export function allocateSlowly(snapshot: Snapshot): Expected {
  const { agents, columns, total } = snapshot;
  const names = columns.names;
  const free = agents.map((_, i) => names.map((_, r) => snapshot.supply[i * names.length + r]!));
  const heldPorts = agents.map((_, i) =>
    snapshot.ports[i]!.held.map(({ port, protocol }) => ({ port, protocol })),
  );
  const range = snapshot.ports[0]?.range ?? { first: 1, last: 0 };
  const crowd = snapshot.classes.map((c) => agents.map((a) => c.perNode.get(a.name) ?? 0));
  const left = snapshot.classes.map((c) => (snapshot.frameworks[c.framework]!.hold ? 0 : c.pending.length));
  const roles = snapshot.roles.map((role): Account => ({ held: [...role.held], weight: role.weight }));
  const own = snapshot.held.map((held): Account => ({ held: [...held], weight: 1 }));
  const roleOf = new Map(snapshot.roles.flatMap((role, i) => role.frameworks.map((f) => [f, i] as const)));
  const placed = new Map<string, number>();
  const declined = new Set<number>();

  const need = (c: DemandClass) => names.map((name) => c.shape.demand[name] ?? 0);
  const share = ({ held, weight }: Account) =>
    Math.max(0, ...names.map((name, r) => (name !== 'pods' && total[r]! > 0 ? held[r]! / total[r]! : 0))) /
    weight;
  /** Numbers of the range that neither the agent's Pods nor the task itself uses. */
  const freePorts = (c: DemandClass, i: number) => {
    const used = new Set([...heldPorts[i]!, ...c.shape.fixedPorts].map((p) => p.port));
    const all = Array.from({ length: range.last - range.first + 1 }, (_, n) => range.first + n);
    return all.filter((port) => !used.has(port));
  };

  function fits(c: DemandClass, i: number): boolean {
    if (exclusionOf(c.shape.constraints, agents[i]!) || fault(c, i) >= 1) return false;
    if (need(c).some((amount, r) => amount > free[i]![r]!)) return false;
    const clash = c.shape.fixedPorts.some(({ port, protocol }) =>
      heldPorts[i]!.some((held) => held.port === port && [protocol, 'TCPUDP'].includes(held.protocol)),
    );
    return !clash && freePorts(c, i).length >= c.shape.dynamicPorts.length;
  }

  function fault(c: DemandClass, i: number): number {
    const { deleting, unfitMs, pressures, backMs } = snapshot.health[i]!;
    if (deleting || unfitMs > 0) return 1;
    const failures = Math.min(3, c.failuresOn.get(agents[i]!.name) ?? 0) * 0.2;
    return Math.max(failures, pressures.length > 0 ? 0.6 : backMs < 30_000 ? 0.4 : 0);
  }

  /** What the snapshot's room makes of the agent, larger is better. */
  function score(c: DemandClass, i: number): number {
    const used = [0, 1].map((r) => {
      const all = snapshot.allocatable[i * names.length + r]!;
      if (all === 0) return 0;
      return Math.min(1, (all - snapshot.supply[i * names.length + r]! + need(c)[r]!) / all);
    });
    const full = Math.round(((used[0]! + used[1]!) / 2) * 1000);
    return (c.scheduling === 'Packed' ? full : 1000 - full) - Math.round(fault(c, i) * 2000);
  }

  function best(c: DemandClass): number | undefined {
    let found: number | undefined;
    const value = (i: number) => score(c, i) - (c.scheduling === 'Distributed' ? crowd[c.id]![i]! * 1e6 : 0);
    agents.forEach((_, i) => {
      if (fits(c, i) && (found === undefined || value(i) > value(found))) found = i;
    });
    return found;
  }

  function move(c: DemandClass, i: number, sign: 1 | -1): void {
    const { framework } = c;
    need(c).forEach((amount, r) => {
      free[i]![r]! -= sign * amount;
      own[framework]!.held[r]! += sign * amount;
      roles[roleOf.get(framework)!]!.held[r]! += sign * amount;
    });
    crowd[c.id]![i]! += sign;
    left[c.id]! -= sign;
    const key = `${c.id}@${i}`;
    placed.set(key, (placed.get(key) ?? 0) + sign);
    if (placed.get(key) === 0) placed.delete(key);
  }

  /** Places one task; undefined when it finds no room, else how to undo it. */
  function placeOne(c: DemandClass): (() => void) | undefined {
    const i = best(c);
    if (i === undefined) return undefined;
    const dynamic = freePorts(c, i).slice(0, c.shape.dynamicPorts.length);
    const before = heldPorts[i]!;
    heldPorts[i] = [
      ...before,
      ...c.shape.fixedPorts,
      ...dynamic.map((port) => ({ port, protocol: 'TCPUDP' })),
    ];
    move(c, i, 1);
    return () => {
      heldPorts[i] = before;
      move(c, i, -1);
    };
  }

  function serve(framework: Framework): void {
    const wanting = framework.classes.filter((c) => left[c.id]! > 0);
    if (!framework.gang) {
      if (!placeOne(wanting[0]!)) left[wanting[0]!.id] = 0;
      return;
    }
    const undo: (() => void)[] = [];
    for (const c of wanting) {
      for (let n = c.pending.length; n > 0; n--) {
        const back = placeOne(c);
        if (back) undo.push(back);
        else declined.add(framework.index);
      }
    }
    if (declined.has(framework.index)) for (const back of undo.reverse()) back();
    for (const c of wanting) left[c.id] = 0;
  }

  for (;;) {
    const hungry = snapshot.frameworks.filter((f) => f.classes.some((c) => left[c.id]! > 0));
    const order = hungry.sort((a, b) => {
      const [x, y] = [roleOf.get(a.index)!, roleOf.get(b.index)!];
      return (
        share(roles[x]!) - share(roles[y]!) ||
        x - y ||
        b.priority - a.priority ||
        share(own[a.index]!) - share(own[b.index]!) ||
        (a.id < b.id ? -1 : 1)
      );
    });
    if (!order[0]) return { placed, declined };
    serve(order[0]);
  }
}
