import { declineOffers } from './decline.ts';
import type { Recorder } from './measure.ts';
import { largeAndSmallQuota, quotaOrNone } from './quota.ts';
import { sortClients } from './sorter.ts';
import { suppressOffers } from './suppress.ts';
import { launchAll } from './tasks.ts';

/** A figure of Mesos' own C++ allocator on two cores of the kind that this was written on. */
export interface Peer {
  readonly what: string;
  /** Milliseconds. */
  readonly ms: number;
  /** How many times less is aimed at; 1 = level. */
  readonly aim: number;
}

export interface Case {
  readonly title: string;
  /** @param part of the full size, 1 = all */
  readonly run: (recorder: Recorder, part: number) => void;
  readonly peers: readonly Peer[];
  /** MiB resident in Mesos; 0 = not measured. */
  readonly peerRss: number;
  /** Counts that must come out, in Mesos too. */
  readonly counts: Readonly<Record<string, number>>;
}

const rounds = (count: number, what: string): string[] =>
  Array.from({ length: count }, (_, i) => `${what} ${i}`);

/** Names of figures of which the median stands for all. */
export const MEDIANS: Readonly<Record<string, readonly string[]>> = {
  'a later round': rounds(100, 'round').slice(1),
  'declining a later round': rounds(100, 'decline').slice(1),
};

const quotaPeers = (add: number, first: number, second: number, aim: number): Peer[] => [
  { what: 'add frameworks', ms: add, aim },
  { what: 'first run', ms: first, aim },
  { what: 'second run', ms: second, aim },
];

/** The Mesos project's own benchmarks at their own sizes; a case is named on the command line. */
export const CASES: Readonly<Record<string, Case>> = {
  decline: {
    title: 'Decline offers: 10,000 agents, 1,000 frameworks of one role, 100 rounds',
    run: (recorder, part) => declineOffers(recorder, 10_000 * part, 1000 * part, 100 * part),
    peers: [
      { what: 'add agents', ms: 790, aim: 1 },
      { what: 'round 0', ms: 574, aim: 5 },
      { what: 'decline 0', ms: 494, aim: 4.3 },
      { what: 'a later round', ms: 714, aim: 5 },
      { what: 'declining a later round', ms: 782, aim: 5 },
      { what: 'remove all filters', ms: 640_000, aim: 640 },
    ],
    peerRss: 4770,
    counts: { offers: 1_000_000 },
  },
  'decline-50000': {
    title: 'Decline offers: 50,000 agents, 200 frameworks of one role, 4 rounds',
    run: (recorder, part) => declineOffers(recorder, 50_000 * part, 200 * part, 4),
    peers: [
      { what: 'add agents', ms: 4100, aim: 1 },
      { what: 'round 0', ms: 2130, aim: 5 },
      { what: 'decline 0', ms: 2500, aim: 5 },
      { what: 'a later round', ms: 2700, aim: 5 },
    ],
    peerRss: 3070,
    counts: { offers: 200_000 },
  },
  'quota-3000': {
    title: 'Large and small quota: 3,000 agents, roles, frameworks',
    run: (recorder, part) => largeAndSmallQuota(recorder, 3000 * part, 3000 * part),
    peers: quotaPeers(20_000, 9960, 7580, 10),
    peerRss: 5320,
    counts: { offers: 3500, 'offers of the second run': 0 },
  },
  'quota-2250': {
    title: 'Large and small quota: 3,000 roles, the 2,250 agents that they need',
    run: (recorder, part) => largeAndSmallQuota(recorder, 3000 * part, 2250 * part),
    peers: quotaPeers(0, 2210, 920, 1).slice(1),
    peerRss: 0,
    counts: { offers: 3500, 'offers of the second run': 0 },
  },
  'quota-300': {
    title: 'Large and small quota: 300 agents, roles, frameworks',
    run: (recorder, part) => largeAndSmallQuota(recorder, 300 * part, 300 * part),
    peers: quotaPeers(83.6, 55.8, 40.5, 1),
    peerRss: 72,
    counts: { offers: 350, 'offers of the second run': 0 },
  },
  'quota-3000-random': {
    title: 'Large and small quota: 3,000 agents, roles, frameworks, random sorter',
    run: (recorder, part) => largeAndSmallQuota(recorder, 3000 * part, 3000 * part, 'random'),
    peers: quotaPeers(3350, 8480, 7770, 1),
    peerRss: 125,
    counts: {},
  },
  'no-quota': {
    title: 'No quota: 1,000 roles, 2,000 agents, 2,000 frameworks',
    run: (recorder, part) => quotaOrNone(recorder, 1000 * part, false),
    peers: quotaPeers(0, 118, 78, 1).slice(1),
    peerRss: 1198,
    counts: { offers: 2000, 'offers of the second run': 0 },
  },
  'with-quota': {
    title: 'Quota: 1,000 roles, 2,000 agents, 2,000 frameworks',
    run: (recorder, part) => quotaOrNone(recorder, 1000 * part, true),
    peers: quotaPeers(0, 103, 37, 1).slice(1),
    peerRss: 1198,
    counts: { offers: 2000, 'offers of the second run': 0 },
  },
  suppress: {
    title: 'Suppress: 10,000 agents, 1,000 frameworks of one role',
    run: (recorder, part) =>
      suppressOffers(
        recorder,
        10_000 * part,
        1000 * part,
        [200, 800, 990, 1000].map((count) => count * part),
      ),
    peers: [
      { what: '200 suppressed', ms: 435, aim: 1 },
      { what: '800 suppressed', ms: 367, aim: 1 },
      { what: '990 suppressed', ms: 327, aim: 1 },
      { what: '1000 suppressed', ms: 51, aim: 1 },
    ],
    peerRss: 0,
    counts: { 'offers with 990 suppressed': 10_000, 'offers with 1000 suppressed': 0 },
  },
  tasks: {
    title: 'Launch 19,500 tasks of 554 frameworks on 80 agents',
    run: (recorder, part) => launchAll(recorder, 80, part),
    peers: [],
    peerRss: 0,
    counts: { 'tasks launched': 19_500 },
  },
  sorter: {
    title: 'Sorter: 10,000 agents, 1,000 clients',
    // All clients in the first run, too: a tenth of them is too little for the sort to be compiled.
    run: (recorder, part) => sortClients(recorder, 10_000 * part, 1000),
    peers: [
      { what: 'allocate', ms: 15, aim: 1 },
      { what: 'full sort', ms: 0.119, aim: 1 },
      { what: 'no-op sort', ms: 0.009, aim: 1 },
      { what: 'unallocate', ms: 491, aim: 1 },
    ],
    peerRss: 0,
    counts: {},
  },
};
