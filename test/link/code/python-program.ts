import { defaultConfig } from '../../../src/config/load.js';
import type { FileFacts } from '../../../src/facts/file.js';
import type { Statement } from '../../../src/facts/operation.js';
import type { ModelTable } from '../../../src/facts/schema.js';
import { CodeProgram } from '../../../src/link/code/program.js';
import { parsePython } from '../../../src/parse/python/index.js';
import { renderStatement } from '../../../src/database/render-sql.js';

/** A program of Python files; those below `versions/` are Alembic migrations, those below `migrations/` Django's. */
export function pythonProgram(files: Readonly<Record<string, string>>): CodeProgram {
  const facts = new Map(Object.entries(files).map(([path, text]): [string, FileFacts] => {
    const kind = path.includes('versions/') ? 'alembic' as const : /migrations\/\d/.test(path) ? 'django' as const : undefined;
    const role = kind ? { type: 'migration', kind, source: 0, direction: 'up' } as const : { type: 'source' } as const;
    return [path, parsePython({ path, language: 'python', role }, text)];
  }));
  return new CodeProgram(facts, { paths: [], packages: [] }, defaultConfig('/'), [], { text: (file) => files[file] });
}

/** What the body of `upgrade()` does, as SQL; what is not understood as `?? reason`. */
export function upgraded(body: string, files: Readonly<Record<string, string>> = {}): string[] {
  const text = `import sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import postgresql\n${body}`;
  const program = pythonProgram({ ...files, 'alembic/versions/a.py': text });
  program.models();
  return program.migrations().get('alembic/versions/a.py')!.up.map(rendered);
}

/** What the migrations of a Django app do, one after the other, given the operations of each. */
export function migrated(...operations: readonly string[]): string[] {
  return migratedFiles(Object.fromEntries(operations.map((each, index) => [`shop/migrations/000${index + 1}_a.py`, `import uuid\nfrom django.conf import settings\nfrom django.db import migrations, models\n${each.includes('class Migration') ? each : `class Migration(migrations.Migration):\n    operations = [${each}]\n`}`])));
}

/** The same, given the files. */
export function migratedFiles(files: Readonly<Record<string, string>>): string[] {
  const program = pythonProgram(files);
  program.models();
  return [...program.migrations().values()].flatMap(({ up }) => up.map(rendered));
}

function rendered(statement: Statement): string {
  const [first] = statement.operations;
  return first?.kind === 'notUnderstood' ? `?? ${first.reason}` : renderStatement(statement);
}

/** The models that Python files declare. */
export function modelsOf(files: Readonly<Record<string, string>>): ModelTable[] {
  return pythonProgram(files).models();
}
