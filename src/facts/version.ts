/** Major versions of PostgreSQL that are told apart. */
export const OLDEST_VERSION = 14;
export const NEWEST_VERSION = 18;

/** What a statement needs that not every one of these versions has. */
export interface Need {
  /** The first major version that has it. */
  readonly version: number;
  /** As the manual names it. */
  readonly feature: string;
  /** SQLSTATE with which older versions refuse it. */
  readonly code: string;
  /** A built-in function: a project's own of that name takes its place. */
  readonly function?: string;
}

/** Why a server of an older version refuses something, in words. @param own its major version */
export function tooNew({ feature, version }: Pick<Need, 'feature' | 'version'>, own: number): string {
  return `${feature} needs PostgreSQL ${version}, and this project runs on ${own}`;
}
