import { atOnce, type Steps } from '../lib/steps.ts';
import type { DemandClass } from '../snapshot/framework.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { avoidGrade } from '../recovery/avoidance.ts';
import { faultGrade } from '../recovery/health.ts';
import { likeness } from './alike.ts';
import { freeFor } from './kept-room.ts';
import { KeptRows } from './kept-rows.ts';
import { RuleBook } from './rules/rule-book.ts';
import { reservedWishes } from './node-scores.ts';
import { VolumeBook } from './volumes/volume-book.ts';
import { blend, nodeWishes } from './cells/wishes.ts';

/**
 * The three matrices of one cycle, class by class (each row j holds n agents side by side, as placement reads them).
 * A says who competes for what, B in which order agents are taken, C where not to go.
 */
export interface Matrices {
  /** n, the number of agents. */
  readonly n: number;
  /** The classes that the rows stand for. */
  readonly classes: readonly DemandClass[];
  /** D, k x R: demand of one task of each class. */
  readonly demand: Float64Array;
  /**
   * A, k x n: how many more tasks of the class the agent can take; 0 where a constraint excludes it. What is reserved
   * for other roles is not there for it.
   */
  readonly a: Int32Array;
  /** Node part of B, k x n: 0..1000, higher is taken first. */
  readonly b: Int32Array;
  /** C, k x n: 0 healthy .. 1 must not place. */
  readonly c: Float32Array;
  /** 1 where the class may go if nobody else were there, k x n: tells a full agent from an excluded one. */
  readonly allowed: Uint8Array;
  /** Rules about other Pods, which change with every task that is placed; undefined when there are none. */
  readonly rules: RuleBook | undefined;
  /** What volumes say, which changes with them too; undefined when no class has any. */
  readonly volumes: VolumeBook | undefined;
}

/** D: one row for each class, in the columns of the snapshot. */
function demandRows({ columns }: Snapshot, classes: readonly DemandClass[]): Float64Array {
  const R = columns.count;
  const demand = new Float64Array(classes.length * R);
  classes.forEach(({ shape }, j) => {
    for (const name in shape.demand) {
      const column = columns.get(name);
      if (column !== undefined) demand[j * R + column] = shape.demand[name]!;
      // One is as much too much as any other amount.
      else if (columns.shared !== undefined && shape.demand[name]! > 0) demand[j * R + columns.shared] = 1;
    }
  });
  return demand;
}

/** Computes S, D -> A, B, C for the given classes; the cycle gives those with pending tasks, people may ask for all. */
export const buildMatrices = (snapshot: Snapshot, classes: readonly DemandClass[]): Matrices =>
  atOnce(buildMatricesInSteps(snapshot, classes));

/** The same in steps, a row each. @param kept rows of earlier cycles, which spare work and change nothing */
export function* buildMatricesInSteps(
  snapshot: Snapshot,
  classes: readonly DemandClass[],
  kept = new KeptRows(),
): Steps<Matrices> {
  const { health, numbers, now } = snapshot;
  const n = snapshot.agents.length;
  const k = classes.length;
  const demand = demandRows(snapshot, classes);
  const a = new Int32Array(k * n);
  const b = new Int32Array(k * n);
  const c = new Float32Array(k * n);
  const allowed = new Uint8Array(k * n);
  const rules = RuleBook.of(snapshot, classes);
  const volumes = VolumeBook.of(snapshot, classes);
  const faults = Float32Array.from(health, faultGrade);
  const freeByRole = new Map<string | undefined, Float64Array>();
  /** Rows of which others are copies. */
  const rowOf = new Map<string, number>();
  kept.observe(snapshot);
  for (let j = 0; j < k; j++) {
    const demandClass = classes[j]!;
    const rolePath = snapshot.frameworks[demandClass.framework]?.rolePath;
    const row = j * n;
    // Volumes are asked agent by agent: once for all whose claims are alike.
    const like = volumes && likeness(demandClass, rolePath, rules !== undefined, volumes.likeness(j));
    const twin = like === undefined ? undefined : rowOf.get(like);
    if (twin !== undefined) {
      for (const matrix of [a, b, c, allowed]) matrix.copyWithin(row, twin * n, (twin + 1) * n);
      yield;
      continue;
    }
    if (like !== undefined) rowOf.set(like, j);
    let free = freeByRole.get(rolePath);
    if (!free) freeByRole.set(rolePath, (free = freeFor(rolePath, snapshot)));
    const cells = kept.rowOf(demandClass, demand, j, free, rolePath);
    const mayGo = allowed.subarray(row, row + n);
    mayGo.set(cells.allowed);
    if (volumes) mayGo.forEach((may, i) => (mayGo[i] = may === 1 && volumes.reaches(j, i) ? 1 : 0));
    const wishes = [
      ...(volumes ? nodeWishes(demandClass, snapshot.agents, mayGo) : cells.wishes),
      ...reservedWishes(snapshot, demandClass),
      ...(rules?.prefers(j) ? rules.wishesOf(j, mayGo).byAgent() : []),
    ];
    c.set(faults, row);
    b.set(cells.full, row);
    if (wishes.length > 0) for (let i = 0; i < n; i++) b[row + i] = blend(cells.full[i]!, wishes, i);
    a.set(cells.fit, row);
    if (rules || volumes) {
      for (let i = row; i < row + n; i++) {
        if (mayGo[i - row] === 0) a[i] = 0;
        if (rules && a[i]! > 0) a[i] = Math.min(a[i]!, rules.room(j, i - row));
        if (volumes && a[i]! > 0) a[i] = Math.min(a[i]!, volumes.room(j, i - row));
      }
    }
    for (const [node, avoided] of demandClass.avoids) {
      const i = numbers.get(node);
      if (i !== undefined) c[row + i] = Math.max(c[row + i]!, avoidGrade(avoided, now));
    }
    yield;
  }
  return { n, classes, demand, a, b, c, allowed, rules, volumes };
}
