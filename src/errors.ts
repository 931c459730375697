/**
 * The user asked for something that cannot be done: a bad option, a bad config, a path that is not there.
 * Its message is one line; the command line prints it and exits with status 2.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(message.split(/\r?\n/).map((line) => line.trim()).join(' '));
  }
}

/** The words of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
