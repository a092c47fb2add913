/** A range of host port numbers, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** A port whose number comes out of a range, by the name of that. */
export interface RangedPort {
  readonly range?: string | undefined;
}

/** The range of a port that names none. */
export const DEFAULT_RANGE = 'default';

/** From the first number of a range to the last of one, with the ranges that lie in it whole. */
interface Span extends PortRange {
  readonly holds: readonly boolean[];
}

/** How many numbers are asked for out of the ranges in each span. */
export type SpanNeeds = Int32Array;

/** More than any span has: nothing holds what comes out of a range that does not exist. */
const NEVER = 0x7fff_ffff;

/** Whether a range has a number. */
export const covers = ({ first, last }: PortRange, number: number): boolean =>
  number >= first && number <= last;

/**
 * The ranges of host ports that offers hand out, by name. They may overlap: then it is not enough that each has a free
 * number for each port. There is one for every port exactly when each span has as many as ports come out of the ranges in
 * it (Hall's theorem, for intervals). Ranges that overlap with no other are their own spans.
 */
export class PortRanges {
  readonly names: readonly string[];
  readonly ranges: readonly PortRange[];
  readonly spans: readonly Span[];
  readonly #needs = new WeakMap<readonly RangedPort[], SpanNeeds>();

  constructor(byName: Readonly<Record<string, PortRange>>) {
    this.names = Object.keys(byName);
    this.ranges = Object.values(byName);
    this.spans = spansOf(this.ranges);
  }

  /** How many numbers there are in all ranges, each once. */
  get size(): number {
    let [size, reach] = [0, 0];
    for (const { first, last } of this.ranges.toSorted((a, b) => a.first - b.first)) {
      size += Math.max(0, last - Math.max(first - 1, reach));
      reach = Math.max(reach, last);
    }
    return size;
  }

  /** Whether a number is in some range. */
  has(number: number): boolean {
    return this.ranges.some((range) => covers(range, number));
  }

  /** Position of the range of a port; -1 when there is none. */
  indexOf({ range = DEFAULT_RANGE }: RangedPort): number {
    return this.names.indexOf(range);
  }

  /** What one task with these ports asks for, by span. */
  needs(ports: readonly RangedPort[]): SpanNeeds {
    let needs = this.#needs.get(ports);
    if (!needs) this.#needs.set(ports, (needs = this.#count(ports)));
    return needs;
  }

  #count(ports: readonly RangedPort[]): SpanNeeds {
    const at = ports.map((port) => this.indexOf(port));
    if (at.includes(-1)) return new Int32Array(Math.max(1, this.spans.length)).fill(NEVER);
    return Int32Array.from(this.spans, ({ holds }) => at.filter((range) => holds[range]).length);
  }
}

/** Spans that are covered by the ranges in them: what others need follows from theirs. */
function spansOf(ranges: readonly PortRange[]): Span[] {
  const sorted = ranges.toSorted((a, b) => a.first - b.first);
  const spans = new Map<string, Span>();
  for (const { first } of ranges) {
    for (const { last } of ranges) {
      const isIn = (range: PortRange) => range.first >= first && range.last <= last;
      let reach = first;
      for (const range of sorted.filter(isIn)) if (range.first <= reach) reach = Math.max(reach, range.last);
      if (first <= last && reach >= last)
        spans.set(`${first}-${last}`, { first, last, holds: ranges.map(isIn) });
    }
  }
  return [...spans.values()];
}
