import { parseArgs } from 'node:util';
import { Given, type Command, type Flag } from './command.ts';
import { nearest } from '../lib/nearest.ts';
import { UsageError } from './usage-error.ts';

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'run'; readonly command: Command; readonly given: Given }
  /** Help on one command, or on all. */
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' };

const HELP: Flag = { name: 'help', short: 'h', help: 'Show this help.' };
const VERSION: Flag = { name: 'version', help: 'Show the version.' };

const quoted = (words: readonly string[]): string => words.join(', ');
const didYouMean = (word: string | undefined): string =>
  word === undefined ? '' : `: did you mean ${word}?`;

function unknownCommand(word: string, commands: readonly Command[]): UsageError {
  const names = [...commands.map((command) => command.name), 'version', 'help'];
  return new UsageError(
    `there is no command "${word}"${didYouMean(nearest(word, names))} (commands: ${quoted(names)})`,
  );
}

function unknownFlag(raw: string, command: Command | undefined, flags: readonly Flag[]): UsageError {
  const names = flags.map((flag) => flag.name);
  const near = raw.startsWith('--') ? nearest(raw.replace(/^--(no-)?/, ''), names) : undefined;
  const where = command === undefined ? 'proffer' : `proffer ${command.name}`;
  const meant = near === undefined ? undefined : `--${near}`;
  const all = quoted(names.map((name) => `--${name}`));
  return new UsageError(`${where} has no flag ${raw}${didYouMean(meant)} (flags: ${all})`);
}

/** Checks one value of a flag against what the flag allows. */
function checked(flag: Flag, value: string, from: string): string {
  if (flag.choices && !flag.choices.includes(value)) {
    const allowed = flag.choices.length === 2 ? flag.choices.join(' or ') : `one of ${quoted(flag.choices)}`;
    throw new UsageError(`${from} must be ${allowed}, not "${value}"`);
  }
  return value;
}

/** A word of the command line that begins with a dash. */
interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  /** Written in the same word, after = or the letter. */
  readonly inlineValue?: boolean | undefined;
}

/** In `-n=NAME` the value is NAME, as in `--namespace=NAME` and as kubectl reads it; parseArgs keeps the sign. */
function plain({ name, rawName, value, inlineValue }: OptionToken): OptionToken {
  const short = !rawName.startsWith('--');
  return { name, rawName, inlineValue, value: short && inlineValue ? value?.replace(/^=/, '') : value };
}

/** Splits the words into options and others. A flag has the same type in every command, so one table serves all. */
function tokenize(argv: readonly string[], flags: readonly Flag[]) {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {};
  for (const { name, short, value } of flags) {
    options[name] = {
      type: value === undefined ? 'boolean' : 'string',
      ...(short === undefined ? {} : { short }),
    };
  }
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const words: string[] = [];
  const given: OptionToken[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    else if (token.kind === 'option') given.push(plain(token));
  }
  return { words, given };
}

/** Finds the flag that an option token stands for, and for a switch whether it turns it on. */
function flagOf(token: OptionToken, flags: readonly Flag[]): { flag: Flag; on: boolean } | undefined {
  const flag = flags.find(({ name }) => name === token.name);
  if (flag) return { flag, on: true };
  const negated = flags.find(({ name, onByDefault }) => onByDefault && token.name === `no-${name}`);
  return negated && { flag: negated, on: false };
}

/** Gathers the values of a command's flags from the command line, the environment and the table. */
function gather(
  command: Command,
  tokens: readonly OptionToken[],
  env: Readonly<Record<string, string | undefined>>,
): { texts: Map<string, readonly string[]>; switches: Map<string, boolean> } {
  const flags = [...command.flags, HELP];
  const texts = new Map<string, readonly string[]>();
  const switches = new Map<string, boolean>();
  for (const token of tokens) {
    const found = flagOf(token, flags);
    if (!found) throw unknownFlag(token.rawName, command, flags);
    const { flag, on } = found;
    const twice = flag.value === undefined ? switches.has(flag.name) : texts.has(flag.name);
    if (twice && !flag.many) throw new UsageError(`${token.rawName} is given twice`);
    if (flag.value === undefined) {
      if (token.value !== undefined) {
        throw new UsageError(`${token.rawName} takes no value: it is a switch`);
      }
      switches.set(flag.name, on);
    } else if (!token.value || (!token.inlineValue && /^-./.test(token.value))) {
      throw new UsageError(`${token.rawName} needs a value: --${flag.name} ${flag.value}`);
    } else {
      const before = texts.get(flag.name) ?? [];
      texts.set(flag.name, [...before, checked(flag, token.value, token.rawName)]);
    }
  }
  for (const flag of command.flags) {
    // An empty variable is one that nobody set.
    const fallback = (flag.env === undefined ? undefined : env[flag.env]) || flag.standard;
    if (flag.value === undefined) {
      if (flag.onByDefault && !switches.has(flag.name)) switches.set(flag.name, true);
    } else if (!texts.has(flag.name) && fallback !== undefined) {
      texts.set(flag.name, [checked(flag, fallback, `--${flag.name} (from ${flag.env})`)]);
    }
  }
  return { texts, switches };
}

/** Checks how many words come after the name of a command. */
function checkArguments({ name, argument }: Command, words: readonly string[]): void {
  if (argument?.many) {
    if (words.length === 0)
      throw new UsageError(`proffer ${name} needs a ${argument.name}: ${argument.help}`);
    return;
  }
  const strange = words[argument ? 1 : 0];
  if (strange === undefined) return;
  const allowed = argument ? `at most one ${argument.name}` : 'no arguments';
  throw new UsageError(`proffer ${name} takes ${allowed}, and "${strange}" is one too many`);
}

/** The command that a command line names, if there is one of that name; for the hint after an error. */
export function commandNamed(argv: readonly string[], commands: readonly Command[]): Command | undefined {
  const [name] = tokenize(argv, [...commands.flatMap((command) => command.flags), HELP, VERSION]).words;
  return commands.find((command) => command.name === name);
}

/**
 * Reads the command line. Flags may stand before or after the command.
 * @param argv the words after the program's name
 * @throws UsageError
 */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  env: Readonly<Record<string, string | undefined>>,
): Request {
  const { words, given } = tokenize(argv, [...commands.flatMap((command) => command.flags), HELP, VERSION]);
  const [name, ...others] = words;
  const find = (word: string): Command => {
    const command = commands.find((candidate) => candidate.name === word);
    if (!command) throw unknownCommand(word, commands);
    return command;
  };
  if (name === 'help')
    return { kind: 'help', command: others[0] === undefined ? undefined : find(others[0]) };
  const helped = given.some((token) => token.name === HELP.name);
  if (name === undefined) {
    const strange = given.find((token) => token.name !== HELP.name && token.name !== VERSION.name);
    if (strange) throw unknownFlag(strange.rawName, undefined, [HELP, VERSION]);
    return given.length > 0 && !helped ? { kind: 'version' } : { kind: 'help', command: undefined };
  }
  if (name === 'version') return { kind: 'version' };
  const command = find(name);
  if (helped) return { kind: 'help', command };
  const { texts, switches } = gather(command, given, env);
  checkArguments(command, others);
  return { kind: 'run', command, given: new Given(texts, switches, others) };
}

/** Reads a whole number. @throws UsageError that names the flag */
export function wholeNumber(given: Given, flag: string, low: number, high: number): number {
  const text = given.text(flag) ?? '';
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new UsageError(`--${flag} must be a whole number from ${low} to ${high}, not "${text}"`);
  }
  return value;
}
