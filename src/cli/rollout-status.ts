import { CONDITION, UPDATE_REASON } from '../api/conditions.ts';
import type { GameServerPoolStatus } from '../api/gameserverpool.ts';

/** A pool as the API server sends it, as far as its update is concerned. */
export interface UpdatedPool {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
  };
  readonly spec: { readonly update?: { readonly paused?: boolean } };
  readonly status?: GameServerPoolStatus;
}

/** How far an update is. */
export interface Progress {
  readonly state: 'going' | 'done' | 'late';
  readonly text: string;
}

/** How far the update of a pool is, by its status. */
export function progressOf({ metadata, status = {} }: UpdatedPool): Progress {
  const { name, generation } = metadata;
  const known = status.conditions?.find(({ type }) => type === CONDITION.progressing);
  if ((status.observedGeneration ?? 0) < generation || !known)
    return { state: 'going', text: `${name}: waits for the operator to see its spec` };
  const text = `${name}: ${known.message}`;
  if (known.reason === UPDATE_REASON.done) return { state: 'done', text };
  if (known.reason === UPDATE_REASON.late)
    return {
      state: 'late',
      text: `${name}: no progress within its deadline: ${status.message ?? known.message}`,
    };
  return { state: 'going', text: known.reason === UPDATE_REASON.paused ? `${text}; it is paused` : text };
}
