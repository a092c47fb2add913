import type { Command, Flag } from './command.ts';

const WIDTH = 100;

/** Breaks a text into lines of the help's width, each with an indent. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** Entries with their explanations in a second column. */
function listed(entries: readonly (readonly [term: string, help: string])[]): string {
  const indent = Math.max(...entries.map(([term]) => term.length)) + 5;
  return entries.map(([term, help]) => `  ${term.padEnd(indent - 2)}${wrapped(help, indent)}`).join('\n');
}

/** How a flag is written: -o, --output FORMAT. */
export function flagTerm({ name, short, value, onByDefault }: Flag): string {
  const long = `--${onByDefault ? '[no-]' : ''}${name}`;
  return `${short === undefined ? '' : `-${short}, `}${long}${value === undefined ? '' : ` ${value}`}`;
}

/** Where a flag's value comes from when it is not given; empty when there is none. */
export function flagFallback({ standard, otherwise, env, onByDefault }: Flag): string {
  const sources = [
    env === undefined ? [] : [`$${env}`],
    standard === undefined ? [] : [standard],
    otherwise === undefined ? [] : [otherwise],
    onByDefault ? ['on'] : [],
  ].flat();
  return sources.join(', else ');
}

function flagHelp(flag: Flag): string {
  const fallback = flagFallback(flag);
  return fallback === '' ? flag.help : `${flag.help} Default: ${fallback}.`;
}

/** How a command is called. */
export const usage = ({ name, argument }: Command): string =>
  `proffer ${name}${argument === undefined ? '' : argument.many ? ` ${argument.name}...` : ` [${argument.name}]`} [flags]`;

/** The help of one command. */
export function commandHelp(command: Command): string {
  const { summary, details, argument, flags, examples } = command;
  const parts = [
    `${summary}.\n\n${wrapped(details, 0)}`,
    `Usage:\n  ${usage(command)}`,
    ...(argument === undefined ? [] : [`Argument:\n${listed([[argument.name, argument.help]])}`]),
    `Flags:\n${listed([...flags.map((flag) => [flagTerm(flag), flagHelp(flag)] as const), ['-h, --help', 'Show this help.']])}`,
    `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The help of the program. */
export function programHelp(commands: readonly Command[]): string {
  const parts = [
    'Proffer places game servers and training jobs on Kubernetes by resource offers.',
    'Usage:\n  proffer COMMAND [flags]\n  kubectl proffer COMMAND [flags]',
    `Commands:\n${listed([
      ...commands.map(({ name, summary }) => [name, `${summary}.`] as const),
      ['version', 'Show the version.'],
      ['help [COMMAND]', 'Show this help, or that of a command.'],
    ])}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
