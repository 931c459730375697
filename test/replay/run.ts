import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadProject } from '../../src/commands/pipeline.js';
import { openEmbedded } from '../../src/database/pglite.js';
import { proveHistories } from './histories.js';

// npx tsx test/replay/run.ts FOLDER...: runs the histories of migrations of real projects, and compares what comes out with the replay by reading.
const { positionals, values } = parseArgs({ allowPositionals: true, options: { rows: { type: 'string', default: 'sparse' }, all: { type: 'boolean', default: false } } });
for (const folder of positionals) {
  const loaded = await loadProject({ cwd: resolve(folder), paths: [], schemaOnly: true });
  for (const { history, ...shown } of await proveHistories(loaded, ({ extensions }) => openEmbedded(extensions), { rows: values.rows as 'sparse' })) {
    process.stdout.write(`${JSON.stringify({ folder, history, ...shown, differences: shown.differences.length })}\n`);
    for (const line of values.all ? shown.differences : shown.differences.slice(0, 20)) process.stdout.write(`  ${line}\n`);
  }
}
