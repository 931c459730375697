import { reportPath } from '../check/position.js';
import type { CheckResult } from '../check/types.js';
import { baseOf, changedFrom, headOf, stagedFiles } from '../discover/git.js';
import { commitView, indexView } from '../discover/git-view.js';
import type { FileView } from '../discover/view.js';
import { UsageError } from '../errors.js';
import type { Finding } from '../rule.js';
import type { Arguments, Io } from './types.js';

/** A part of a project that findings are wanted of. */
export interface Focus {
  /** Relative to the working folder. */
  readonly files: ReadonlySet<string>;
  /** What is judged; absent: the working copy. */
  readonly view?: FileView;
  /** The state before: a finding elsewhere that was not there then was caused by what has changed. */
  readonly before?: () => FileView;
}

/**
 * What `--staged`, `--changed-since` and `--stdin` limit a run to; undefined: the whole project.
 * @throws UsageError when options exclude each other, outside of a repository, or for a revision that git does not know
 */
export function focusOf(args: Arguments, io: Io, overlay: string | undefined): Focus | undefined {
  const since = args.text('changed-since');
  const staged = args.flag('staged');
  if (staged && since !== undefined) throw new UsageError('--staged and --changed-since exclude each other');
  if (overlay !== undefined && (staged || since !== undefined)) throw new UsageError(`--stdin and --${staged ? 'staged' : 'changed-since'} exclude each other`);
  if (staged) {
    const files = new Set(stagedFiles(io.cwd));
    return { files, view: indexView(), before: () => commitView(headOf(io.cwd)) };
  }
  if (since !== undefined) {
    const base = baseOf(io.cwd, since, '--changed-since');
    return { files: new Set(changedFrom(io.cwd, base)), before: () => commitView(base) };
  }
  return overlay === undefined ? undefined : { files: new Set([reportPath(io.cwd, io.cwd, overlay)]) };
}

/**
 * The part of a result that is about these files or was caused by them.
 * @param earlier the findings of the state before; asked for only when there are findings elsewhere
 */
export async function focusOn(result: CheckResult, { files, before }: Focus, earlier: (view: FileView) => Promise<readonly Finding[]>): Promise<CheckResult> {
  const isWanted = ({ file }: { readonly file: string }) => files.has(file);
  const skipped = result.skipped.filter(isWanted);
  if (before === undefined || result.findings.every(isWanted)) return { ...result, skipped, findings: result.findings.filter(isWanted) };
  const known = new Set((await earlier(before())).map(({ fingerprint }) => fingerprint));
  return { ...result, skipped, findings: result.findings.filter((finding) => isWanted(finding) || !known.has(finding.fingerprint)) };
}
