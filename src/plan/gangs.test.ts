import { expect, test } from 'vitest';
import { aGroup, aJob, aNode, aPod, aSnapshot, type JobBuilder } from '../../test/builders/index.ts';
import { ago } from '../../test/builders/time.ts';
import { seeded } from '../../test/support/seeded.ts';
import { atOnce } from '../lib/steps.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { cycle } from './cycle.test-helper.ts';
import { makePlan } from './plan.ts';

const NODES = 100;
const CPUS = 4;
const GANGS = 200;
/** The longest that a gang runs, in rounds of a minute. */
const LASTS = 12;

/** A gang that came, in rounds. */
interface Gang {
  readonly name: string;
  readonly workers: number;
  readonly cpu: number;
  readonly runs: number;
  readonly comes: number;
}

/** How it is. */
interface Course {
  readonly gang: Gang;
  /** Node of each worker that is placed. */
  readonly places: Map<number, string>;
  waitsSince: number;
  wasWhole: boolean;
  /** Rounds that are left to run, while all workers do. */
  left: number;
}

/** Nodes that are there in a round: each fails now and then, for three rounds. */
type NodesOf = (round: number) => readonly string[];

function loadOf(seed: number): { readonly gangs: readonly Gang[]; readonly nodesOf: NodesOf } {
  const random = seeded(seed);
  const any = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const gangs = Array.from({ length: GANGS }, (_, i): Gang => {
    const cpu = any(1, CPUS);
    // What is kept for those who starve is half of the cluster at most.
    const most = cpu > 2 ? NODES / 2 - 4 : 64;
    const workers = any(1, 5) === 1 ? any(13, most) : any(2, 12);
    return { name: `g${i}`, workers, cpu, runs: any(1, LASTS), comes: Math.floor(i / 4) };
  });
  const failing = Array.from({ length: GANGS }, () => any(0, NODES - 1));
  const isAway = (node: number, round: number): boolean =>
    [round, round - 1, round - 2].some((at) => at % 3 === 0 && failing[at / 3] === node);
  const all = Array.from({ length: NODES }, (_, i) => i);
  return { gangs, nodesOf: (round) => all.filter((i) => !isAway(i, round)).map((i) => `n${i}`) };
}

const courseOf = (gang: Gang): Course => ({
  gang,
  places: new Map(),
  waitsSince: gang.comes,
  wasWhole: false,
  left: gang.runs,
});

/**
 * Runs all gangs to their end.
 * @param place gives those that wait their nodes
 * @returns the longest that one waited until it ran first, in rounds, and the cpu rounds of work that were done while there was
 *   always more to do
 */
function play(
  gangs: readonly Gang[],
  nodesOf: NodesOf,
  place: (courses: readonly Course[], nodes: readonly string[], round: number) => void,
): { longest: number; work: number } {
  let courses: Course[] = [];
  let work = 0;
  let longest = 0;
  for (let round = 0; ; round++) {
    expect(round, 'they come to an end').toBeLessThan(GANGS * LASTS);
    courses.push(...gangs.filter(({ comes }) => comes === round).map(courseOf));
    const nodes = nodesOf(round);
    const there = new Set(nodes);
    for (const course of courses) {
      const { places, gang } = course;
      if (places.size === gang.workers) course.left--;
      for (const [slot, node] of places) if (!there.has(node)) places.delete(slot);
      if (course.wasWhole && places.size < gang.workers && course.waitsSince === Infinity)
        course.waitsSince = round;
    }
    courses = courses.filter(({ left }) => left > 0);
    if (courses.length === 0 && gangs.every(({ comes }) => comes <= round)) return { longest, work };
    place(courses, nodes, round);
    for (const course of courses) {
      if (round >= 10 && round < 90) work += course.places.size * course.gang.cpu;
      if (!course.wasWhole) longest = Math.max(longest, round - course.gang.comes);
      if (course.places.size < course.gang.workers) continue;
      course.wasWhole = true;
      course.waitsSince = Infinity;
    }
  }
}

