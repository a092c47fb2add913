import { largest } from '../lib/unbounded.ts';
import { parseTime } from '../lib/time.ts';
import type { ClusterObjects, Found } from './objects.ts';

type Times = Readonly<Record<string, unknown>>;

const timeOf = (value: unknown): number => (typeof value === 'string' ? parseTime(value) : 0);
const newestOf = (map: Times | null | undefined, fields: readonly string[]): number =>
  fields.reduce((newest, field) => Math.max(newest, timeOf(map?.[field])), 0);
const listOf = (value: unknown): readonly (Times | null)[] =>
  Array.isArray(value) ? (value as Times[]) : [];

/** The newest time that one object tells of something that has happened. Times to come (a grace period) do not count. */
function newestIn({ object }: Found): number {
  const status = (object.status ?? {}) as Times;
  const spec = (object.spec ?? {}) as Times;
  const times = [
    newestOf(object.metadata as unknown as Times, ['creationTimestamp']),
    newestOf(status, ['startTime', 'completionTime']),
    newestOf(spec, ['renewTime']),
    ...listOf(status['conditions']).map((c) => newestOf(c, ['lastHeartbeatTime', 'lastTransitionTime'])),
  ];
  for (const container of [
    ...listOf(status['containerStatuses']),
    ...listOf(status['initContainerStatuses']),
  ]) {
    const state = (container?.['state'] ?? {}) as Readonly<Record<string, Times>>;
    for (const phase of Object.values(state)) times.push(newestOf(phase, ['startedAt', 'finishedAt']));
  }
  return largest(times);
}

/** The newest time in a dump, which is about when it was made, ms since the epoch; 0 when there is none. */
export function newestTime(cluster: ClusterObjects): number {
  let newest = 0;
  for (const found of Object.values(cluster)) {
    for (const each of found.values()) newest = Math.max(newest, newestIn(each));
  }
  return newest;
}
