import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkProject, loadProject } from '../src/commands/pipeline.js';
import { openEmbedded } from '../src/database/pglite.js';
import type { Connection } from '../src/database/types.js';
import { histories, judgePages } from './judge-pages.js';
import { reset, runTrial } from './judge.js';

const embedded = async (): Promise<Connection> => (await openEmbedded()).connection;

judgePages(embedded);

describe('projects', () => {
  let db: Connection;

  beforeAll(async () => {
    db = await embedded();
  });

  afterAll(() => db.close());

  const folder = join(import.meta.dirname, '../fixtures/projects');
  it.each(readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name))('%s', async (name) => {
    const cwd = join(folder, name);
    const loaded = await loadProject({ cwd, paths: [] });
    const checked = checkProject(loaded, cwd, {});
    const { migrations } = loaded.project;
    for (const one of histories(loaded)) {
      await reset(db, migrations.some(({ kind }) => kind === 'supabase'));
      const options = { reversed: false, asOwner: false, announced: [], distinct: true };
      const first = await runTrial(db, one, checked, options);
      expect(first.problems).toEqual([]);
      // A migration that verifies stops itself on the NULLs among the made-up rows; without them it has to run.
      const verified = first.stopped?.code === 'P0001' && name.endsWith('-fixed');
      if (verified) await reset(db, migrations.some(({ kind }) => kind === 'supabase'));
      const { stopped } = verified ? await runTrial(db, one, checked, { ...options, full: true }) : first;
      // The faulty projects stop where a finding says so; their fixed twins at most on what the made-up rows hold, never on a NULL.
      if (name.endsWith('-fixed')) expect(stopped).toBeUndefined();
    }
  });
});