/** The plainest that there is: each in the order in which they came, where it fits, or not at all. */
function greedily(courses: readonly Course[], nodes: readonly string[]): void {
  const free = new Map(nodes.map((node) => [node, CPUS]));
  for (const { places, gang } of courses)
    for (const node of places.values()) free.set(node, free.get(node)! - gang.cpu);
  for (const { places, gang } of courses) {
    const found: string[] = [];
    for (const node of nodes) {
      const fit = Math.floor(free.get(node)! / gang.cpu);
      for (let i = 0; i < fit && found.length < gang.workers - places.size; i++) found.push(node);
    }
    if (found.length < gang.workers - places.size) continue;
    for (const node of found) free.set(node, free.get(node)! - gang.cpu);
    for (let slot = 0; slot < gang.workers; slot++) if (!places.has(slot)) places.set(slot, found.pop()!);
  }
}

function jobOf({ gang, waitsSince, wasWhole }: Course, round: number): JobBuilder {
  const told = { type: 'Queued', reason: 'Any', message: '', observedGeneration: 1 };
  const queued = Number.isFinite(waitsSince)
    ? { ...told, status: 'True', lastTransitionTime: ago((round - waitsSince) * 60) }
    : { ...told, status: 'False', lastTransitionTime: ago(0) };
  const started = wasWhole ? { startTime: ago(60), phase: 'Running' } : {};
  return aJob(gang.name)
    .group(aGroup('w').replicas(gang.workers).cpu(String(gang.cpu)))
    .status({ ...started, conditions: [queued] });
}

/** As the operator does, with what has to hold in each round. */
function byOperator(courses: readonly Course[], nodes: readonly string[], round: number): void {
  const jobs = new Map(courses.map((course) => [course.gang.name, jobOf(course, round)]));
  const pods = courses.flatMap(({ gang, places }) =>
    Array.from(places, ([slot, node]) =>
      aPod(`${gang.name}-w-${slot}`)
        .ofJob(jobs.get(gang.name)!, 'w', slot)
        .on(node)
        .cpu(String(gang.cpu))
        .ready(),
    ),
  );
  const builder = aSnapshot().with(
    ...nodes.map((name) => aNode(name).cpu(String(CPUS))),
    ...jobs.values(),
    ...pods,
  );
  const { snapshot, allocation } = cycle(builder);
  const byName = new Map(courses.map((course) => [course.gang.name, course]));
  for (const { offer, vacancy } of allocation.launches) {
    const { places } = byName.get(snapshot.frameworks[offer.framework]!.metadata.name)!;
    expect(places.has(vacancy.slot), 'a rank runs once').toBe(false);
    places.set(vacancy.slot, snapshot.agents[offer.agent]!.name);
  }
  for (const command of atOnce(makePlan(snapshot, allocation, DRIVERS))) {
    if (command.kind !== 'delete') continue;
    expect(command.reason).toBe('GangIncomplete');
    const [, name, slot] = /^(.*)-w-(\d+)$/.exec(command.name)!;
    byName.get(name!)!.places.delete(Number(slot));
  }
  const used = new Map<string, number>();
  for (const { gang, places, wasWhole } of courses) {
    // Half a gang has nobody who never was whole, and nobody else for longer than its time and a cycle.
    if (!wasWhole) expect([0, gang.workers]).toContain(places.size);
    for (const node of places.values()) used.set(node, (used.get(node) ?? 0) + gang.cpu);
  }
  expect(Math.max(0, ...used.values())).toBeLessThanOrEqual(CPUS);
}
test.each([1, 2, 3])(
  'two hundred gangs on a hundred nodes that come and go all run, at nearly the work of the plainest filling: seed %i',
  (seed) => {
    const { gangs, nodesOf } = loadOf(seed);
    const ours = play(gangs, nodesOf, byOperator);
    const plain = play(gangs, nodesOf, greedily);
    expect(ours.work).toBeGreaterThan(plain.work * 0.9);
    expect(ours.longest).toBeLessThan(plain.longest * 1.1);
  },
);
