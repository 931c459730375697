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
  /** What it may be. */
  readonly choices?: readonly string[];
  /** It is a whole number, and the least that it may be. */
  readonly least?: number;
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

/** @returns the exit status */
export type Run = (args: Arguments, io: Io) => Promise<number>;

export interface Command {
  /** For the list of commands. */
  readonly brief: string;
  /** `check [path...]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionSpecs;
  readonly load: () => Promise<Run>;
}
