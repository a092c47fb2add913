/**
 * The Mesos project's own allocator benchmarks, run by the offer engine, with the figures of Mesos' C++ beside them
 * (medians on two cores of the same kind; commit c1b42f79, g++ 12 -O2). Every run is a process of its own.
 *
 * A case first runs at a tenth of its size, so that the code is compiled, as in a process that has run for a while;
 * --cold leaves that out. --cpu shows processor time instead of time, for machines that others use too.
 *
 *   npm run bench:allocator -- [--case NAME,...] [--repeat 3] [--scaling] [--cold] [--cpu]
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { CASES, MEDIANS, type Case } from './allocator/cases.ts';
import { Recorder, type Figure, type Report } from './allocator/measure.ts';
import { SCALINGS } from './allocator/scaling.ts';
import { median } from './support/statistics.ts';
import { markdownTable } from './support/table.ts';

const { values } = parseArgs({
  options: {
    case: { type: 'string', default: Object.keys(CASES).join(',') },
    repeat: { type: 'string', default: '3' },
    scaling: { type: 'boolean', default: false },
    cold: { type: 'boolean', default: false },
    cpu: { type: 'boolean', default: false },
    // For the processes that this one starts.
    child: { type: 'string' },
  },
});

/** Runs one case in a process of its own. @param flags of V8 */
function spawn(name: string, flags: readonly string[] = []): Report {
  const args = [...flags, import.meta.filename, '--child', name, ...(values.cold ? ['--cold'] : [])];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 })) as Report;
}

/** Part of a case's size that a process runs before it measures. */
const WARM_UP = 0.1;

/** A young generation so large that nothing is collected in the measured run: what the heap grew by was allocated. */
const NO_COLLECTION = ['--min-semi-space-size=1024', '--max-semi-space-size=1024'];

/** Processor time is only counted in whole milliseconds, so that for what is short the time must do. */
const timeOf = ({ ms, cpu }: Figure): number => (values.cpu && cpu > 2 ? cpu : ms);

function figure(reports: readonly Report[], what: string): number {
  const names = MEDIANS[what] ?? [what];
  return median(
    reports.map(({ figures }) => median(figures.filter((f) => names.includes(f.what)).map(timeOf))),
  );
}

const format = (ms: number): string => (ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3));

function table(name: string, { title, peers, peerRss, counts }: Case, repeat: number): void {
  const reports = Array.from({ length: repeat }, () => spawn(name));
  const { allocated } = spawn(name, NO_COLLECTION);
  console.log(`\n### ${title}\n`);
  const measured = new Set(peers.map(({ what }) => what));
  const others = reports[0]!.figures
    .map(({ what }) => what)
    .filter((what) => !measured.has(what) && !/ \d+$/.test(what));
  const rows = [
    ...peers.map(({ what, ms, aim }) => {
      const ours = figure(reports, what);
      return [
        what,
        `${format(ours)} ms`,
        `${format(ms)} ms`,
        (ms / ours).toFixed(1),
        aim > 1 ? String(aim) : 'level',
      ];
    }),
    ...others.map((what) => [what, `${format(figure(reports, what))} ms`, '', '', '']),
    [
      'resident',
      `${median(reports.map(({ rss }) => rss)).toFixed(0)} MiB`,
      peerRss > 0 ? `${peerRss} MiB` : '',
      '',
      '',
    ],
    ...(allocated > 0 ? [['allocated in the last run', `${allocated.toFixed(1)} MiB`, '', '', '']] : []),
    ...Object.entries(reports[0]!.counts).map(([what, count]) => [what, String(count), '', '', '']),
  ];
  console.log(markdownTable(['', 'Proffer', 'Mesos C++', 'times less', 'aim'], rows));
  for (const [what, count] of Object.entries(counts)) {
    if (reports.some((report) => report.counts[what] !== count)) {
      console.error(`${name}: ${what} is ${reports[0]!.counts[what]}, not ${count}`);
      process.exitCode = 1;
    }
  }
}

if (values.child !== undefined) {
  const points = SCALINGS.flatMap((scaling) => scaling.points);
  const run = CASES[values.child]?.run ?? points.find(({ name }) => name === values.child)?.run;
  if (run === undefined) throw new Error(`there is no case "${values.child}"`);
  if (!values.cold) run(new Recorder(), WARM_UP);
  const recorder = new Recorder();
  run(recorder, 1);
  console.log(JSON.stringify(recorder.report()));
} else {
  const names = values.case.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !(name in CASES));
  if (unknown !== undefined) {
    console.error(`--case: there is no case "${unknown}"; choose from ${Object.keys(CASES).join(', ')}`);
    process.exit(2);
  }
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)} at the start, medians of ${values.repeat}, ${
      values.cpu ? 'processor time of the main thread' : 'time'
    }${values.cold ? ', cold' : ''}`,
  );
  for (const name of names) table(name, CASES[name]!, Number(values.repeat));
  if (values.scaling) {
    for (const { title, head, points } of SCALINGS) {
      console.log(`\n### ${title}\n`);
      const rows = points.map(({ name, cells }) => cells(spawn(name), timeOf));
      console.log(markdownTable(head, rows));
    }
  }
}
