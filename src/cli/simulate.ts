import { Option, type Command } from 'commander';
import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../lib/errors.ts';
import { ExpectationError, ScenarioError } from '../simulate/scenario-error.ts';
import { addCommand } from './add-command.ts';
import { limitFlag, outputFlag } from './flags.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';
import { append } from '../lib/unbounded.ts';

/** Times between two looks at the progress, ms. */
const EVERY_MS = 200;

/** Shows how far a work is, if somebody watches, and not more often than one can read. */
class Progress {
  readonly #write: Io['progress'];
  #next = performance.now() + EVERY_MS;
  #shown = false;

  constructor({ progress }: Io) {
    this.#write = progress;
  }

  /** @param line makes the text when it is time to show it */
  show(line: () => string): void {
    if (this.#write === undefined || performance.now() < this.#next) return;
    this.#next = performance.now() + EVERY_MS;
    this.#shown = true;
    this.#write(line());
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#shown) this.#write?.('');
    this.#shown = false;
  }
}

/** Steps after which the output gets a chance to flow. */
const TURN = 64;

async function contentOf(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new ScenarioError(`${file}: cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function writePicture(file: string, svg: string): Promise<void> {
  try {
    await writeFile(file, svg);
  } catch (error) {
    throw new UsageError(`--svg ${file} cannot be written: ${messageOf(error)}`);
  }
}

interface SimulateOptions {
  readonly output: 'table' | 'json';
  readonly limit: number;
  readonly svg?: string;
}

/** Runs one scenario and prints it. Returns the expectations that do not hold, in words. */
async function simulate(
  file: string,
  several: boolean,
  { output, limit: most, svg }: SimulateOptions,
  io: Io,
): Promise<string[]> {
  // Reading YAML takes longer to load than all the other commands' help.
  const parts = await import('../simulate/index.ts');
  const json = output === 'json';
  const title = file === '-' ? 'standard input' : file;
  const scenario = parts.readScenario(await contentOf(file), title);
  const progress = new Progress(io);
  const watch = (step: number, time: number) =>
    progress.show(() => `${title}: step ${step} of ${scenario.steps.length}, ${parts.secondsText(time)}`);
  const totals = new parts.Totals();
  const history = new parts.History();
  const failed: string[] = [];
  if (!json && several) io.out(`── ${title}\n`);
  try {
    for (const report of parts.runScenario(scenario, watch)) {
      totals.add(report);
      history.add(report);
      const difference = parts.differenceText(title, report);
      if (difference !== '') failed.push(difference);
      progress.clear();
      io.out(json ? parts.jsonLine(report, several ? file : undefined) : parts.stepText(report, most));
      watch(report.step, report.time);
      if (report.step % TURN === 0) await setImmediate();
    }
  } finally {
    progress.clear();
  }
  const curves = history.curves();
  if (!json) {
    const picture = parts.sharePicture(curves, io.width);
    io.out(`\n${parts.summaryText(title, totals, curves, most)}\n${picture === '' ? '' : `${picture}\n`}`);
  }
  if (svg !== undefined) await writePicture(svg, parts.shareSvg(curves, title));
  return failed;
}

/** Runs the scenarios one after the other, all of them, and tells at the end what went wrong. */
async function simulateAll(files: readonly string[], options: SimulateOptions, io: Io): Promise<void> {
  if (options.svg !== undefined && files.length > 1) {
    throw new UsageError(`--svg takes one FILE, and there are ${files.length}`);
  }
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('- can be given once');
  const failed: string[] = [];
  const broken: string[] = [];
  for (const file of files) {
    try {
      append(failed, await simulate(file, files.length > 1, options, io));
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      broken.push(error.message);
    }
  }
  if (broken.length > 0) throw new ScenarioError([...failed, ...broken].join('\n'));
  if (failed.length > 0) throw new ExpectationError(failed.join('\n'));
}

export function addSimulate(program: Command, io: Io): void {
  addCommand(program, {
    name: 'simulate',
    summary: 'Run a scenario of agents, frameworks, roles and quotas without a cluster',
    details:
      'Plays the events of a scenario file to the allocator and prints what it offers to whom, step by step, with the ' +
      'shares of the roles over time. The format is in docs/simulate.md, examples are in examples/scenarios. Ends with 1 ' +
      'when an expectation in a file does not hold, and with 2 when a file is not a scenario.',
    flags: [
      outputFlag('How to print: as tables, or as JSON with one line per step'),
      limitFlag('Most offers that a step shows, and most rows of the summary', 10, 1_000_000),
      new Option('--svg <file>', 'Also write a chart of shares over time to this file'),
    ],
    examples: [
      'proffer simulate examples/scenarios/drf-paper.yaml',
      'proffer simulate plan.yaml --output json | jq -c .shares',
      'proffer simulate examples/scenarios/drf-48-nodes.yaml --svg shares.svg',
    ],
  })
    .argument('<file...>', 'Scenarios in YAML or JSON, - for standard input; each is run on its own')
    .action((files: readonly string[], options: SimulateOptions) => simulateAll(files, options, io));
}
