import type { Sample, StepReport } from './report.ts';
import { largest } from '../lib/unbounded.ts';

/** Beyond this many samples every second one is dropped: a picture has fewer columns than that anyway. */
const MOST = 4096;

/** One role's share along the axis. */
export interface Curve {
  readonly role: string;
  readonly points: readonly { readonly x: number; readonly share: number }[];
  readonly last: number;
  readonly mean: number;
}

/** Shares along time or, when hardly any time passes, along the steps. */
export interface Curves {
  readonly axis: 'time' | 'step';
  readonly from: number;
  readonly to: number;
  /** The largest share of all. */
  readonly top: number;
  /** The largest mean share first. */
  readonly curves: readonly Curve[];
}

/** Below this many different times, a time axis would hide most steps. */
const LEAST_TIMES = 6;

/** What a scenario did from the first step to the last, for the summary and the pictures. */
export class History {
  #samples: Sample[] = [];
  #stride = 1;
  #seen = 0;
  #last: Sample | undefined;

  add({ samples }: StepReport): void {
    for (const sample of samples) {
      this.#last = sample;
      if (this.#seen++ % this.#stride !== 0) continue;
      this.#samples.push(sample);
      if (this.#samples.length < MOST) continue;
      this.#samples = this.#samples.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
  }

  /** Every role that ever had a share, and how it went. */
  curves(): Curves {
    const all = [...this.#samples];
    if (this.#last !== undefined && all.at(-1) !== this.#last) all.push(this.#last);
    const times = new Map(all.map((sample) => [sample.time, sample]));
    const axis = times.size >= LEAST_TIMES ? 'time' : 'step';
    // At one time the last sample counts: before it, offers were on their way.
    const samples = axis === 'time' ? [...times.values()] : all;
    const roles = new Set(samples.flatMap(({ shares }) => Object.keys(shares)));
    const x = (sample: Sample) => (axis === 'time' ? sample.time : sample.step);
    const curves = [...roles]
      .map((role): Curve => {
        const points = samples.map((sample) => ({ x: x(sample), share: sample.shares[role] ?? 0 }));
        const sum = points.reduce((total, { share }) => total + share, 0);
        return { role, points, last: points.at(-1)?.share ?? 0, mean: sum / points.length };
      })
      .filter(({ points }) => points.some(({ share }) => share > 0))
      .sort((a, b) => b.mean - a.mean || (a.role < b.role ? -1 : 1));
    const [first] = samples;
    const last = samples.at(-1);
    return {
      axis,
      from: first === undefined ? 0 : x(first),
      to: last === undefined ? 0 : x(last),
      top: largest(
        curves.flatMap(({ points }) => points.map(({ share }) => share)),
        0,
      ),
      curves,
    };
  }
}
