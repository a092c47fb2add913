import { CommanderError } from 'commander';
import { DumpError } from '../dump/dump-error.ts';
import { messageOf, ProfferError } from '../lib/errors.ts';
import { ScenarioError } from '../simulate/scenario-error.ts';
import type { World } from './io.ts';
import { programFor } from './program.ts';
import { UsageError } from './usage-error.ts';
import { visible } from '../lib/visible.ts';

/** A world whose texts may come from a cluster or a file: none of them steers the terminal. */
const visibleWorld = (io: World): World => ({
  ...io,
  out: (text) => io.out(visible(text)),
  ...(io.progress && { progress: (line: string) => io.progress?.(visible(line)) }),
});

/** Ends of the program: well, failed at its work, called wrongly or with a file that is no input. */
export type ExitCode = 0 | 1 | 2;

/**
 * Runs the command line. Never throws: what went wrong is told in one sentence. All output passes here, and what in it
 * would steer a terminal is written out.
 * @param argv the words after the program's name
 * @param world its `out` and `progress` get text that is safe to show
 * @param toStandardError writes to standard error
 */
export async function main(
  argv: readonly string[],
  world: World,
  toStandardError: (text: string) => void,
): Promise<ExitCode> {
  const complain = (sentence: string): void => toStandardError(visible(`proffer: ${sentence}\n`));
  const program = programFor({ ...visibleWorld(world), complain });
  // As kubectl reads it, the value in -n=NAME is NAME; commander keeps the sign.
  const words = argv.map((word) => word.replace(/^(-[a-z])=(?=.)/, '$1'));
  try {
    await program.parseAsync(words.length === 0 ? ['help'] : words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    complain(sentenceOf(error, words[0] === 'operator' || Boolean(world.env['PROFFER_DEBUG'])));
    if (error instanceof CommanderError || error instanceof UsageError) {
      const command = program.commands.find((each) => each.name() === words[0] && words[0] !== 'help');
      toStandardError(`See proffer help${command === undefined ? '' : ` ${command.name()}`}.\n`);
      return 2;
    }
    return error instanceof ScenarioError || error instanceof DumpError ? 2 : 1;
  }
}

/**
 * What is told of anything that was thrown. What was not foreseen is a fault of this program.
 * @param place whether the place in the code is told, too, which a report needs: for those who set PROFFER_DEBUG, and of the
 *   operator, which cannot be run again to the same end
 */
function sentenceOf(error: unknown, place: boolean): string {
  if (error instanceof CommanderError) return error.message.replace(/^error: /, '').replace('\n', ' ');
  if (error instanceof ProfferError) return error.message;
  if (place && error instanceof Error) return error.stack ?? error.message;
  return (
    `a fault of this program, not of what you gave it: ${messageOf(error)}: ` +
    'run it again with PROFFER_DEBUG=1, and report what it prints'
  );
}
