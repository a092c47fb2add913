import { Argument, Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addAllocate, addRelease } from './allocate.ts';
import { addCompletion } from './completion.ts';
import { addExplain } from './explain.ts';
import type { Io } from './io.ts';
import { addLogs } from './logs.ts';
import { addMatrix } from './matrix.ts';
import { addOffers } from './offers.ts';
import { addOperator } from './operator.ts';
import { addReplay } from './replay.ts';
import { addRoles } from './roles.ts';
import { addRollout } from './rollout.ts';
import { addGet, addServers } from './servers.ts';
import { addSimulate } from './simulate.ts';

/** Widest that help is printed, in columns. */
const WIDTH = 100;

/** The program with all its commands. It never ends the process, and throws CommanderError for what it is called wrongly. */
export function programFor(io: Io): Command {
  const version = `proffer ${manifest.version}`;
  const program = new Command('proffer')
    .description('Proffer places game servers and training jobs on Kubernetes by resource offers.')
    .usage('COMMAND [options]\n       kubectl proffer COMMAND [options]')
    .version(version, '--version', 'Show the version')
    .helpOption('-h, --help', 'Show this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(io.width, WIDTH),
    });
  for (const add of [
    addOperator,
    addServers,
    addGet,
    addAllocate,
    addRelease,
    addRollout,
    addLogs,
    addExplain,
    addReplay,
    addMatrix,
    addOffers,
    addRoles,
    addSimulate,
    addCompletion,
  ]) {
    add(program, io);
  }
  program
    .command('version')
    .description('Show the version')
    .action(() => io.out(`${version}\n`));
  const names = program.commands.map((command) => command.name());
  program
    .command('help')
    .description('Show this help, or that of a command')
    .addArgument(new Argument('[command]', 'The command').choices([...names, 'help']))
    .action((name?: string) =>
      (program.commands.find((command) => command.name() === name) ?? program).help(),
    );
  return program;
}
