import type { CheckResult } from '../check/types.js';
import { printable } from '../report/text.js';
import { table } from './table.js';

/** `--coverage`: by kind of file what was seen and decided, and every place that was not, with its reason. */
export function coverageReport({ skipped, ...result }: CheckResult): string {
  const project = result.project();
  const kinds = new Map<string, { files: number; statements: number; rejected: number; models: number }>();
  for (const { role, language, statements, rejected, models } of project.files.values()) {
    const kind = role.type === 'migration' ? `${role.kind} migration` : `${language} ${role.type}`;
    const sum = kinds.get(kind) ?? { files: 0, statements: 0, rejected: 0, models: 0 };
    kinds.set(kind, { files: sum.files + 1, statements: sum.statements + statements.length, rejected: sum.rejected + rejected, models: sum.models + models.length });
  }
  const rows = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { files, statements, rejected, models }]) => [kind, files, statements + rejected + models, rejected].map(String));
  const undecided = project.appliedOperations.filter((operation) => operation.notUnderstood !== undefined);
  return [
    ...table(['kind', 'files', 'statements and models', 'not understood'], rows),
    ...undecided.map(({ location, notUnderstood }) => `${printable(location.file)}: ${printable(notUnderstood!)}`),
    ...skipped.map(({ file, line, reason }) => `${printable(file)}:${line}: ${printable(reason)}`),
    '',
  ].join('\n');
}
