import manifest from '../../package.json' with { type: 'json' };
import { DumpError } from '../dump/dump-error.ts';
import { messageOf, ProfferError } from '../lib/errors.ts';
import { ScenarioError } from '../simulate/scenario-error.ts';
import { commandNamed, parseCommandLine } from './args.ts';
import type { Io } from './command.ts';
import { COMMANDS } from './commands.ts';
import { commandHelp, programHelp } from './help.ts';
import { UsageError } from './usage-error.ts';
import { visible } from '../lib/visible.ts';
import { visibleIo } from './visible.ts';

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
  world: Io,
  toStandardError: (text: string) => void,
): Promise<ExitCode> {
  const io = visibleIo(world);
  const complain = (text: string): void => toStandardError(visible(text));
  try {
    const request = parseCommandLine(argv, COMMANDS, io.env);
    switch (request.kind) {
      case 'version':
        io.out(`proffer ${manifest.version}\n`);
        return 0;
      case 'help':
        io.out(request.command === undefined ? programHelp(COMMANDS) : commandHelp(request.command));
        return 0;
      case 'run':
        await request.command.run(request.given, io, complain);
        return 0;
    }
  } catch (error) {
    complain(`proffer: ${messageOf(error)}\n`);
    if (error instanceof UsageError) {
      complain(`See ${['proffer help', commandNamed(argv, COMMANDS)?.name ?? []].flat().join(' ')}.\n`);
      return 2;
    }
    if (error instanceof ScenarioError || error instanceof DumpError) return 2;
    // Anything that was not foreseen is a bug, and its report needs the place.
    if (!(error instanceof ProfferError) && error instanceof Error) complain(`${error.stack}\n`);
    return 1;
  }
}
