import { aPod, aPool } from '../../../test/builders/index.ts';
import { poolUpdate, type PoolUpdate } from '../../api/pool/update.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import { createPodReader } from '../../snapshot/task.ts';

const sample = createPodReader()(aPod('arena-0').ofPool(aPool('arena'), 0).on('n1').build()) as TaskPod;

/** A server, as far as updates look at it. */
export interface Traits {
  readonly name: string;
  readonly revision: string;
  readonly ready?: boolean;
  readonly session?: string;
  readonly stuck?: string;
}

/** Makes a server of its traits. */
export const serverOf = ({ name, revision, ready = false, session = '', stuck = '' }: Traits): TaskPod => ({
  ...sample,
  name,
  ready,
  task: { ...sample.task, revision, session, stuck },
});

/** `spec.update` with its defaults. */
export const updateOf = (given: Partial<PoolUpdate> = {}): PoolUpdate =>
  poolUpdate.parse(given) as PoolUpdate;

/** Those that are not ready go first, then those of lower names. */
export const byName = (a: TaskPod, b: TaskPod): number =>
  Number(a.ready) - Number(b.ready) || (a.name < b.name ? -1 : 1);
