// `npm run new-rule -- <id>` writes the two files of a rule: rules/<id>.ts and its page, with one case of each kind to fill in.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const id = process.argv[2];
if (id === undefined || !/^[a-z]+(-[a-z]+)*$/.test(id)) {
  console.error('Usage: npm run new-rule -- <id-in-kebab-case>');
  process.exit(2);
}

const rule = `import { defineRule } from '../src/rule.js';

export default defineRule({
  id: '${id}',
  category: 'schema',
  summary: 'What it reports, in one sentence.',
  level: 'warning',
  asks: 'table',
  *check({ class: kind, name, location }) {
    if (kind !== 'tenant') return;
    yield { message: \`What is wrong with "\${name}".\`, location, tables: [name], suggestion: 'What to do.' };
  },
});
`;

const schema = `create table accounts (id uuid primary key);
`;
const note = (marker: string) => `${marker}create table notes (id uuid primary key, account_id uuid not null references accounts (id));
create index on notes (account_id);`;
const section = (title: string, marker: string) => `## ${title}
${['One', 'Two', 'Three'].map((number) => `### ${number}
\`migrations/0002_case.sql\`:
\`\`\`sql
${note(marker)}
\`\`\`
`).join('\n')}`;

const page = `# ${id}

Why it matters, what to do, when it does not apply.

\`migrations/0001_base.sql\`:
\`\`\`sql
${schema}\`\`\`

${section('Reported', `-- finding: ${id} "What is wrong"\n`)}
${section('Not reported', '')}
## Known limits
`;

const root = join(import.meta.dirname, '..');
for (const [path, text] of [[`rules/${id}.ts`, rule], [`fixtures/rules/${id}.md`, page]] as const) {
  if (existsSync(join(root, path))) {
    console.error(`${path} is there already.`);
    process.exit(2);
  }
  writeFileSync(join(root, path), text);
  console.log(`${path} written.`);
}
