import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.js';
import { activeRules } from '../../src/check/levels.js';
import { checkProject, loadProject } from '../../src/commands/pipeline.js';
import type { Finding } from '../../src/rule.js';
import { pageIds, readPage, withProject } from '../fixtures.js';
import { levelsFor } from '../run-case.js';
import { eslintIn, shown, withRules } from './host.js';

const LINTED = /\.(?:sql|pgsql|psql|prisma|py|[cm]?[jt]sx?)$/;

const asMessage = ({ ruleId, line, column, endLine, endColumn, message, suggestion }: Finding): string => (
  `${line}:${column}-${endLine}:${endColumn} tenantlint/${ruleId} ${message}${suggestion === null ? '' : ` ${suggestion}`}`
);

describe('ESLint says what the command line says', { timeout: 240_000 }, () => {
  for (const id of pageIds()) {
    it(id, async () => {
      const page = readPage(id);
      for (const { title, section, files } of page.cases) {
        await withProject(files, async (folder) => {
          const loaded = await loadProject({ cwd: folder, paths: [] });
          const settings = { levels: levelsFor(page, loaded) };
          const { findings } = checkProject(loaded, folder, settings);
          const on = activeRules(rules, loaded.project, settings).map(({ rule }) => rule.id);
          const eslint = eslintIn(folder, withRules([...on, 'disable-directive']));
          for (const [file, text] of files) {
            if (!LINTED.test(file)) continue;
            const expected = findings.filter((finding) => finding.file === file).map(asMessage).sort();
            // As it is on disk, and as an editor has it that is about to save something else.
            for (const unsaved of section === 'Reported' ? [text, `${text}\n`] : [text]) {
              const [result] = await eslint.lintText(unsaved, { filePath: join(folder, file) });
              expect(result!.messages.map(shown).sort(), `${section}: ${title}: ${file}`).toEqual(expected);
            }
          }
        });
      }
    });
  }
});
