import type { Io } from './types.js';

/** What a run says to the process it runs in; the status is its last word. */
export type Message = { readonly out: string } | { readonly error: string } | { readonly status: number } | { readonly patience: number } | { readonly place: SharedArrayBuffer } | { readonly temporary: string; readonly exists: boolean };

export type Tell = (message: Message) => void;

/** What a run is given. */
export interface Given {
  readonly argv: readonly string[];
  readonly input?: string;
  /** Files whose work did not end. */
  readonly endless: readonly string[];
  readonly terminals: Pick<Io, 'stdoutIsTerminal' | 'stderrIsTerminal'>;
}

/** The surroundings of a run. */
export function ioOf({ terminals, input }: Given, tell: Tell): Io {
  return {
    ...terminals, cwd: process.cwd(), env: process.env,
    out: (text) => tell({ out: text }),
    error: (text) => tell({ error: text }),
    input: () => Promise.resolve(input ?? ''),
  };
}
