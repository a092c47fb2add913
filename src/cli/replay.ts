import { DUMP_KINDS } from '../api/kinds.ts';
import { systemClock } from '../lib/clock.ts';
import { wholeNumber } from './args.ts';
import type { Command } from './command.ts';
import { dumpFlags, outputFlag } from './flags.ts';

export const replayCommand: Command = {
  name: 'replay',
  summary: 'Run one placement cycle on a dump and show what it would decide',
  details:
    `Runs the cycle that the operator runs, on files that kubectl get ${DUMP_KINDS} -A -o yaml (or ` +
    'json) wrote, and prints what would be created where and why in that order, what is declined, what waits and why, ' +
    'and what would be deleted. Nothing is written. What the operator keeps in mind and no object tells is not ' +
    'known: Pods that the API server refused lately, and nodes that came back a moment ago.',
  argument: {
    name: 'FILE',
    help: 'a dump in YAML or JSON, or - for standard input; several make up one cluster.',
    many: true,
  },
  flags: [
    outputFlag('How to print: table, or json with all decisions.'),
    { name: 'limit', value: 'ROWS', standard: '50', help: 'Most rows of a table.' },
    ...dumpFlags('the newest time in the files'),
  ],
  examples: [
    'proffer replay dump.yaml',
    'kubectl get nodes,pods,gsp,tj,or -A -o json | proffer replay - -o json',
  ],
  run: async (given, io, complain) => {
    const limit = wholeNumber(given, 'limit', 1, 10_000);
    // Reading clusters takes longer to load than all the other commands' help.
    const { replay } = await import('../dump/index.ts');
    const { checkFiles, circumstances, readFiles, timeOfDump } = await import('./dump-files.ts');
    const { now, hostPorts } = circumstances(given);
    checkFiles(given.arguments);
    const cluster = await readFiles(given.arguments, 'default', complain);
    const replayed = replay(cluster, {
      now: now ?? timeOfDump(cluster),
      hostPorts,
      complain: (sentence) => complain(`proffer: ${sentence}\n`),
      clock: systemClock,
    });
    if (given.text('output') === 'json') return io.out(`${JSON.stringify(replayed, undefined, 2)}\n`);
    const { replayText } = await import('./replay-text.ts');
    io.out(replayText(replayed, limit));
  },
};
