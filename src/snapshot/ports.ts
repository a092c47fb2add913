import type { PodSpec } from './reading/objects.ts';

/** A host port that a Pod holds on its node. */
export interface HostPort {
  readonly port: number;
  /** UDP, TCP, SCTP, or TCPUDP for both of a port that an offer gave. */
  readonly protocol: string;
  /** Address it is bound to; the empty string and 0.0.0.0 mean every address. */
  readonly ip: string;
}

/** A range of host port numbers, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const NO_PORTS: readonly HostPort[] = [];

/** Host ports of a PodSpec: those of its containers and sidecars, and every container port of a hostNetwork Pod. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  let out: HostPort[] | undefined;
  for (const container of [...spec.containers, ...sidecars]) {
    for (const p of container.ports ?? []) {
      const port = p.hostPort || (spec.hostNetwork ? p.containerPort : undefined);
      if (port) (out ??= []).push({ port, protocol: p.protocol ?? 'TCP', ip: p.hostIP ?? '' });
    }
  }
  return out ?? NO_PORTS;
}

const isWildcard = (ip: string) => ip === '' || ip === '0.0.0.0';

/** TCPUDP stands for both. */
const protocolsOverlap = (a: string, b: string) => a === b || a === 'TCPUDP' || b === 'TCPUDP';

/** Two host ports clash on a node: same number, protocols and addresses that overlap (kube-scheduler NodePorts). */
export function portsClash(a: HostPort, b: HostPort): boolean {
  return (
    a.port === b.port &&
    protocolsOverlap(a.protocol, b.protocol) &&
    (a.ip === b.ip || isWildcard(a.ip) || isWildcard(b.ip))
  );
}

/**
 * Host ports in use on one node. Dynamic ports treat a number as taken whatever its protocol or address, so that one
 * number never means two servers to a player.
 */
export class NodePorts {
  readonly held: HostPort[] = [];
  readonly #numbers = new Map<number, number>();
  #inRange = 0;
  readonly range: PortRange;
  readonly #failed: ReadonlyMap<number, number>;

  /** @param failed numbers that are taken last, since they failed lately, and when, ms since the epoch */
  constructor(range: PortRange, failed: ReadonlyMap<number, number> = new Map()) {
    this.range = range;
    this.#failed = failed;
  }

  /** Numbers of the range that nobody uses. */
  get free(): number {
    return this.range.last - this.range.first + 1 - this.#inRange;
  }

  /** A copy that can be changed without changing this one. */
  clone(): NodePorts {
    const copy = new NodePorts(this.range, this.#failed);
    for (const port of this.held) copy.take(port);
    return copy;
  }

  take(port: HostPort): void {
    this.held.push(port);
    const uses = this.#numbers.get(port.port) ?? 0;
    this.#numbers.set(port.port, uses + 1);
    if (uses === 0 && this.#covers(port.port)) this.#inRange++;
  }

  /** Gives back a port that take() took; used to undo a tentative placement. */
  give(port: HostPort): void {
    this.held.splice(this.held.lastIndexOf(port), 1);
    const uses = this.#numbers.get(port.port)! - 1;
    if (uses > 0) return void this.#numbers.set(port.port, uses);
    this.#numbers.delete(port.port);
    if (this.#covers(port.port)) this.#inRange--;
  }

  /**
   * The lowest `count` free numbers of the range, or undefined when there are fewer. Those that failed lately come after
   * all others, the one that did so longest ago first. Takes nothing.
   */
  pick(count: number): number[] | undefined {
    if (this.free < count) return undefined;
    const out: number[] = [];
    const last: number[] = [];
    for (let port = this.range.first; out.length < count && port <= this.range.last; port++) {
      if (!this.#numbers.has(port)) (this.#failed.has(port) ? last : out).push(port);
    }
    last.sort((a, b) => this.#failed.get(a)! - this.#failed.get(b)!);
    return [...out, ...last.slice(0, count - out.length)];
  }

  /** How many numbers of the range would be left if `ports` were taken too. */
  freeBeside(ports: readonly HostPort[]): number {
    const more = new Set(ports.map((p) => p.port).filter((n) => this.#covers(n) && !this.#numbers.has(n)));
    return this.free - more.size;
  }

  clashesWith(ports: readonly HostPort[]): boolean {
    return ports.some((a) => this.held.some((b) => portsClash(a, b)));
  }

  #covers(port: number): boolean {
    return port >= this.range.first && port <= this.range.last;
  }
}
