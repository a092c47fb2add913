import { Argument, type Command, type Option } from 'commander';
import { addCommand } from './add-command.ts';
import type { Io } from './io.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** What a shell offers after a word: words, files, or nothing where only the user knows. */
const FILES = 'files';
type Offer = readonly string[] | typeof FILES;

const isFile = (name: string): boolean => name === 'file';
const offerOf = ({ argChoices, flags }: Option): Offer =>
  argChoices ?? (isFile(/<(.*)>/.exec(flags)?.[1] ?? '') ? FILES : []);
const offerOfArguments = ({ registeredArguments: [argument] }: Command): Offer =>
  argument?.argChoices ?? (argument !== undefined && isFile(argument.name()) ? FILES : []);

/** How a flag may be written: --output and -o. */
const spellings = ({ short, long }: Option): string[] => [short, long].filter((word) => word !== undefined);
const about = (command: Command): string => command.createHelp().subcommandDescription(command);
const flagsOf = (command: Command): readonly Option[] => command.createHelp().visibleOptions(command);

/** A text in single quotes, for every shell of these. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function bash({ commands }: Command): string {
  const reply = (offer: Offer): string =>
    offer === FILES ? 'offer -f' : offer.length === 0 ? ':' : `offer -W $'${offer.join('\\n')}'`;
  const cases = commands.map((command) => {
    const flags = flagsOf(command);
    const valued = flags.filter(({ required }) => required);
    const words = flags.flatMap(spellings);
    const operand = offerOfArguments(command);
    return [
      `    ${command.name()})`,
      '      case $before in',
      ...valued.map((flag) => `        ${spellings(flag).join('|')}) ${reply(offerOf(flag))} ;;`),
      operand.length === 0
        ? `        *) ${reply(words)} ;;`
        : `        *) if [[ $word == -* ]]; then ${reply(words)}; else ${reply(operand)}; fi ;;`,
      '      esac ;;',
    ].join('\n');
  });
  return `# bash completion of proffer: source <(proffer completion bash)
_proffer() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  offer() { local IFS=$'\\n'; COMPREPLY=($(compgen "$@" -- "$word")); }
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then ${reply(commands.map((command) => command.name()))}; return; fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
}
complete -o filenames -F _proffer proffer
`;
}

function zsh({ commands }: Command): string {
  /** A text within a spec of _arguments, where brackets and colons have a meaning. */
  const plain = (text: string): string => text.replaceAll(/[[\]:\\]/g, '\\$&');
  const action = (offer: Offer): string => (offer === FILES ? '_files' : `(${offer.join(' ')})`);
  const spec = (flag: Option): string[] => {
    const value = flag.required ? `:${plain(flag.attributeName())}:${action(offerOf(flag))}` : '';
    return spellings(flag).map((word) => quoted(`*${word}[${plain(flag.description)}]${value}`));
  };
  const cases = commands.map((command) => {
    const [argument] = command.registeredArguments;
    const operand = argument && [quoted(`*:${argument.name()}:${action(offerOfArguments(command))}`)];
    return `    ${command.name()}) _arguments ${[...flagsOf(command).flatMap(spec), ...(operand ?? [])].join(' ')} ;;`;
  });
  const names = commands.map((command) => quoted(`${command.name()}:${plain(about(command))}`));
  return `#compdef proffer
# zsh completion of proffer: source <(proffer completion zsh), or write it to a file _proffer in a folder of $fpath
_proffer() {
  if ((CURRENT == 2)); then
    local -a commands=(${names.join(' ')})
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
${cases.join('\n')}
  esac
}
compdef _proffer proffer
`;
}

function fish({ commands }: Command): string {
  const lines = commands.flatMap((command) => {
    const inside = `complete -c proffer -n '__fish_seen_subcommand_from ${command.name()}'`;
    const after = (offer: Offer): string => (offer === FILES ? ' -F' : ` -f -a ${quoted(offer.join(' '))}`);
    return [
      `complete -c proffer -f -n __fish_use_subcommand -a ${command.name()} -d ${quoted(about(command))}`,
      `${inside}${after(offerOfArguments(command))}`,
      ...flagsOf(command).map((flag) => {
        const words = [flag.short?.replace('-', ' -s '), flag.long?.replace('--', ' -l ')].join('');
        return `${inside}${words} -d ${quoted(flag.description)}${flag.required ? ` -r${after(offerOf(flag))}` : ''}`;
      }),
    ];
  });
  return `# fish completion of proffer: proffer completion fish | source\n${lines.join('\n')}\n`;
}

const SCRIPT = { bash, zsh, fish } as const;

export function addCompletion(program: Command, io: Io): void {
  addCommand(program, {
    name: 'completion',
    summary: 'Print what makes a shell complete the words of proffer',
    details:
      'Prints a script that completes commands, flags, their values and files. Load it with each shell, as in the ' +
      'examples, from ~/.bashrc, ~/.zshrc (after compinit) or ~/.config/fish/config.fish.',
    examples: [
      'source <(proffer completion bash)',
      'source <(proffer completion zsh)',
      'proffer completion fish | source',
    ],
  })
    .addArgument(new Argument('<shell>', 'The shell').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => io.out(SCRIPT[shell](program)));
}
