import type { JobProgress } from '../../api/job/checkpoint.ts';
import type { GroupHistory } from '../../api/job/history.ts';
import type { Framework } from '../../snapshot/framework.ts';
import type { TaskPod } from '../../snapshot/slots.ts';
import type { Peers } from './peers.ts';
import type { Resizing } from './resize.ts';
import type { Seen } from './seen.ts';

/** What the draft of a job finds for its status, and for its Pods. */
export interface JobFound extends Pick<Seen, 'restart' | 'attempt' | 'recent' | 'counts' | 'ending'> {
  /** What its workers have done and suffered. */
  readonly groups: readonly GroupHistory[];
  /** How far its workers told to be; undefined when none did. */
  readonly progress: JobProgress | undefined;
  /** Where they write what they have learned; undefined when the spec does not say. */
  readonly checkpointPath: string | undefined;
  /** Workers that may still run while others have their ranks. */
  readonly replaced: readonly TaskPod[];
  /** Its elastic group; undefined when it has none. */
  readonly resizing: Resizing | undefined;
  /** Who its workers are to each other. */
  readonly peers: Peers;
  /** Version of the job that told the past which that goes on from. */
  readonly version: string | undefined;
}

/** What the draft of a job found; nothing for one that is left as it is. */
export const foundOf = ({ found }: Framework): JobFound | undefined => found as JobFound | undefined;
