import { describe, expect, it } from 'vitest';
import { tenantlint } from './command-line.js';
import { withProject } from './fixtures.js';

const EVIL = `<img src=x onerror="alert('1')">`;
const FILES = new Map([['migrations/0001_base.sql', `create table accounts (id uuid primary key);
create table users (id uuid primary key, account_id uuid not null references accounts (id));
create table notes (id uuid primary key, user_id uuid not null references users (id));
create table "${EVIL.replaceAll('"', '""')}" (id uuid primary key, note_id uuid references notes (id));
create table currencies (code text primary key);
`], ['queries/notes.sql', 'select * from users where id = $1;\nselect * from users where account_id = $1;\n']]);

const page = (args: readonly string[]) => withProject(FILES, (cwd) => tenantlint(cwd, args));

/** Every element is closed, in order. */
function unclosed(text: string): string[] {
  const open: string[] = [];
  for (const [, slash, name, self] of text.replace(/<!doctype html>/, '').matchAll(/<(\/?)([a-z0-9]+)[^<>]*?(\/?)>/g)) {
    if (slash === '/') {
      if (open.pop() !== name) return [`</${name!}>`];
    } else if (self !== '/' && !['meta', 'br'].includes(name!)) open.push(name!);
  }
  return open;
}

describe.each([['check', ['check', '--format', 'html'], 1], ['tables', ['tables', '--format', 'html'], 0]] as const)('the HTML report of %s', (_, args, expected) => {
  it('is one page of well-formed elements that loads nothing', async () => {
    const { out, status } = await page(args);
    expect(status).toBe(expected);
    expect(out).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(unclosed(out)).toEqual([]);
    expect(out).not.toMatch(/<script|<link|<img|\bsrc=["']?http|url\(|@import/);
  });

  it('shows names of the project as text', async () => {
    const { out } = await page(args);
    expect(out).not.toContain(EVIL);
    expect(out).toContain('&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;');
  });

  it('draws each table once in the colour of its class, and each foreign key that says more than the colour', async () => {
    const { out } = await page(args);
    const classes = [...out.matchAll(/<g class="node (\w+)"><title>([^<]*?): /g)].map((match) => `${match[2]!.slice(0, 10)} ${match[1]!}`);
    expect(classes.sort()).toEqual(['&#60;img s child', 'accounts root', 'currencies unclassified', 'notes child', 'users tenant']);
    expect(out.match(/class="edge"/g)).toHaveLength(2);
    for (const [, target] of out.matchAll(/<a href="#([^"]+)">/g)) expect(out).toContain(`<tr id="${target!}">`);
  });

  it('counts the scoped queries of each table and lists the findings with their lines', async () => {
    const { out } = await page(args);
    expect(out).toMatch(/<meter min="0" max="2" value="1"><\/meter> 1\/2/);
    expect(out).toMatch(/<code>queries\/notes\.sql<\/code> \(1\)/);
    expect(out).toMatch(/select \* from users where id = \$1;/);
  });
});
