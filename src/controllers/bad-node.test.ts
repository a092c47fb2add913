import { describe, expect, test } from 'vitest';
import { aNode, aPod, aPool, NOW, noStorage } from '../../test/builders/index.ts';
import type { Command } from '../plan/command.ts';
import { Avoidance } from '../recovery/avoidance.ts';
import { agentFacts } from '../snapshot/agent.ts';
import { failureOf } from '../snapshot/class.ts';
import type { Pod } from '../snapshot/reading/objects.ts';
import { createPodReader, withOwnTime } from '../snapshot/task.ts';
import { poolFacts } from '../frameworks/pool/facts.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { PortRanges } from '../snapshot/port-ranges.ts';
import { runCycle } from './cycle.ts';

type Placed = Extract<Command, { kind: 'create' | 'bind' }>;

/** A try that failed: when, ms since the start, on which node, with which host port. */
interface Try {
  readonly at: number;
  readonly node: string;
  readonly port: number | undefined;
}

/**
 * Plays a cluster for a minute, in steps of half a second, on some nodes of which every Pod fails at once. Failed Pods are
 * cleared away at once by somebody; a ReplicaSet makes another one for each.
 */
function play(options: {
  readonly nodes: readonly string[];
  readonly bad: readonly string[];
  readonly how: 'NodePorts' | 'crash';
  readonly who: 'Distributed' | 'Packed' | 'ReplicaSet';
}): { readonly failed: Try[]; readonly running: string[] } {
  const { nodes, bad, how, who } = options;
  const agents = nodes.map((name) => agentFacts(aNode(name).cpu('8').build()));
  const arena = aPool('arena').replicas(4).cpu('1').port('game', 7777);
  const pools =
    who === 'ReplicaSet' ? [] : [poolFacts((who === 'Distributed' ? arena.distributed() : arena).build())];
  const avoidance = new Avoidance();
  const read = createPodReader();
  const failed: Try[] = [];
  let pods: Pod[] = [];
  let made = 0;
  for (let at = 0; at < 60_000; at += 500) {
    const now = NOW + at;
    const lacking = who === 'ReplicaSet' ? 4 - pods.length : 0;
    for (let i = 0; i < lacking; i++)
      pods.push(aPod(`web-${made++}`).customer().ownedBy('ReplicaSet', 'web').cpu('1').build());
    const inputs = {
      now,
      agents,
      pods: pods.map((pod) => read(pod)),
      workloads: pools,
      roles: [],
      namespaces: [],
      priorityClasses: [],
      runtimeClasses: [],
      services: [],
      storage: noStorage(),
      health: new Map(),
      holds: new Map(),
      hostPorts: new PortRanges({ default: { first: 7000, last: 7009 } }),
      avoidance,
    };
    const clock = { now: () => now, monotonic: () => 0, sleep: () => Promise.resolve() };
    const placed = runCycle(inputs, clock, DRIVERS).commands.filter(
      (c): c is Placed => c.kind === 'create' || c.kind === 'bind',
    );
    for (const command of placed) {
      const before =
        command.kind === 'bind' ? pods.find((pod) => pod.metadata.uid === command.uid)! : command.pod;
      const node = command.kind === 'bind' ? command.node : command.pod.spec.nodeName!;
      const metadata = { ...before.metadata, uid: before.metadata.uid ?? `uid-${made++}` };
      const bound: Pod = { ...before, metadata, spec: { ...before.spec, nodeName: node } };
      pods = pods.filter((pod) => pod !== before);
      if (!bad.includes(node)) {
        pods.push(bound);
        continue;
      }
      const terminated = { exitCode: 1, reason: 'Error' };
      const status =
        how === 'crash'
          ? { phase: 'Failed', containerStatuses: [{ name: 'main', state: { terminated } }] }
          : { phase: 'Failed', reason: how };
      const facts = withOwnTime(read({ ...bound, status }), read(bound), now);
      avoidance.failed(failureOf(facts)!);
      failed.push({ at, node, port: facts.hostPorts[0]?.port });
    }
  }
  return { failed, running: pods.flatMap(({ spec }) => spec.nodeName ?? []) };
}

const CASES = (['Distributed', 'Packed', 'ReplicaSet'] as const).flatMap((who) =>
  (['NodePorts', 'crash'] as const).map((how) => ({ who, how })),
);

describe.each(CASES)('$who, $how', ({ who, how }) => {
  test('on one node of three: the others take over', () => {
    const { failed, running } = play({ nodes: ['h1', 'h2', 'h3'], bad: ['h2'], who, how });
    expect(running).toHaveLength(4);
    expect(running).not.toContain('h2');
    expect(failed.length).toBeLessThanOrEqual(4);
  });

  test('on the only node: refusals are tried seldom, and all of them with another port while there is one', () => {
    const { failed, running } = play({ nodes: ['h2'], bad: ['h2'], who, how });
    expect(running).toEqual([]);
    // 0, 1, 3, 7, 15, 31 s, four Pods each. Crashes wait for the back-off of their slots, which is not played here.
    const rounds = [...new Set(failed.map(({ at }) => at / 1000))];
    if (how === 'NodePorts') expect(rounds).toEqual([0, 1, 3, 7, 15, 31]);
    const ports = failed.flatMap(({ port }) => port ?? []).slice(0, 8);
    expect(new Set(ports).size).toBe(ports.length);
  });

  test('on all nodes: each has its turn, and nothing is tried in a loop', () => {
    const nodes = ['h1', 'h2', 'h3'];
    const { failed } = play({ nodes, bad: nodes, who, how });
    const tries = nodes.map(
      (node) => new Set(failed.filter((each) => each.node === node).map(({ at }) => at)).size,
    );
    for (const count of tries) expect(count).toBeGreaterThan(2);
    if (how === 'NodePorts') for (const count of tries) expect(count).toBeLessThanOrEqual(6);
  });
});
