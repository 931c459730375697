import { describe, expect, it } from 'vitest';
import { BAD_MIGRATION, BAD_QUERY, ESM, inProject, type Project } from '../packed-project.js';
import { Editor, type Diagnostic } from './language-client.js';

const GOOD_QUERY = BAD_QUERY.replace('where id = $1', 'where account_id = $1');

/** `line:character-line:character rule`, counted from 0. */
const shown = ({ range: { start, end }, code }: Diagnostic): string => `${start.line}:${start.character}-${end.line}:${end.character} ${code}`;

async function editing(work: (editor: Editor, project: Project) => Promise<void>): Promise<void> {
  await inProject(async (project) => {
    project.write('eslint.config.mjs', ESM);
    const editor = await Editor.open(project.folder);
    try {
      await work(editor, project);
    } finally {
      await editor.close();
    }
  });
}

describe("VS Code's ESLint server, with the packed packages", { timeout: 180_000 }, () => {
  it('underlines an unscoped query that nobody has saved: changed, broken, mended', () => editing(async (editor) => {
    const type = (text: string) => editor.type('src/one.js', text);
    expect(await type(GOOD_QUERY)).toEqual([]);
    const start = BAD_QUERY.split('\n')[1]!.indexOf('select');
    const [found, ...more] = await type(BAD_QUERY);
    expect(more).toEqual([]);
    expect(shown(found!)).toMatch(new RegExp(`^1:${start}-1:\\d+ tenantlint/require-tenant-scope$`));
    expect(found).toMatchObject({ severity: 1, message: expect.stringContaining('"notes"') as string });
    expect((await type(BAD_QUERY.replace('=>', '=> {'))).map(({ message }) => message)).toEqual([expect.stringContaining('Parsing error')]);
    expect((await type(`\n${BAD_QUERY}`)).map(shown)).toEqual([shown(found!).replace(/^1:(\d+)-1/, '2:$1-2')]);
    expect(await type(GOOD_QUERY)).toEqual([]);
  }));

  it('underlines a bad migration that nobody has saved: changed, broken, mended', () => editing(async (editor) => {
    const type = async (text: string) => (await editor.type('migrations/0002_late.sql', text)).map(shown);
    expect(await type('select 1;\n')).toEqual([]);
    const found = `1:${'alter table notes '.length}-1:${BAD_MIGRATION.split('\n')[1]!.length - 1} tenantlint/no-tenant-regression`;
    expect(await type(BAD_MIGRATION)).toEqual([found]);
    expect(await type(BAD_MIGRATION.replace('add column', 'add colunm'))).toEqual([found]);
    expect(await type('select 1;\n')).toEqual([]);
  }));

  it('offers edits, which take the squiggle away', () => editing(async (editor) => {
    const text = "import knex from 'knex';\nconst db = knex({ client: 'pg' });\nexport const one = (accountId, id) => db('notes').where({ id }).first();\n";
    const [found] = await editor.type('src/one.js', text);
    const [offer, ...more] = await editor.offers('src/one.js', found!);
    expect([offer!.title, more]).toEqual(['Compare account_id with accountId. (tenantlint/require-tenant-scope)', []]);
    const mended = await offer!.apply();
    expect(mended).toBe(text.replace("db('notes')", "db('notes').where('account_id', accountId)"));
    expect(await editor.type('src/one.js', mended)).toEqual([]);
  }));

  it('sees what is saved elsewhere', () => editing(async (editor, project) => {
    const text = BAD_QUERY.replace('notes', 'labels');
    expect(await editor.type('src/one.js', text)).toEqual([]);
    project.write('migrations/0002_labels.sql', 'create table labels (id uuid primary key, account_id uuid not null references accounts (id));\n');
    // The disk is looked at now and then.
    await expect.poll(async () => (await editor.type('src/one.js', text)).map(({ code }) => code), { timeout: 10_000, interval: 200 }).toEqual(['tenantlint/require-tenant-scope']);
  }));
});
