/**
 * Explains Pods of a large dump and replays a cycle on it, each in a process of its own. The dump repeats a Node and a
 * Pod that kubectl wrote (examples/dumps). Prints a table; docs/performance.md keeps it.
 *
 *   node bench/explain.ts [--nodes 5000] [--pods 50000] [--waiting 200] [--format yaml|json]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { main } from '../src/cli/main.ts';
import { markdownTable } from './support/table.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '5000' },
    pods: { type: 'string', default: '50000' },
    waiting: { type: 'string', default: '200' },
    format: { type: 'string', default: 'yaml' },
    run: { type: 'string', multiple: true },
  },
});
const [NODES, PODS, WAITING] = [Number(values.nodes), Number(values.pods), Number(values.waiting)];

/** What one run cost. */
interface Cost {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly maxRssMiB: number;
}

/** Runs the command line in this process and prints what it cost. */
async function runHere(argv: readonly string[]): Promise<void> {
  const start = performance.now();
  const io = { out: () => undefined, env: {}, width: 160, terminal: false };
  const code = await main(argv, io, (text) => void process.stderr.write(text));
  if (code !== 0) process.exit(code);
  const { user, system } = process.cpuUsage();
  const cost: Cost = {
    cpuSeconds: (user + system) / 1e6,
    seconds: (performance.now() - start) / 1000,
    maxRssMiB: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(cost));
}

/** The text of an item of a List that kubectl wrote. */
function itemOf(list: string, kind: string, name: string): string {
  const items = list.split(/^(?=- )|^(?=kind: List$)/m);
  const found = items.find(
    (item) => item.includes(`\n  kind: ${kind}\n`) && item.includes(`\n    name: ${name}\n`),
  );
  if (found === undefined) throw new Error(`the dump has no ${kind} ${name}`);
  return found;
}

/** A dump of a large cluster, of which the first Pods ask for more than a node has and wait. */
function writeDump(file: string): void {
  const list = readFileSync(join(import.meta.dirname, '../examples/dumps/waiting.yaml'), 'utf8');
  const node = itemOf(list, 'Node', 'fake-00004');
  const pod = itemOf(list, 'Pod', 'arena-0');
  const parts = ['apiVersion: v1\nitems:\n'];
  for (let i = 0; i < NODES; i++) parts.push(node.replaceAll('fake-00004', `node-${i}`));
  for (let i = 0; i < PODS; i++) {
    const waits = i < WAITING;
    const named = pod
      .replaceAll('arena-0', `pod-${i}`)
      .replace(/^ +(nodeName: ).*\n/m, (line) =>
        waits ? '' : line.replace('fake-00000', `node-${i % NODES}`),
      );
    parts.push(
      waits
        ? named.replace(/cpu: "2"/, 'cpu: "99"').replace('phase: Running', 'phase: Pending')
        : named.replace('cpu: "2"', 'cpu: 10m'),
    );
  }
  parts.push('kind: List\nmetadata:\n  resourceVersion: ""\n');
  const text = parts.join('');
  writeFileSync(file, values.format === 'json' ? JSON.stringify(parse(text), undefined, 4) : text);
}

function measure(argv: readonly string[]): Cost {
  const flags = argv.flatMap((word) => [`--run=${word}`]);
  const out = execFileSync(process.execPath, [import.meta.filename, ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(out) as Cost;
}

function compare(): void {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-dump-'));
  try {
    const file = join(folder, `dump.${values.format}`);
    writeDump(file);
    const megabytes = Math.round(statSync(file).size / 1e6);
    console.log(`${NODES} nodes, ${PODS} Pods of which ${WAITING} wait; ${megabytes} MB of ${values.format}`);
    const runs: [string, string[]][] = [
      ['explain one Pod that waits', ['explain', 'pod/games/pod-0', '-f', file]],
      ['explain one Pod that runs', ['explain', `pod/games/pod-${PODS - 1}`, '-f', file]],
      ['explain all that wait', ['explain', '-f', file]],
      ['explain all that wait, as JSON', ['explain', '-f', file, '-o', 'json']],
      ['replay', ['replay', file]],
    ];
    const rows = runs.map(([title, argv]) => {
      const { cpuSeconds, seconds, maxRssMiB } = measure(argv);
      return [title, cpuSeconds.toFixed(1), seconds.toFixed(1), maxRssMiB.toFixed(0)];
    });
    console.log(markdownTable(['', 'CPU s', 's', 'max RSS MiB'], rows));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (values.run === undefined) compare();
else await runHere(values.run);
