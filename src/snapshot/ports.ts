import { covers, type PortRanges, type RangedPort, type SpanNeeds } from './port-ranges.ts';
import type { PodSpec } from './reading/objects.ts';

/** A host port that a Pod holds on its node. */
export interface HostPort {
  readonly port: number;
  /** UDP, TCP, SCTP, or TCPUDP for both of a port that an offer gave. */
  readonly protocol: string;
  /** Address it is bound to; the empty string and 0.0.0.0 mean every address. */
  readonly ip: string;
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

/** More tasks than any node takes: so many find host ports that ask for none. */
const ANY_NUMBER = 0x7fff_ffff;
const NO_NUMBERS: ReadonlySet<number> = new Set();
const NOT_IN_USE = new Uint32Array(0);

/**
 * Host ports in use on one node. Dynamic ports treat a number as taken whatever its protocol, address or range, so that
 * one number never means two servers to a player.
 */
export class NodePorts {
  readonly held: HostPort[] = [];
  readonly ranges: PortRanges;
  readonly #numbers = new Map<number, number>();
  /** Free numbers by span. */
  readonly #free: Int32Array;
  readonly #failed: ReadonlyMap<number, number>;

  /** @param failed numbers that are taken last, since they failed lately, and when, ms since the epoch */
  constructor(ranges: PortRanges, failed: ReadonlyMap<number, number> = new Map()) {
    this.ranges = ranges;
    this.#failed = failed;
    this.#free = Int32Array.from(ranges.spans, ({ first, last }) => last - first + 1);
  }

  /** How many numbers of any range nobody uses. */
  get free(): number {
    let used = 0;
    for (const number of this.#numbers.keys()) if (this.ranges.has(number)) used++;
    return this.ranges.size - used;
  }

  /** The numbers in use, each once. */
  get numbers(): Iterable<number> {
    return this.#numbers.keys();
  }

  /** Whether a number is in use, whatever its protocol or address. */
  uses(number: number): boolean {
    return this.#numbers.has(number);
  }

  /** A copy that can be changed without changing this one. */
  clone(): NodePorts {
    const copy = new NodePorts(this.ranges, this.#failed);
    for (const port of this.held) copy.take(port);
    return copy;
  }

  take(port: HostPort): void {
    this.held.push(port);
    const uses = this.#numbers.get(port.port) ?? 0;
    this.#numbers.set(port.port, uses + 1);
    if (uses === 0) this.#count(port.port, -1);
  }

  /** Gives back a port that take() took; used to undo a tentative placement. */
  give(port: HostPort): void {
    this.held.splice(this.held.lastIndexOf(port), 1);
    const uses = this.#numbers.get(port.port)! - 1;
    if (uses > 0) return void this.#numbers.set(port.port, uses);
    this.#numbers.delete(port.port);
    this.#count(port.port, 1);
  }

  /**
   * For how many tasks there are numbers.
   * @param needs of one task @param others what others will pick @param beside ports that will be taken, too
   */
  fit(needs: SpanNeeds, others?: SpanNeeds, beside: readonly HostPort[] = []): number {
    const more = beside.length > 0 ? this.#unused(beside) : NO_NUMBERS;
    const { spans } = this.ranges;
    let fit = ANY_NUMBER;
    for (let s = 0; s < needs.length; s++) {
      if (needs[s] === 0) continue;
      let free = (this.#free[s] ?? 0) - (others?.[s] ?? 0);
      for (const number of more) if (covers(spans[s]!, number)) free--;
      fit = Math.min(fit, Math.trunc(Math.max(0, free) / needs[s]!));
    }
    return fit;
  }

  /**
   * Takes a free number for each port of so many tasks, a run for each task; nothing, and undefined, when there are too
   * few. Each is the one that is in use on the fewest nodes, of those the lowest. Numbers that failed lately come after all
   * others, the one that did so longest ago first.
   * @param uses on how many nodes each number is in use; on none when left out
   */
  draw(ports: readonly RangedPort[], tasks: number, uses: Uint32Array = NOT_IN_USE): HostPort[] | undefined {
    const needs = this.ranges.needs(ports);
    if (this.fit(needs) < tasks) return undefined;
    const left = needs.map((need) => need * tasks);
    return Array.from({ length: tasks * ports.length }, (_, i) => {
      const range = this.ranges.indexOf(ports[i % ports.length]!);
      const port = { port: this.#best(range, left, uses), protocol: 'TCPUDP', ip: '' };
      this.take(port);
      this.ranges.spans.forEach(({ holds }, s) => holds[range] && left[s]!--);
      return port;
    });
  }

  clashesWith(ports: readonly HostPort[]): boolean {
    return ports.some((a) => this.held.some((b) => portsClash(a, b)));
  }

  /** @param left what is to be picked yet, by span */
  #best(range: number, left: SpanNeeds, uses: Uint32Array): number {
    const { first, last } = this.ranges.ranges[range]!;
    const isFree = (number: number) => !this.#numbers.has(number) && this.#sparesOthers(number, range, left);
    let best = -1;
    let least = Infinity;
    for (let number = first; least > 0 && number <= last; number++) {
      const count = uses[number] ?? 0;
      if (count >= least || this.#failed.has(number) || !isFree(number)) continue;
      best = number;
      least = count;
    }
    if (best >= 0) return best;
    const failed = [...this.#failed].filter(
      ([number]) => number >= first && number <= last && isFree(number),
    );
    return failed.reduce((oldest, next) => (next[1] < oldest[1] ? next : oldest))[0];
  }

  /** Whether ports of other ranges find enough without a number. */
  #sparesOthers(number: number, range: number, left: SpanNeeds): boolean {
    return this.ranges.spans.every(
      (span, s) => span.holds[range] || !covers(span, number) || this.#free[s]! > left[s]!,
    );
  }

  #unused(ports: readonly HostPort[]): ReadonlySet<number> {
    return new Set(ports.map(({ port }) => port).filter((number) => !this.#numbers.has(number)));
  }

  #count(number: number, by: 1 | -1): void {
    const { spans } = this.ranges;
    for (let s = 0; s < spans.length; s++) if (covers(spans[s]!, number)) this.#free[s]! += by;
  }
}

/** On how many nodes each number is in use. */
export function portUses(nodes: readonly NodePorts[]): Uint32Array {
  const uses = new Uint32Array(65_536);
  for (const { numbers } of nodes) for (const number of numbers) uses[number]!++;
  return uses;
}
