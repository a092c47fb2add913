/**
 * A second allocator, written for its slowness: one task at a time, plain objects, linear scans, no heaps and no
 * matrices; shares, quota and the order of serving are computed anew for each task. It says what `allocate()` has to
 * come to.
 */
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { DemandClass, Framework } from '../snapshot/framework.ts';
import { SlowNodes, type Spot } from './slow-nodes.test-helper.ts';
import { SlowRoles } from './slow-roles.test-helper.ts';

/** Tasks of each class on each agent, as `class@agent` -> count, and the frameworks that declined or met quota. */
export interface Expected {
  readonly placed: ReadonlyMap<string, number>;
  readonly declined: ReadonlySet<number>;
  readonly refused: ReadonlySet<number>;
}

/** What quota permits, by column. */
type Permit = (spot: Spot) => boolean;

/** The tasks that a fair allocator places, task by task. */
export function allocateSlowly(snapshot: Snapshot): Expected {
  const nodes = new SlowNodes(snapshot);
  const roles = new SlowRoles(snapshot);
  const left = snapshot.classes.map((c) => (snapshot.frameworks[c.framework]!.hold ? 0 : c.pending.length));
  const placed = new Map<string, number>();
  const declined = new Set<number>();
  const refused = new Set<number>();
  const barred = new Set<string>();

  /** Places one task; undefined when it finds no room that it may have, else how to undo it. */
  function placeOne(c: DemandClass, may: Permit): (() => void) | undefined {
    const { rolePath } = snapshot.frameworks[c.framework]!;
    const open = () => nodes.spots(c, rolePath).find(({ agent }) => !barred.has(`${c.id}@${agent}`));
    for (let spot = open(); spot !== undefined; spot = open()) {
      const key = `${c.id}@${spot.agent}`;
      if (!may(spot)) {
        barred.add(key);
        continue;
      }
      const undo = nodes.take(c, spot);
      roles.move(c.framework, spot, 1);
      placed.set(key, (placed.get(key) ?? 0) + 1);
      left[c.id]!--;
      return () => {
        undo();
        roles.move(c.framework, spot, -1);
        placed.set(key, placed.get(key)! - 1);
        if (placed.get(key) === 0) placed.delete(key);
      };
    }
    return undefined;
  }

  const wasRefused = (c: DemandClass) => [...barred].some((key) => key.startsWith(`${c.id}@`));

  function serve(framework: Framework, c: DemandClass, guarantees: boolean): void {
    const may: Permit = ({ agent, plain }) => {
      const room = roles.allowance(framework.rolePath, agent, guarantees);
      return plain.every((amount, r) => amount <= room[r]!);
    };
    if (!framework.gang) {
      if (placeOne(c, may)) return;
      left[c.id] = 0;
      if (wasRefused(c)) refused.add(framework.index);
      return;
    }
    const wanting = framework.classes.filter((own) => left[own.id]! > 0);
    const undo: (() => void)[] = [];
    const lacking = new Set<DemandClass>();
    for (const own of wanting) {
      for (let n = own.pending.length; n > 0; n--) {
        const back = placeOne(own, may);
        if (back) undo.push(back);
        else lacking.add(own);
      }
    }
    if (lacking.size > 0) {
      declined.add(framework.index);
      for (const back of undo.reverse()) back();
      // What was refused on one node and found another is not what the gang lacks.
      if ([...lacking].some(wasRefused)) refused.add(framework.index);
    }
    for (const own of wanting) left[own.id] = 0;
  }

  for (const guarantees of [true, false]) {
    const wants = (c: DemandClass) => {
      const { rolePath } = snapshot.frameworks[c.framework]!;
      const lacking = roles.lacking(rolePath);
      return left[c.id]! > 0 && (!guarantees || nodes.need(c).some((d, r) => d > 0 && lacking[r]! > 0));
    };
    for (;;) {
      const hungry = snapshot.frameworks.filter((f) => f.classes.some(wants));
      const first = hungry.sort((a, b) => roles.compare(a, b))[0];
      if (!first) break;
      serve(first, first.classes.find(wants)!, guarantees);
    }
  }
  return { placed, declined, refused };
}
