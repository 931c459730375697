// Writes what is derived: the rule index (git-ignored); with --schema the JSON Schema of the config beside the build;
// with --readme the table of rules in the README.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

function ruleIndex(): string {
  const ids = readdirSync(join(root, 'rules')).filter((name) => name.endsWith('.ts') && name !== 'index.ts').map((name) => name.slice(0, -3)).sort();
  const local = (id: string) => id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return [
    "import type { Rule } from '../src/rule.js';",
    ...ids.map((id) => `import ${local(id)} from './${id}.js';`),
    '',
    '/** Every rule, sorted by id. Generated from the files of this folder. */',
    `export const rules = [${ids.map(local).join(', ')}] as unknown as readonly Rule[];`,
    '',
  ].join('\n');
}

if (process.argv.includes('--schema')) {
  const { configSchema } = await import('../src/config/schema.js');
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist/config.schema.json'), `${JSON.stringify(configSchema(), null, 2)}\n`);
  writeFileSync(join(root, 'dist/.built'), '');
} else {
  writeFileSync(join(root, 'rules/index.ts'), ruleIndex());
}

if (process.argv.includes('--readme')) {
  const { rules } = await import('../rules/index.js');
  const { ruleTable } = await import('./readme.js');
  const file = join(root, 'README.md');
  const readme = readFileSync(file, 'utf8');
  writeFileSync(file, readme.replace(/(<!-- rules:start -->\n)[\s\S]*?(<!-- rules:end -->)/, (_, start: string, end: string) => `${start}${ruleTable(rules)}${end}`));
}
