import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instrument, type Mutant } from './mutants.js';

const ROOT = join(import.meta.dirname, '../..');
const COPIED = ['src', 'rules', 'test', 'fixtures', 'eslint-plugin', 'package.json', 'tsconfig.json'];

/**
 * Copies the project, with all mutants of some folders in it, each behind a switch.
 * @param folders a file stands for itself alone
 * @returns where it is, and the mutants
 */
export function instrumentedCopy(folders: readonly string[]): { copy: string; mutants: Mutant[] } {
  const copy = mkdtempSync(join(tmpdir(), 'tenantlint-mutants-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter: (path) => !path.includes('node_modules') });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const shim = join(copy, 'test/node_modules/vitest');
  mkdirSync(shim, { recursive: true });
  writeFileSync(join(shim, 'package.json'), '{ "type": "module", "main": "index.js" }');
  writeFileSync(join(shim, 'index.js'), "export * from '../../mutation/shim.js';\n");
  const mutants: Mutant[] = [];
  for (const folder of folders) {
    const files = folder.endsWith('.ts') ? [folder] : readdirSync(join(ROOT, folder)).filter((each) => each.endsWith('.ts')).sort().map((name) => `${folder}/${name}`);
    for (const file of files) {
      const made = instrument(file, readFileSync(join(ROOT, file), 'utf8'), mutants.length + 1);
      writeFileSync(join(copy, file), made.text);
      mutants.push(...made.mutants);
    }
  }
  return { copy, mutants };
}
