import type { Fix } from '../../facts/edit.js';
import type { FileFacts } from '../../facts/file.js';
import { sqlColumns, sqlTable } from '../../facts/identifier.js';
import { isWithin } from '../../facts/location.js';
import type { ClassifiedTable, NotNullChange, Reference } from '../project.js';

/** Up to the words NOT NULL of a column's definition; not behind a comment or a condition, which may hold them too. */
const BEFORE_NOT_NULL = /^((?:(?!not\s+null\b|\bis\s+not\b|--|\/\*|')[\s\S])*?)(?<!\s)\s+not\s+null\b/i;

/** The changes, each that nothing prepares with what can stand in its place. @param tables of all databases, in their final state */
export function withSequences(changes: readonly NotNullChange[], tables: readonly ClassifiedTable[], files: ReadonlyMap<string, FileFacts>): NotNullChange[] {
  return changes.map((change) => {
    if (change.form !== 'add column not null' || !change.isTenantColumn || change.mayHoldRows === 'no' || change.filledBy.length > 0) return change;
    const sequences = safeSequences(change, tables.find(({ name }) => name === change.table), tables, files);
    return sequences.length > 0 ? { ...change, sequences } : change;
  });
}

/**
 * `ADD COLUMN ... NOT NULL` as a sequence that holds on a table with rows: add, fill from a parent, abort where a row is left without, SET NOT NULL.
 * One for each parent that can fill it: which of them says whose row it is, is for people to say.
 */
function safeSequences({ location, column }: NotNullChange, table: ClassifiedTable | undefined, tables: readonly ClassifiedTable[], files: ReadonlyMap<string, FileFacts>): Fix[] {
  const file = files.get(location.file);
  const statement = file?.statements.find((each) => isWithin(location, each.location));
  // What stands in a body is run by it; a file with both directions has a form of its own, in which semicolons end statements.
  const isPlain = statement?.operations.some((operation) => operation.kind === 'addColumn' && operation.location.start === location.start) === true;
  if (table === undefined || !isPlain || file?.language !== 'sql' || file.down !== undefined || table.table.forceRowSecurity) return [];
  return table.references.flatMap((reference) => {
    const parent = tables.find(({ name }) => name === reference.to);
    const source = parent && sourceOf(reference, parent, column);
    if (parent === undefined || source === undefined) return [];
    const name = sqlTable(table.table);
    const text = [
      `UPDATE ${name} SET ${sqlColumns(column)} = parent.${sqlColumns(source)} FROM ${sqlTable(parent.table)} parent`,
      ` WHERE ${reference.columns.map((own, index) => `parent.${sqlColumns(reference.toColumns[index]!)} = ${name}.${sqlColumns(own)}`).join(' AND ')};\n`,
      `DO $$ BEGIN\n  IF EXISTS (SELECT FROM ${name} WHERE ${sqlColumns(column)} IS NULL) THEN RAISE EXCEPTION 'rows without ${column} in ${table.name}'; END IF;\nEND $$;\n`,
      `ALTER TABLE ${name} ALTER COLUMN ${sqlColumns(column)} SET NOT NULL;`,
    ].join('');
    return [{
      description: `Add it nullable, fill it from ${parent.name}, abort where it is left NULL, then SET NOT NULL.`,
      edits: [
        { location, replaces: BEFORE_NOT_NULL, text: '$1' },
        { location: { file: location.file, start: statement!.location.end, end: file.length }, replaces: /^(?=\s*(?:;|$))\s*;?/, text: `;\n${text}` },
      ],
    }];
  });
}

/** The column of a parent that says whose its rows are; undefined where it says so only later, or of some rows. */
function sourceOf({ columns, toClass, enforced }: Reference, parent: ClassifiedTable, column: string): string | undefined {
  if (!enforced || columns.includes(column) || parent.table.forceRowSecurity || toClass !== 'tenant') return undefined;
  return parent.tenantColumns[0]?.notNull === true ? parent.tenantColumns[0].name : undefined;
}
