import { ANNOTATION } from '../api/group.ts';
import { inLine } from '../lib/visible.ts';
import type { Meta, Pod } from './reading/objects.ts';

const NONE: ReadonlyMap<string, string> = new Map();

/** Containers that a change in place ends: their ids, by name. They stand on the Pod until the next change. */
export function changedContainers({ annotations }: Meta): ReadonlyMap<string, string> {
  const text = annotations?.[ANNOTATION.changing];
  if (text === undefined) return NONE;
  return new Map(
    text.split(',').map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
  );
}

/** What {@link changedContainers} reads. */
export const changingText = (containers: ReadonlyMap<string, string>): string =>
  Array.from(containers, ([name, id]) => `${name}=${id}`).join(',');

/** Whether a Pod waits for a container with another image: as far as is told the one before it is still there, or none. */
export function isRestarting({ metadata, status }: Pod): boolean {
  const changed = changedContainers(metadata);
  if (changed.size === 0) return false;
  const idOf = (name: string) => status?.containerStatuses?.find((each) => each.name === name)?.containerID;
  return Array.from(changed).some(([name, id]) => (idOf(name) ?? id) === id);
}

/**
 * The revision of a task that is of no template: between two writes of a change in place, or while its node does not grant
 * the resources that it was given.
 */
export const NO_REVISION = 'changing';

/** What a Pod says of a resize that its node does not grant, now or ever; undefined when there is none. */
export function ungranted({ status }: Pod): string | undefined {
  const pending = status?.conditions?.find(({ type }) => type === 'PodResizePending');
  return pending?.status === 'True' ? `${pending.reason ?? ''}: ${inLine(pending.message ?? '')}` : undefined;
}

/** Begins the annotation `fixed-part` of a task that the API server does not let be changed in place. */
export const REFUSED = 'refused: ';
