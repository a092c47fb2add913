import { OfferEngine } from '../../src/allocator/engine/engine.ts';
import type { TaskSpec } from '../../src/allocator/engine/events.ts';
import type { Offer } from '../../src/allocator/engine/outcome.ts';
import { parseResources, type Resources } from '../../src/allocator/resources/resources.ts';
import type { Recorder } from './measure.ts';

const AGENT = parseResources('cpus:64;mem:488000', 'agent');
const MOST_ROUNDS = 10_000;

interface Fleet {
  readonly name: string;
  readonly frameworks: number;
  /** Whether each has a role of its own. */
  readonly ownRoles: boolean;
  readonly tasks: number;
  readonly task: Resources;
  /** How many tasks it launches on one offer. */
  readonly atATime: number;
}

const FLEETS: readonly Fleet[] = [
  {
    name: 'marathon',
    frameworks: 4,
    ownRoles: true,
    tasks: 4000,
    task: parseResources('cpus:0.07;mem:400', ''),
    atATime: 100,
  },
  {
    name: 'jenkins',
    frameworks: 500,
    ownRoles: false,
    tasks: 5,
    task: parseResources('cpus:0.1;mem:4000', ''),
    atATime: 1,
  },
  {
    name: 'spark',
    frameworks: 50,
    ownRoles: true,
    tasks: 20,
    task: parseResources('cpus:1;mem:1000', ''),
    atATime: 5,
  },
];

interface Framework {
  readonly id: string;
  readonly fleet: Fleet;
  left: number;
}

/**
 * Mesos' MultiFrameworkAllocations, carried to the end: 554 frameworks of three kinds launch 19,500 tasks.
 * @param part of the tasks of each framework
 */
export function launchAll(recorder: Recorder, agents: number, part: number): void {
  const engine = new OfferEngine();
  const frameworks = new Map<string, Framework>();
  engine.apply({ kind: 'pause' }, 0);
  for (const fleet of FLEETS) {
    for (let i = 0; i < fleet.frameworks; i++) {
      const id = `${fleet.name}-${i}`;
      frameworks.set(id, { id, fleet, left: Math.ceil(fleet.tasks * part) });
      engine.apply({ kind: 'framework', id, roles: [fleet.ownRoles ? id : fleet.name] }, 0);
    }
  }
  for (let i = 0; i < agents; i++) engine.apply({ kind: 'agent', id: `agent-${i}`, total: AGENT }, 0);
  let launched = 0;
  let rounds = 0;
  let made = 0;
  let left = [...frameworks.values()].reduce((sum, framework) => sum + framework.left, 0);
  recorder.time('until all run', () => {
    for (; left > 0 && rounds < MOST_ROUNDS; rounds++) {
      const { offers } = engine.apply({ kind: rounds === 0 ? 'resume' : 'batch' }, rounds);
      made += offers.length;
      for (const offer of offers) {
        const count = use(engine, offer, frameworks.get(offer.framework)!, rounds);
        launched += count;
        left -= count;
      }
    }
  });
  recorder.count('tasks launched', launched);
  recorder.count('rounds', rounds);
  recorder.count('offers', made);
}

/** Launches what fits and is wanted, returns the rest without filter; who has all asks for no more. */
function use(engine: OfferEngine, offer: Offer, framework: Framework, now: number): number {
  const { fleet } = framework;
  const tasks: TaskSpec[] = [];
  let rest = offer.resources;
  while (tasks.length < Math.min(fleet.atATime, framework.left) && rest.contains(fleet.task)) {
    tasks.push({ id: `${framework.id}-${framework.left - tasks.length}`, resources: fleet.task });
    rest = rest.minus(fleet.task);
  }
  const { role, agent } = offer;
  const operations = [{ kind: 'launch', tasks } as const];
  engine.apply(
    { kind: 'accept', framework: framework.id, role, agent, operations, refuseSeconds: null },
    now,
  );
  framework.left -= tasks.length;
  if (framework.left === 0) engine.apply({ kind: 'suppress', framework: framework.id }, now);
  return tasks.length;
}
