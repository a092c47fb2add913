import type { Command, Flag } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { flagFallback, flagTerm, usage } from '../../src/cli/help.ts';
import { cell, code, generatedFrom, markdownTable } from './page.ts';

const flagRow = (flag: Flag): string[] => {
  const fallback = flagFallback(flag);
  return [code(flagTerm(flag)), cell(fallback), cell(flag.help)];
};

function section(command: Command): string[] {
  const { name, summary, details, argument, flags, examples } = command;
  return [
    `## ${name}`,
    '',
    `${summary}. ${details}`,
    '',
    '```sh',
    usage(command),
    '```',
    '',
    ...(argument === undefined ? [] : [`${code(argument.name)}: ${argument.help}`, '']),
    ...markdownTable(['flag', 'default', 'meaning'], flags.map(flagRow)),
    '',
    'Examples:',
    '',
    '```sh',
    ...examples,
    '```',
    '',
  ];
}

/** The reference of the command line: docs/reference/cli.md. */
export function cliPage(): string {
  return [
    generatedFrom('src/cli'),
    '# Command line',
    '',
    'One program, `proffer`; under the name `kubectl-proffer` it is a plugin of kubectl: `kubectl proffer matrix`. ' +
      '`proffer help COMMAND` prints what stands here, `proffer version` the version.',
    '',
    '`matrix`, `offers` and `roles` read the replica that leads: its Pod is named by the Lease `proffer`, and ' +
      '`kubectl port-forward` leads to its debug pages, which its Pod serves to itself alone. That takes kubectl on the ' +
      '`PATH`, and the rights to `get` the Lease and Pods and to `create` `pods/portforward` in the namespace of the ' +
      'operator. With `--url` they read the debug pages of an operator directly.',
    '',
    '`explain` reads the objects of the cluster itself, with the rights to `list` nodes and Pods, or a dump of them; `replay` ' +
      'reads a dump ([how](../explain.md)).',
    '',
    'Exit codes: 0 done, 1 it failed, 2 the command line, or a file that it names, cannot be used as it stands. What went ' +
      'wrong is told on standard error in a sentence, or one for each thing.',
    '',
    ...COMMANDS.flatMap(section),
  ].join('\n');
}
