import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aPool, aSnapshot, NOW } from '../../test/builders/index.ts';
import { failuresAfter } from '../recovery/backoff.ts';
import { HEALTHY } from '../recovery/health.ts';
import type { Inputs } from '../world/inputs.ts';
import { buildSnapshot } from '../world/world.ts';
import type { DemandClass, Framework } from './framework.ts';
import { PortRanges } from './port-ranges.ts';
import type { JobFacts } from '../frameworks/job/facts.ts';
import type { PoolFacts } from '../frameworks/pool/facts.ts';
import { judge, lastFirst, recoveredFrom, type Judged, type TaskPod, type Vacancy } from './slots.ts';
import { DRIVERS } from '../frameworks/drivers.ts';

// Bases that meet: the pool a-w and the group w of the job a name their Pods alike.
const pools = ['a', 'a-w', 'a-w-0', 'b'].map((name) => aPool(name).namespace('x').replicas(4));
const jobs = [
  aJob('a').namespace('x').group(aGroup('w').replicas(4)).group(aGroup('v').replicas(2)),
  aJob('a-w').namespace('x').group(aGroup('0').replicas(3)),
];

const anyPod = fc.record({
  owner: fc.integer({ min: 0, max: 7 }),
  slot: fc.constantFrom(0, 1, 2, 3, 4, 9, -1),
  name: fc.constantFrom('a-w-0', 'a-w-0-r1', 'a-w-1', 'a-0', 'a-w-0-0', 'b-2', 'b-2-r1', 'a-v-0', 'other'),
  state: fc.constantFrom('ready', 'starting', 'crashed', 'done', 'evicted', 'deleting'),
  node: fc.constantFrom('n1', 'gone'),
  failures: fc.integer({ min: 0, max: 4 }),
});
type AnyPod = typeof anyPod extends fc.Arbitrary<infer T> ? T : never;

function makePod({ owner, slot, name, state, node, failures }: AnyPod) {
  const pod = aPod(name).namespace('x').failures(failures).on(node);
  if (owner < 4) pod.ofPool(pools[owner]!, slot);
  else if (owner === 4) pod.ofJob(jobs[0]!, 'w', slot);
  else if (owner === 5) pod.ofJob(jobs[0]!, 'v', slot);
  else if (owner === 6) pod.ofJob(jobs[1]!, '0', slot);
  switch (state) {
    case 'ready':
      return pod.ready();
    case 'starting':
      return pod.starting();
    case 'deleting':
      return pod.ready().deleting();
    case 'evicted':
      return pod.failed('Evicted');
    case 'done':
    case 'crashed':
      return pod.exited(state === 'done' ? 0 : 1, 1);
  }
}

/** Gives names one after the other, each to who asks first. */
function namer(pods: Inputs['pods']) {
  const taken = new Set(Array.from(pods, ({ key }) => key));
  return (base: string, slot: number): string => {
    for (let n = 0; ; n++) {
      const name = n === 0 ? `${base}-${slot}` : `${base}-${slot}-r${n}`;
      if (taken.has(`x/${name}`)) continue;
      taken.add(`x/${name}`);
      return name;
    }
  };
}

type NameOf = ReturnType<typeof namer>;

/** The vacancies of a pool, slot by slot. */
function ofPool(
  framework: Framework,
  judged: readonly Judged[],
  replicas: number,
  nameOf: NameOf,
): Vacancy[] {
  const used = new Set(framework.live.map((pod) => pod.task!.slot));
  const missing = replicas - framework.live.length;
  const out: Vacancy[] = [];
  let backingOff = 0;
  const add = (slot: number, past: Pick<Vacancy, 'failures' | 'after' | 'ended'>) => {
    used.add(slot);
    out.push({ slot, ...past, name: nameOf(framework.metadata.name, slot) });
  };
  const gone = judged.filter(({ action }) => action !== 'keep');
  for (const each of gone.sort((a, b) => a.pod.task.slot - b.pod.task.slot || lastFirst(a, b))) {
    const { slot } = each.pod.task;
    if (out.length + backingOff >= missing) break;
    if (used.has(slot)) continue;
    if (each.due > NOW) {
      used.add(slot);
      backingOff++;
    } else add(slot, { failures: each.failures, after: recoveredFrom(each), ended: each.ended });
  }
  for (let slot = 0; out.length + backingOff < missing; slot++)
    if (!used.has(slot)) add(slot, { failures: 0, after: undefined });
  return out.sort((a, b) => a.slot - b.slot);
}

