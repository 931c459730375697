import { compareFindings, proofFindings } from '../check/index.js';
import { createLocator } from '../check/position.js';
import { openEmbedded } from '../database/pglite.js';
import { proveProject, type Opener, type Proof } from '../database/prove.js';
import { scratchOpener } from '../database/scratch.js';
import { verdictOf } from '../database/verdicts.js';
import { NEWEST_VERSION } from '../facts/version.js';
import { count } from '../report/text.js';
import { FORMATS } from '../report/types.js';
import type { Finding } from '../rule.js';
import { choiceOption } from './arguments.js';
import { checkProject, type LoadedProject } from './pipeline.js';
import { reportProof } from './proof-report.js';
import { loadFor, progressBar } from './shared.js';
import type { Arguments, Io } from './types.js';

const STATEMENT_MS = 60_000;

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  const start = performance.now();
  const format = choiceOption(args, 'format', FORMATS) ?? 'pretty';
  const loaded = await loadFor(args, io, { schemaOnly: true });
  if (loaded.project.migrations.length === 0) {
    io.error('tenantlint: no migration found: nothing was run.\n');
    return 2;
  }
  const { pgVersion } = loaded.config;
  if (args.text('database-url') === undefined && pgVersion !== NEWEST_VERSION) io.error(`tenantlint: the embedded PostgreSQL is version ${NEWEST_VERSION}, the project's ${pgVersion}: what only ${pgVersion} refuses is shown by --database-url of such a server.\n`);
  const bar = progressBar(io, (done, total) => `Running migration ${Math.min(done + 1, total)} of ${total}`);
  let proof: Proof;
  try {
    proof = await proveProject(loaded.project, loaded.text, opener(args), bar.show);
  } finally {
    bar.clear();
  }
  const findings = findingsOf(proof, loaded, io);
  reportProof(args, io, loaded, { format, findings, notices: proof.notices, milliseconds: performance.now() - start });
  if (format === 'pretty') io.out(`${summary(proof)}\n`);
  return findings.some(({ severity, replay }) => severity === 'error' && (replay === undefined || replay === 'confirmed')) ? 1 : 0;
}

function opener(args: Arguments): Opener {
  const url = args.text('database-url');
  return url === undefined ? ({ extensions }) => openEmbedded(extensions) : scratchOpener(url, STATEMENT_MS);
}

/** The run's findings, and those of the rules that it can be held against, each with the verdict. */
function findingsOf({ reported, evidence }: Proof, loaded: LoadedProject, io: Io): Finding[] {
  const locator = createLocator(loaded.project, io.cwd, loaded.text);
  const judged = checkProject(loaded, io.cwd, {}).findings.flatMap((finding) => {
    const replay = verdictOf(finding, evidence, locator);
    return replay === undefined ? [] : [{ ...finding, replay }];
  });
  return [...proofFindings(reported, loaded.project, { cwd: io.cwd, text: loaded.text }), ...judged].sort(compareFindings);
}

function summary({ evidence: { results }, notices }: Proof): string {
  const sum = (of: (result: Proof['evidence']['results'][number]) => number): number => results.reduce((total, result) => total + of(result), 0);
  const failures = sum((result) => result.failures.length);
  return `Replayed: ${count(sum((result) => result.migrations), 'migration')}, ${count(sum((result) => result.statements), 'statement')} sent to PostgreSQL, ${failures} failed, ${count(notices.length, 'place')} not run or not shown.`;
}
