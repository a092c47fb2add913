/** What main is given of the world. */
export interface World {
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

/** The world of a command. */
export interface Io extends World {
  /** Tells a sentence on standard error that is no failure. */
  readonly complain: (sentence: string) => void;
}
