/** One flag of the command line. */
export interface Flag {
  /** Long name, without dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Word that stands for the value in the help; a flag without one is a switch. */
  readonly value?: string;
  /** The values that are allowed, when they can be listed. */
  readonly choices?: readonly string[];
  /** Value when neither the flag nor its variable is given. */
  readonly standard?: string;
  /** What is used when nothing is given, in words, where `standard` cannot say it. */
  readonly otherwise?: string;
  /** Environment variable that stands in for the flag. */
  readonly env?: string;
  /** True for a flag that may be given several times. */
  readonly many?: true;
  /** True for a switch that is on unless --no-NAME is given. */
  readonly onByDefault?: boolean;
  /** What it does, for the help and the reference. */
  readonly help: string;
}

/** What a command was given. */
export class Given {
  readonly #texts: ReadonlyMap<string, readonly string[]>;
  readonly #switches: ReadonlyMap<string, boolean>;
  /** The words after the command's name. */
  readonly arguments: readonly string[];

  constructor(
    texts: ReadonlyMap<string, readonly string[]>,
    switches: ReadonlyMap<string, boolean>,
    words: readonly string[],
  ) {
    this.#texts = texts;
    this.#switches = switches;
    this.arguments = words;
  }

  /** The word after the command's name, where there can be only one. */
  get argument(): string | undefined {
    return this.arguments[0];
  }

  /** The value of a flag: as given, else of its environment variable, else its standard value. */
  text(flag: string): string | undefined {
    return this.#texts.get(flag)?.[0];
  }

  /** Every value of a flag that may be given several times, in the order of the command line. */
  texts(flag: string): readonly string[] {
    return this.#texts.get(flag) ?? [];
  }

  /** Whether a switch is on. */
  on(flag: string): boolean {
    return this.#switches.get(flag) ?? false;
  }
}

/** The world of a command. */
export interface Io {
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Columns of the terminal. */
  readonly width: number;
  /** True when standard output is a terminal. */
  readonly terminal: boolean;
  /** Clears the terminal, for what is printed again; absent when standard output is none. */
  readonly clear?: () => void;
  /** Shows how far a long work is, in one line that replaces the last; empty clears it. Absent when nobody watches. */
  readonly progress?: (line: string) => void;
}

/** One command. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Sentences for the command's own help. */
  readonly details: string;
  /** The word after the name: its placeholder and what it means. Optional and at most one unless `many`: one or more. */
  readonly argument?: { readonly name: string; readonly help: string; readonly many?: true };
  readonly flags: readonly Flag[];
  readonly examples: readonly string[];
  /** @param complain writes a line to standard error that is no failure */
  readonly run: (given: Given, io: Io, complain: (text: string) => void) => Promise<void>;
}
