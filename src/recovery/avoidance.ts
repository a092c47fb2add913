import { afterSetback, waitAfter, type Setbacks } from './setbacks.ts';

/** A task of a class that failed on a node. */
export interface Failure {
  /** Names the class, in all cycles. */
  readonly ofClass: string;
  /** Of the template that its Pod was made from; empty when there is none. */
  readonly revision: string;
  readonly node: string;
  readonly kind: 'refused' | 'evicted' | 'crashed';
  /** In the kubelet's word: OutOfcpu, Evicted, OOMKilled. */
  readonly reason: string;
  /** Host ports that may be the cause. */
  readonly ports: readonly number[];
  /** When we saw it, ms since the epoch. */
  readonly at: number;
}

/** What a class remembers of a node on which it failed. */
export interface Avoided extends Pick<Failure, 'kind' | 'reason' | 'revision'> {
  readonly setbacks: Setbacks;
  /** Until when the class may not go there at all, ms since the epoch. */
  readonly closedUntil: number;
  /** Until when it goes elsewhere if it can, ms since the epoch; then all is forgotten. */
  readonly until: number;
}

/** The memory of a node lasts so many times as long as the wait after its last step, and so long at most, ms. */
const FADING = 30;
const LONGEST_MEMORY_MS = 10 * 60_000;
/** How long a port is the last choice on its node, ms. */
const PORT_MEMORY_MS = LONGEST_MEMORY_MS;

/** Most classes, nodes of a class, nodes with ports and ports of a node that are remembered: the last that failed. */
const MOST = { classes: 500, nodes: 50, ports: 50 };

/** Puts an entry last, and drops the first when there are too many. */
function renew<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const first of map.keys()) {
    if (map.size <= most) return;
    map.delete(first);
  }
}

/**
 * Where classes failed lately: a node that refused a Pod is closed to its class for the back-off, one on which it failed
 * in any way is avoided by it for a while, and a host port that may be the cause is taken last. The memory outlives the
 * Pods, which anybody may clear away; after a restart it is what the Pods that are left say.
 */
export class Avoidance {
  readonly #classes = new Map<string, Map<string, Avoided>>();
  /** When ports failed, by node and number, ms since the epoch. */
  readonly #ports = new Map<string, Map<number, number>>();

  /** A task failed. Each is told once, in any order. */
  failed({ ofClass, revision, node, kind, reason, ports, at }: Failure): void {
    const nodes = this.#classes.get(ofClass) ?? new Map<string, Avoided>();
    const known = nodes.get(node);
    const before = known && at < known.until && known.revision === revision ? known : undefined;
    const setbacks = afterSetback(before?.setbacks, at);
    const closedUntil = kind === 'refused' ? setbacks.until : (before?.closedUntil ?? 0);
    const memoryMs = Math.min(LONGEST_MEMORY_MS, FADING * waitAfter(setbacks.steps));
    const avoided = { kind, reason, revision, setbacks, closedUntil, until: setbacks.at + memoryMs };
    renew(nodes, node, avoided, MOST.nodes);
    renew(this.#classes, ofClass, nodes, MOST.classes);
    if (ports.length === 0) return;
    const failed = this.#ports.get(node) ?? new Map<number, number>();
    for (const port of ports) renew(failed, port, Math.max(at, failed.get(port) ?? 0), MOST.ports);
    renew(this.#ports, node, failed, MOST.classes);
  }

  /** The nodes that a class avoids, by name. Another template has nothing to do with what the one before it met. */
  nodesOf(ofClass: string, revision: string, now: number): ReadonlyMap<string, Avoided> {
    const nodes = this.#classes.get(ofClass);
    if (!nodes) return NOWHERE;
    const speaks = (a: Avoided) => now < a.until && (a.revision === revision || a.revision === '');
    return new Map([...nodes].filter(([, avoided]) => speaks(avoided)));
  }

  /** The host ports that are taken last on a node, and when each failed, ms since the epoch. */
  portsOn(node: string, now: number): ReadonlyMap<number, number> {
    const ports = this.#ports.get(node);
    return ports ? new Map([...ports].filter(([, at]) => now - at < PORT_MEMORY_MS)) : NO_PORTS;
  }
}

/** What a class avoids that has not failed. */
export const NOWHERE: ReadonlyMap<string, Avoided> = new Map();
const NO_PORTS: ReadonlyMap<number, number> = new Map();

/**
 * The share of matrix C that a class adds for a node: 1 while it is closed; then more by a tenth for each step of its
 * back-off, up to the fourth, and in a step the more the fresher the last failure is.
 */
export function avoidGrade({ setbacks, closedUntil, until }: Avoided, now: number): number {
  if (now < closedUntil) return 1;
  const freshness = (until - now) / (until - setbacks.at);
  return 0.5 + 0.1 * (Math.min(setbacks.steps, 4) - 1) + 0.09 * Math.min(1, freshness);
}

/** Why a class avoids a node: "it refused 2 Pods of this class (OutOfcpu)". */
export function avoidCause({ kind, reason, setbacks: { times } }: Avoided): string {
  const pods = `${times} Pod${times === 1 ? '' : 's'} of this class`;
  const why = reason === '' ? '' : ` (${reason})`;
  return kind === 'crashed' ? `${pods} crashed there${why}` : `it ${kind} ${pods}${why}`;
}
