import type { Command, Option } from 'commander';

/** What the help says of a command, and its flags. */
interface Words {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Sentences for the command's own help. */
  readonly details: string;
  readonly flags?: readonly Option[];
  readonly examples: readonly string[];
}

/** Adds a command to the program. Its arguments and its action are still to be given. */
export function addCommand(
  program: Command,
  { name, summary, details, flags = [], examples }: Words,
): Command {
  const command = program
    .command(name)
    .summary(summary)
    .description(`${summary}. ${details}`)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
  for (const flag of flags) command.addOption(flag);
  return command;
}
