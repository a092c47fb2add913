import { median } from '../support/statistics.ts';
import { markdownTable } from '../support/table.ts';
import type { Rated } from './parts.ts';
import type { PeerResult } from './peer.ts';
import type { Watched } from './watched.ts';

/** All that a run measures. */
export interface Results {
  /** The first burst after the start of everything, and the second. */
  readonly first: Rated;
  readonly empty: Rated;
  readonly filling: Rated;
  readonly full: Rated;
  /** Bytes of heap that each Pod keeps. */
  readonly livePerPod: number;
  readonly changing: Watched & { readonly cycleMs: readonly number[] };
  readonly idle: Watched;
  readonly waiting: Watched;
  /** Milliseconds from an API server that is ready to a decision. */
  readonly relist: Watched & { readonly backMs: number };
  readonly restart: { readonly ms: number; readonly rss: number };
}

const whole = (value: number): string => value.toFixed(0);
const PHASES = ['snapshot', 'matrices', 'allocate', 'plan', 'record', 'total'];

/** Prints the table. @param peer with how many Pods it was filled */
export function printReport(
  results: Results,
  peer: (PeerResult & { readonly pods: number }) | undefined,
  burst: number,
): void {
  const { first, empty, filling, full, changing, idle, waiting, relist, restart } = results;
  const rows: string[][] = [];
  const row = (what: string, ours: string, theirs = ''): void => void rows.push([what, ours, theirs]);
  const pauses = ({ pauseP99, pauseMax }: Watched): string => `${whole(pauseP99)}, ${whole(pauseMax)}`;
  row('filling: Pods bound a second', whole(filling.rate), peer && `${whole(peer.rate)} (${peer.pods} Pods)`);
  row('filling: pauses of the event loop, p99 and longest, ms', pauses(filling));
  for (const phase of PHASES) {
    const { p50, p99 } = filling.phases.get(phase)!;
    row(`filling: cycle, ${phase}, p50 and p99, ms`, `${p50.toFixed(1)}, ${p99.toFixed(1)}`);
  }
  row('filling: allocated, MiB a cycle, KiB a Pod', allocated(filling));
  row('filling: peak RSS, MiB', whole(filling.peakRss), peer && whole(peer.peakRss));
  row('heap that a Pod keeps, bytes', whole(results.livePerPod));
  row(
    `burst of ${burst} on the full cluster, Pods a second`,
    whole(full.rate),
    peer && whole(peer.burstRate),
  );
  row('the same on the empty one: first after a start, second', `${whole(first.rate)}, ${whole(empty.rate)}`);
  row('full to empty (second)', (full.rate / empty.rate).toFixed(2));
  row('bursts: pauses in first, second, full, ms', [first, empty, full].map(pauses).join('; '));
  row(
    'one pool changed: cycle p50 and longest, ms',
    `${median(changing.cycleMs).toFixed(1)}, ${Math.max(...changing.cycleMs).toFixed(1)}`,
  );
  row(
    'one pool changed: allocated, MiB a cycle',
    (changing.allocated / changing.cycles / 2 ** 20).toFixed(1),
  );
  row('tasks that wait: pauses, ms', pauses(waiting));
  row('API server restarted: pauses, ms', pauses(relist));
  row('API server restarted: ready to a decision, s', (relist.backMs / 1000).toFixed(1));
  row('operator restarted: start to a Pod bound, s', (restart.ms / 1000).toFixed(1));
  row('idle: % of a core', ((100 * idle.cpuSeconds) / idle.seconds).toFixed(2));
  row(`idle: writes but the lease in ${whole(idle.seconds)} s`, list(idle.writes));
  row('idle: cycles', whole(idle.cycles));
  row(
    'RSS at rest, after a restart, MiB',
    `${whole(idle.rss)}, ${whole(restart.rss)}`,
    peer && whole(peer.rss),
  );
  console.log(markdownTable(['', 'Proffer', 'Deployments + kube-scheduler'], rows));

  function allocated({ allocated: bytes, cycles, rate, seconds }: Rated): string {
    return `${(bytes / cycles / 2 ** 20).toFixed(1)}, ${(bytes / (rate * seconds) / 2 ** 10).toFixed(1)}`;
  }
}

const list = (writes: ReadonlyMap<string, number>): string =>
  [...writes].map(([what, n]) => `${n} × ${what}`).join(', ') || '0';
