import type { Account } from '../support/probe.ts';
import { histogramQuantile, samplesOf, type Sample } from '../support/metrics.ts';
import type { RunningOperator } from '../support/operator.ts';
import { forgetPeak, peakMib, usageOf } from '../support/processes.ts';

/** What the operator did and used while something was measured. */
export interface Watched extends Account {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** MiB. */
  readonly peakRss: number;
  readonly rss: number;
  readonly cycles: number;
  /** Milliseconds by phase of a cycle, out of the histogram: as fine as its buckets. */
  readonly phases: ReadonlyMap<string, { readonly p50: number; readonly p99: number }>;
  /** Requests that write, by "verb resource"; of what is no lease. */
  readonly writes: ReadonlyMap<string, number>;
}

const CYCLE = 'proffer_cycle_duration_seconds';
const READS = new Set(['get', 'list', 'watch']);

/** Samples of the later page less those of the earlier. */
function since(before: string, after: string, metric: string): Sample[] {
  const key = ({ labels }: Sample) => JSON.stringify(labels);
  const was = new Map(samplesOf(before, metric).map((sample) => [key(sample), sample.value]));
  return samplesOf(after, metric).map((s) => ({ ...s, value: s.value - (was.get(key(s)) ?? 0) }));
}

/** Sum over the cycles that a page counts: their number, and the milliseconds that they took. */
export function cyclesOf(page: string): { readonly count: number; readonly ms: number } {
  const total = (suffix: string) =>
    samplesOf(page, `${CYCLE}_${suffix}`).find(({ labels }) => labels['phase'] === 'total')?.value ?? 0;
  return { count: total('count'), ms: total('sum') * 1000 };
}

/** What is known of one that nothing looks into: looking wakes it up a hundred times a second. */
const UNSEEN: Account = { pauseP99: NaN, pauseMax: NaN, allocated: NaN, collecting: NaN };

/**
 * Does some work, and says what the operator did meanwhile.
 * @param profile file for a profile of its processor
 * @param looks whether pauses and allocations are looked at
 */
export async function watched(
  operator: RunningOperator,
  work: () => Promise<unknown>,
  profile?: string,
  looks = true,
): Promise<Watched> {
  const { pid } = operator;
  const page = await operator.metrics();
  forgetPeak(pid);
  if (profile !== undefined) await operator.ask('profile');
  if (looks) await operator.ask('start');
  const [start, { cpuSeconds }] = [performance.now(), usageOf(pid)];
  await work();
  const seconds = (performance.now() - start) / 1000;
  const after = usageOf(pid);
  const account = looks ? await operator.ask('stop') : UNSEEN;
  if (profile !== undefined) await operator.ask('profiled', profile);
  const now = await operator.metrics();
  const buckets = Object.groupBy(since(page, now, `${CYCLE}_bucket`), ({ labels }) => labels['phase']!);
  const requests = since(page, now, 'proffer_api_requests_total');
  const writes = requests.filter(
    ({ labels, value }) => value > 0 && !READS.has(labels['verb']!) && labels['resource'] !== 'leases',
  );
  return {
    ...account,
    seconds,
    cpuSeconds: after.cpuSeconds - cpuSeconds,
    peakRss: peakMib(pid),
    rss: after.rssMib,
    cycles: cyclesOf(now).count - cyclesOf(page).count,
    phases: new Map(
      Object.entries(buckets).map(([phase, samples]) => [
        phase,
        { p50: histogramQuantile(samples!, 0.5) * 1000, p99: histogramQuantile(samples!, 0.99) * 1000 },
      ]),
    ),
    writes: new Map(writes.map(({ labels, value }) => [`${labels['verb']} ${labels['resource']}`, value])),
  };
}
