import type { Matrices } from '../../matrix/matrices.ts';
import type { ClaimChoice, VolumeBook } from '../../matrix/volumes/volume-book.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Launch } from './offer.ts';

/** A task that has room, and is launched when its claims have volumes. */
export interface Awaiting {
  readonly launch: Launch;
  /** Where its claims get their volumes now that a node is chosen; empty for one whose gang waits. */
  readonly choices: readonly ClaimChoice[];
}

/** Tasks that have room, by whether their volumes are there. */
export interface ByVolumes {
  /** Those that can be launched. */
  readonly launches: readonly Launch[];
  /** The others; a gang waits as a whole. */
  readonly awaiting: readonly Awaiting[];
}

/** Tells tasks that can be launched from those whose claims have no volumes yet. */
export function awaitVolumes(
  launches: readonly Launch[],
  { frameworks }: Snapshot,
  { classes }: Matrices,
  volumes: VolumeBook | undefined,
): ByVolumes {
  const open = new Map(
    classes.map(({ id }, row) => [id, volumes?.choices(row) ?? []] as const).filter(([, c]) => c.length > 0),
  );
  const lacks = ({ vacancy }: Launch): boolean => vacancy.lacks !== undefined;
  if (open.size === 0 && !launches.some(lacks)) return { launches, awaiting: [] };
  const choicesOf = ({ offer }: Launch): readonly ClaimChoice[] => open.get(offer.demandClass.id) ?? [];
  const isOpen = (launch: Launch): boolean => choicesOf(launch).length > 0 || lacks(launch);
  const gangs = new Set(
    launches
      .filter(isOpen)
      .map(({ offer }) => offer.framework)
      .filter((index) => frameworks[index]!.gang),
  );
  const waits = (launch: Launch): boolean => isOpen(launch) || gangs.has(launch.offer.framework);
  return {
    launches: launches.filter((launch) => !waits(launch)),
    awaiting: launches.filter(waits).map((launch) => ({ launch, choices: choicesOf(launch) })),
  };
}
