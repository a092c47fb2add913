import { answersBy } from '../frameworks/common/driver.ts';
import { DRIVERS } from '../frameworks/drivers.ts';
import { buildMatrices } from '../matrix/matrices.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { allocate, type Allocation } from './allocate.ts';

/** What a cycle decides on a snapshot, with the real frameworks. */
export function decide(snapshot: Snapshot): Allocation {
  const pending = snapshot.classes.filter((c) => c.pending.length > 0);
  return allocate(snapshot, buildMatrices(snapshot, pending), answersBy(DRIVERS));
}

/** Tasks that are placed, by pool or job and node: `pool node` -> number. */
export function tasksByNode(snapshot: Snapshot, { launches }: Allocation): Record<string, number> {
  const out: Record<string, number> = {};
  for (const { offer } of launches) {
    const key = `${snapshot.frameworks[offer.framework]!.metadata.name} ${snapshot.agents[offer.agent]!.name}`;
    out[key] = (out[key] ?? 0) + 1;
  }
  return out;
}
