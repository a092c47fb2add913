import { holdsRoom, type LoggedEvent, type LoggedPod, type PodLog } from './pod-log.ts';

/** What must never be, found in a log of Pods; each entry says what was seen and when. */
export interface Violations {
  readonly overCommitted: readonly string[];
  readonly tooMany: readonly string[];
  /** Two Pods that hold the same slot of a pool, or the same host port of a node. */
  readonly doubled: readonly string[];
}

/** Nothing was violated. */
export const NONE: Violations = { overCommitted: [], tooMany: [], doubled: [] };

const describe = (at: number, { type, pod }: LoggedEvent): string =>
  `event ${at} (${type} ${pod.name} on ${pod.node})`;

const sumBy = (
  pods: readonly LoggedPod[],
  key: (pod: LoggedPod) => string,
  value: (pod: LoggedPod) => number,
) => {
  const sums = new Map<string, number>();
  for (const pod of pods) sums.set(key(pod), (sums.get(key(pod)) ?? 0) + value(pod));
  return sums;
};

/**
 * Judges every moment of a log, not its end alone.
 * @param limits milli-cpu of a node, and how many servers a pool may ever have
 */
export function violationsOf(
  log: PodLog,
  limits: { readonly cpu: number; readonly servers: number },
): Violations {
  if (log.broken !== undefined) throw new Error(`the log of Pods is not complete: ${log.broken}`);
  const overCommitted: string[] = [];
  const tooMany: string[] = [];
  const doubled: string[] = [];
  let at = 0;
  log.replay((event, pods) => {
    at++;
    if (event.type !== 'ADDED') return;
    const alive = [...pods.values()].filter(holdsRoom);
    for (const [node, cpu] of sumBy(
      alive,
      (p) => p.node,
      (p) => p.cpu,
    )) {
      if (node !== '' && cpu > limits.cpu)
        overCommitted.push(`${describe(at, event)}: ${node} holds ${cpu}m of ${limits.cpu}m`);
    }
    const servers = alive.filter((pod) => pod.pool !== '');
    for (const [pool, count] of sumBy(
      servers,
      (p) => p.pool,
      () => 1,
    )) {
      if (count > limits.servers) tooMany.push(`${describe(at, event)}: ${pool} has ${count} servers`);
    }
    const staying = servers.filter((pod) => !pod.deleting);
    const slots = sumBy(
      staying,
      (p) => `${p.pool} slot ${p.labels['proffer.dev/slot']}`,
      () => 1,
    );
    const ports = new Map<string, number>();
    for (const pod of alive)
      for (const port of pod.hostPorts)
        ports.set(`${pod.node} ${port}`, (ports.get(`${pod.node} ${port}`) ?? 0) + 1);
    for (const [what, count] of [...slots, ...ports])
      if (count > 1) doubled.push(`${describe(at, event)}: ${what} is held by ${count}`);
  });
  return { overCommitted, tooMany, doubled };
}