/** The vacancies of a group of workers, slot by slot. */
function ofGroup(base: string, judged: readonly Judged[], replicas: number, nameOf: NameOf): Vacancy[] {
  const out: Vacancy[] = [];
  for (let slot = 0; slot < replicas; slot++) {
    const tasks = judged.filter(({ pod }) => pod.task.slot === slot);
    if (tasks.some(({ action }) => action === 'keep' || action === 'complete')) continue;
    const last = tasks.toSorted(lastFirst)[0];
    if (last && last.due > NOW) continue;
    const after = last && recoveredFrom(last);
    const ended = last && { ended: last.ended };
    out.push({ slot, name: nameOf(base, slot), failures: last?.failures ?? 0, after, ...ended });
  }
  return out;
}

const RULES = {
  GameServerPool: { row: 'GameServerPool', failuresAfter },
  TrainingJob: { row: 'TrainingJob', failuresAfter: (before: number) => before + 1 },
} as const;

/** What all frameworks lack, slot by slot in their order. */
function slowly(inputs: Inputs, frameworks: readonly Framework[]): Vacancy[][] {
  const nameOf = namer(inputs.pods);
  const watch = {
    now: NOW,
    healthOf: (node: string) => (node === 'gone' ? undefined : HEALTHY),
    bootOf: () => undefined,
    hostPorts: new PortRanges({}),
    isDrained: () => false,
  };
  const specs = new Map(
    [...inputs.workloads].map(({ metadata, spec }) => [
      metadata.uid,
      spec as PoolFacts['spec'] | JobFacts['spec'],
    ]),
  );
  return frameworks.flatMap((framework) => {
    const { uid, name } = framework.metadata;
    const kind = framework.kind as 'GameServerPool' | 'TrainingJob';
    const spec = specs.get(uid)!;
    const own = [...inputs.pods].filter((pod): pod is TaskPod => pod.task?.owner === uid);
    const judged = own.map((pod) => judge(pod, RULES[kind], spec.recovery, watch));
    if ('replicas' in spec) return [ofPool(framework, judged, spec.replicas, nameOf)];
    return spec.groups.map((group) => {
      const mine = judged.filter(({ pod }) => pod.task.group === group.name);
      return ofGroup(`${name}-${group.name}`, mine, group.replicas, nameOf);
    });
  });
}

test('vacancies are those that a reading slot by slot finds, whichever is asked for first', () => {
  const lists = fc.uniqueArray(anyPod, { selector: ({ name }) => name, maxLength: 9 });
  fc.assert(
    fc.property(lists, fc.boolean(), (pods, backwards) => {
      const inputs = aSnapshot()
        .with(aNode('n1'), ...pools, ...jobs, ...pods.map(makePod))
        .inputs();
      const { classes, frameworks } = buildSnapshot(inputs, DRIVERS);
      fc.pre(frameworks.every(({ exhausted }) => !exhausted));
      const read = ({ pending }: DemandClass): Vacancy[] => {
        const positions = Array.from({ length: pending.length }, (_, i) => i);
        if (!backwards) return [...pending];
        return positions
          .toReversed()
          .map((i) => pending.at(i)!)
          .toReversed();
      };
      const own = backwards ? classes.toReversed().map(read).toReversed() : classes.map(read);
      expect(own).toEqual(slowly(inputs, frameworks));
      for (const { pending } of classes)
        expect([pending.at(-1), pending.at(pending.length)]).toEqual([undefined, undefined]);
    }),
    { numRuns: 500 },
  );
});
