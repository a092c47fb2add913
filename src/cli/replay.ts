import type { Command } from 'commander';
import { DUMP_KINDS } from '../api/kinds.ts';
import { systemClock } from '../lib/clock.ts';
import { addCommand } from './add-command.ts';
import { dumpFlags, limitFlag, outputFlag, type DumpOptions } from './flags.ts';
import type { Io } from './io.ts';

interface ReplayOptions extends DumpOptions {
  readonly output: 'table' | 'json';
  readonly limit: number;
}

async function run(files: readonly string[], options: ReplayOptions, io: Io): Promise<void> {
  // Reading clusters takes longer to load than all the other commands' help.
  const { replay } = await import('../dump/index.ts');
  const { checkFiles, readFiles, timeOfDump } = await import('./dump-files.ts');
  checkFiles(files);
  const cluster = await readFiles(files, 'default', io);
  const replayed = replay(cluster, {
    now: options.now ?? timeOfDump(cluster),
    hostPorts: options.hostPorts,
    portRanges: options.portRanges,
    complain: io.complain,
    clock: systemClock,
  });
  if (options.output === 'json') return io.out(`${JSON.stringify(replayed, undefined, 2)}\n`);
  const { replayText } = await import('./replay-text.ts');
  io.out(replayText(replayed, options.limit));
}

export function addReplay(program: Command, io: Io): void {
  addCommand(program, {
    name: 'replay',
    summary: 'Run one placement cycle on a dump and show what it would decide',
    details:
      `Runs the cycle that the operator runs, on files that kubectl get ${DUMP_KINDS} -A -o yaml (or ` +
      'json) wrote, and prints what would be created where and why in that order, what is declined, what waits and why, ' +
      'and what would be deleted. Nothing is written. What the operator keeps in mind and no object tells is not ' +
      'known: Pods that the API server refused lately, and nodes that came back a moment ago.',
    flags: [
      outputFlag('How to print: as tables, or as JSON with all decisions'),
      limitFlag('Most rows of a table'),
      ...dumpFlags('the newest time in the files'),
    ],
    examples: [
      'proffer replay dump.yaml',
      'kubectl get nodes,pods,gsp,tj,or -A -o json | proffer replay - -o json',
    ],
  })
    .argument(
      '<file...>',
      'Dumps in YAML or JSON, folders of such files, - for standard input; together they make up one cluster',
    )
    .action((files: readonly string[], options: ReplayOptions) => run(files, options, io));
}
