import { declineOffers } from './decline.ts';
import type { Figure, Recorder, Report } from './measure.ts';
import { largeAndSmallQuota } from './quota.ts';

/** One size of a case. */
export interface Point {
  readonly name: string;
  readonly run: (recorder: Recorder, part: number) => void;
  /** What its row says. @param timeOf which time of a figure counts */
  readonly cells: (report: Report, timeOf: (figure: Figure) => number) => string[];
}

export interface Scaling {
  readonly title: string;
  readonly head: readonly string[];
  readonly points: readonly Point[];
}

/** Rounds that a point runs; the last is the one that counts, the others warm up. */
const ROUNDS = 4;

function timesOf(report: Report, timeOf: (figure: Figure) => number): (what: string) => number {
  const times = new Map(report.figures.map((figure) => [figure.what, timeOf(figure)]));
  return (what) => times.get(what) ?? Number.NaN;
}

function declinePoint(agents: number, frameworks: number): Point {
  return {
    name: `scaling-decline-${agents}-${frameworks}`,
    run: (recorder, part) => declineOffers(recorder, agents * part, Math.ceil(frameworks * part), ROUNDS),
    cells: (report, timeOf) => {
      const time = timesOf(report, timeOf);
      const round = time(`round ${ROUNDS - 1}`);
      const decline = time(`decline ${ROUNDS - 1}`);
      const offers = (report.counts['offers'] ?? 0) / ROUNDS;
      return [
        agents.toLocaleString('en'),
        frameworks.toLocaleString('en'),
        `${round.toFixed(1)} ms`,
        `${((round * 1000) / offers).toFixed(2)} µs`,
        `${((decline * 1000) / offers).toFixed(2)} µs`,
        `${report.rss.toFixed(0)} MiB`,
      ];
    },
  };
}

function quotaPoint(roles: number): Point {
  return {
    name: `scaling-quota-${roles}`,
    run: (recorder, part) => largeAndSmallQuota(recorder, roles * part, roles * part),
    cells: (report, timeOf) => {
      const time = timesOf(report, timeOf);
      const first = time('first run');
      const offers = report.counts['offers'] ?? 0;
      return [
        roles.toLocaleString('en'),
        String(offers),
        `${first.toFixed(1)} ms`,
        `${((first * 1000) / offers).toFixed(1)} µs`,
        `${time('second run').toFixed(2)} ms`,
        `${report.rss.toFixed(0)} MiB`,
      ];
    },
  };
}

const DECLINE_HEAD = ['agents', 'frameworks', 'round', 'per offer', 'per decline', 'resident'];

/** How cost grows with size: the engine's promise is a cost per allocation that grows like a logarithm. */
export const SCALINGS: readonly Scaling[] = [
  {
    title: 'Cost by agents',
    head: DECLINE_HEAD,
    points: [1000, 5000, 10_000, 20_000, 50_000].map((agents) => declinePoint(agents, 1000)),
  },
  {
    title: 'Cost by frameworks',
    head: DECLINE_HEAD,
    points: [10, 50, 200, 1000, 6000, 20_000].map((frameworks) => declinePoint(10_000, frameworks)),
  },
  {
    title: 'Cost by roles with quota, as many agents and frameworks',
    head: ['roles', 'offers', 'first run', 'per offer', 'second run', 'resident'],
    points: [30, 300, 3000, 12_000].map(quotaPoint),
  },
];
