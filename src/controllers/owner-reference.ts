import { API_VERSION } from '../api/group.ts';
import type { Workload } from '../snapshot/workload.ts';

/** Makes a workload the controller of an object: the garbage collector deletes it with the workload, which need not wait for that. */
export const ownerOf = ({ names, metadata: { name, uid = '' } }: Workload) => ({
  apiVersion: API_VERSION,
  kind: names.kind,
  name,
  uid,
  controller: true,
});
