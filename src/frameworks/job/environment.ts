import { ENVIRONMENT } from '../../api/group.ts';
import type { Marks } from '../../plan/pod.ts';
import type { DemandClass, Framework } from '../../snapshot/framework.ts';

/** What a worker is told of itself: its group, its rank over all groups in the order of the spec, and how many workers there are. */
export function environment(
  { classes }: Framework,
  { group }: DemandClass,
  slot: number,
): Marks['environment'] {
  const sizeOf = (those: readonly DemandClass[]): number => those.reduce((sum, { size }) => sum + size, 0);
  const before = classes.slice(
    0,
    classes.findIndex((c) => c.group === group),
  );
  return [
    { name: ENVIRONMENT.group, value: group },
    { name: ENVIRONMENT.rank, value: String(sizeOf(before) + slot) },
    { name: ENVIRONMENT.world, value: String(sizeOf(classes)) },
  ];
}
