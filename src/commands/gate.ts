import { proofFindings } from '../check/index.js';
import { databaseErrorText } from '../database/error.js';
import { gateStatement, runGate, type GateResult } from '../database/gate.js';
import { openServer } from '../database/server.js';
import type { Connection } from '../database/types.js';
import { UsageError } from '../errors.js';
import { count } from '../report/text.js';
import { FORMATS } from '../report/types.js';
import { choiceOption, numberOption } from './arguments.js';
import { TIMEOUT_SECONDS } from './choices.js';
import type { LoadedProject } from './pipeline.js';
import { reportProof } from './proof-report.js';
import { loadFor } from './shared.js';
import type { Arguments, Io } from './types.js';

/** Runs the command. @returns the exit status */
export async function run(args: Arguments, io: Io): Promise<number> {
  const start = performance.now();
  const format = choiceOption(args, 'format', FORMATS) ?? 'pretty';
  const seconds = numberOption(args, 'timeout') ?? TIMEOUT_SECONDS;
  const url = args.flag('sql') ? undefined : args.text('database-url') ?? (io.env['DATABASE_URL'] || undefined);
  const loaded = await loadFor(args, io, { schemaOnly: true });
  const statement = gateStatement(loaded.project.tables);
  if (statement === undefined) {
    io.error('tenantlint: no tenant table found: there is nothing to count.\n');
    return 2;
  }
  if (url === undefined) {
    io.out(`${statement}\n`);
    return 0;
  }
  const result = await look(await openServer(url, seconds * 1000), loaded);
  const findings = proofFindings(result.reported, loaded.project, { cwd: io.cwd, text: loaded.text });
  reportProof(args, io, loaded, { format, findings, notices: result.notices, milliseconds: performance.now() - start });
  if (format === 'pretty') io.out(`Looked at the database: ${count(result.counted, 'tenant column')} counted, ${loaded.project.tables.length} tables compared.\n`);
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}

async function look(connection: Connection, { project }: LoadedProject): Promise<GateResult> {
  try {
    return await runGate(connection, project);
  } catch (error) {
    throw new UsageError(`The database refused to answer: ${databaseErrorText(error)}`);
  } finally {
    await connection.close();
  }
}
