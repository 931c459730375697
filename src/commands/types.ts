/** What a command may touch of the outside world. */
export interface Io {
  /** Absolute working folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** All of standard input, as text. */
  readonly input: () => Promise<string>;
}

export interface OptionSpec {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  readonly multiple?: boolean;
  /** How its value is called in the help. */
  readonly value?: string;
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The parsed arguments of one command. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly flag: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
  readonly list: (name: string) => readonly string[];
}

export interface Command {
  /** `check [path...]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionSpecs;
  /** @returns the exit status */
  readonly run: (args: Arguments, io: Io) => Promise<number>;
}
