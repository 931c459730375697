import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rules } from '../rules/index.js';
import { AnswerCache } from '../src/cache/answers.js';
import { loadCompiled } from '../src/cache/compiled.js';
import { decode } from '../src/cache/decode.js';
import { encode } from '../src/cache/encode.js';
import { encodeFacts } from '../src/cache/facts.js';
import { FactsCache } from '../src/cache/index.js';
import { fingerprintOf } from '../src/cache/pack.js';
import { parseAll } from '../src/cache/parse.js';
import { cacheFolder, cachePlace } from '../src/cache/place.js';
import { parseTogether } from '../src/cache/together.js';
import type { Settings } from '../src/check/levels.js';
import type { CheckResult } from '../src/check/types.js';
import { checkedProject } from '../src/commands/kept.js';
import { checkProject, loadProject, readProject, type LoadedProject } from '../src/commands/pipeline.js';
import { TextContent, hasId, textId } from '../src/discover/content.js';
import type { SourceFile } from '../src/facts/file.js';
import { parseFile } from '../src/parse/index.js';
import { report } from '../src/report/index.js';

const PROJECTS = join(import.meta.dirname, '../fixtures/projects');
let folder: string;
let program: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantlint-cache-'));
  program = join(folder, 'program');
  mkdirSync(program);
  writeFileSync(join(program, 'a.js'), '1');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const back = (value: unknown, file = 'a.ts') => decode(file, Buffer.from(encode(file, value)));
const source: SourceFile = { path: 'src/a.ts', language: 'typescript', role: { type: 'source' } };
const TEXT = `import { db } from './db.js';\nexport const find = (id: string) => db.query(\`select * from "nötes" where id = \${id} -- \ud83d\ude00\`, [-1, 2.5, null, undefined]);\n`;

describe('encode and decode', () => {
  it('give back what was given', () => {
    const values = [undefined, null, true, false, 0, -0, 1, -1, 127, 128, 300, 2 ** 40, -(2 ** 31), 0.5, -2.5, 1e300, Number.NaN, Infinity, '', 'a', 'é', 'Ω', '\ud800', [], {}, [[]], [undefined]];
    for (const value of [...values, values, { a: values, b: { c: undefined } }]) expect(back(value)).toStrictEqual(value);
  });

  it('keep locations, in the file at hand and elsewhere', () => {
    const at = (file: string, start: number, end: number) => ({ file, start, end });
    const value = [at('a.ts', 10, 20), at('a.ts', 5, 5), at('b.ts', 1, 2), at('a.ts', 300, 100), { file: 'a.ts', start: 1, end: 2, more: 3 }, { file: 'a.ts', start: 1 }];
    expect(back(value)).toStrictEqual(value);
  });

  it('keep one object one object', () => {
    const inner = { file: 'a.ts', start: 1, end: 2 };
    const list = [inner];
    const [first, second, third] = back([list, { list, inner }, list]) as [unknown[], { list: unknown[]; inner: unknown }, unknown[]];
    expect(second.list).toBe(first);
    expect(third).toBe(first);
    expect(second.inner).toBe(first[0]);
  });

  it('say of what is at hand only which it is', () => {
    const given = [{ text: 'x'.repeat(1000) }, ['y']];
    const value = { list: [given[1], given[0], { text: 'z' }, given[0]] };
    const bytes = Buffer.from(encode('a.ts', value, given));
    expect(bytes.length).toBeLessThan(50);
    const found = decode('a.ts', bytes, given) as typeof value;
    expect(found).toStrictEqual(value);
    expect(found.list[1]).toBe(given[0]);
    expect(() => decode('a.ts', bytes)).toThrow(RangeError);
  });

  it('keep more shapes than a byte can number', () => {
    const value = Array.from({ length: 600 }, (_, index) => ({ [`key${index}`]: index, other: 'x' }));
    expect(back([...value, ...value.map((each) => ({ ...each }))])).toStrictEqual([...value, ...value]);
  });

  it.each([[() => 1], [new Map()], [10n], [Symbol('s')], [new Date()]])('refuse what is no data: %s', (value) => {
    expect(() => encode('a.ts', { value })).toThrow(TypeError);
  });
});

describe('the cache', () => {
  const fresh = (name: string) => new FactsCache({ path: join(folder, name), fingerprint: fingerprintOf([program]) });
  const stored = (name: string): Buffer => {
    const cache = fresh(name);
    cache.add(source, new TextContent(TEXT), encodeFacts(parseFile(source, TEXT))!);
    cache.save();
    return readFileSync(join(folder, `${name}.facts`));
  };

  it('has what was kept, for the same text of the same file', () => {
    stored('kept');
    const cache = fresh('kept');
    expect(cache.get(source, new TextContent(TEXT))).toStrictEqual(parseFile(source, TEXT));
    expect(cache.get(source, new TextContent(`${TEXT} `))).toBeUndefined();
    expect(cache.get({ ...source, path: 'src/b.ts' }, new TextContent(TEXT))).toBeUndefined();
    expect(cache.get({ ...source, role: { type: 'seed' } }, new TextContent(TEXT))).toBeUndefined();
  });

  it('has nothing that another state of the program has kept', () => {
    stored('versions');
    writeFileSync(join(program, 'a.js'), '2');
    expect(fresh('versions').get(source, new TextContent(TEXT))).toBeUndefined();
    writeFileSync(join(program, 'a.js'), '1');
    expect(fresh('versions').get(source, new TextContent(TEXT))).toBeDefined();
  });

  it('gives the right facts or none when bytes of it are damaged, and when it ends early', () => {
    const bytes = stored('damaged');
    const right = parseFile(source, TEXT);
    let lost = 0;
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      writeFileSync(join(folder, 'damaged.facts'), at % 3 === 0 ? damaged.subarray(0, at) : damaged);
      const found = fresh('damaged').get(source, new TextContent(TEXT));
      if (found === undefined) lost++;
      else expect(found).toStrictEqual(right);
    }
    expect(lost).toBe(bytes.length);
  });

  it('does without a place it cannot write to', () => {
    writeFileSync(join(folder, 'file'), '');
    const cache = new FactsCache({ path: join(folder, 'file/below/x'), fingerprint: fingerprintOf([program]) });
    cache.add(source, new TextContent(TEXT), encodeFacts(parseFile(source, TEXT))!);
    expect(() => cache.save()).not.toThrow();
    expect(cache.get(source, new TextContent(TEXT))).toStrictEqual(parseFile(source, TEXT));
  });

  it('keeps nothing of a file that could not be read', () => {
    expect(encodeFacts({ ...parseFile(source, TEXT), unread: true })).toBeUndefined();
  });

  it('is whole whichever of two runs writes last, and leaves nothing else behind', () => {
    const [one, two] = [fresh('both'), fresh('both')];
    const other = { ...source, path: 'src/other.ts' };
    one.add(source, new TextContent(TEXT), encodeFacts(parseFile(source, TEXT))!);
    two.add(other, new TextContent(TEXT), encodeFacts(parseFile(other, TEXT))!);
    one.save();
    two.save();
    expect(fresh('both').get(other, new TextContent(TEXT))).toStrictEqual(parseFile(other, TEXT));
    expect(readdirSync(folder).filter((name) => name.startsWith('both'))).toEqual(['both.facts']);
  });

  it('knows a text by the id that git gives to its bytes, if they are read as it', () => {
    const plain = 'nötes \ud83d\ude00\n';
    const ofGit = (bytes: string) => execFileSync('git', ['hash-object', '--stdin'], { input: bytes, encoding: 'utf8' }).trim();
    expect(textId(plain)).toBe(ofGit(plain));
    expect(hasId(Buffer.from(plain), textId(plain))).toBe(true);
    expect(hasId(Buffer.from(`${plain} `), textId(plain))).toBe(false);
    for (const other of [`\uFEFF${plain}`, `${plain}\0`]) expect(textId(other)).not.toBe(ofGit(other));
  });

  it('writes of an answer that has changed what is another', () => {
    const place = { path: join(folder, 'last'), fingerprint: fingerprintOf([program]) };
    const pieces = (value: unknown) => value as object[];
    const sizes: number[] = [];
    const next = (change: (value: readonly { n: string }[]) => readonly { n: string }[]) => {
      const answers = new AnswerCache(place);
      const value = change(answers.findLast('last', pieces) as { n: string }[] | undefined ?? []);
      answers.keepLast('last', value);
      answers.save();
      expect(new AnswerCache(place).findLast('last', pieces)).toStrictEqual(value);
      sizes.push(readFileSync(`${place.path}.answers`).length);
    };
    next(() => Array.from({ length: 2000 }, (_, index) => ({ n: `number ${index}` })));
    next((value) => value.with(3, { n: 'another' }));
    next((value) => value.slice(0, 1990).with(4, { n: 'another' }));
    expect(sizes[2]! - sizes[0]!).toBeLessThan(sizes[0]! / 3);
    next((value) => value.map(({ n }) => ({ n: `${n}!` })));
    next((value) => value.slice(1));
  });

  it('keeps what a run did not ask for, as far as there is room', () => {
    const many = (name: string, count: number) => {
      const cache = fresh(name);
      for (let i = 0; i < count; i++) cache.add({ ...source, path: `${i}.ts` }, new TextContent(''), new Uint8Array(1024 * 1024));
      cache.save();
    };
    many('room', 6);
    const cache = fresh('room');
    cache.add(source, new TextContent(TEXT), encodeFacts(parseFile(source, TEXT))!);
    cache.save();
    const size = readFileSync(join(folder, 'room.facts')).length;
    expect(size).toBeGreaterThan(3 * 1024 * 1024);
    expect(size).toBeLessThan(5 * 1024 * 1024);
    expect(fresh('room').get(source, new TextContent(TEXT))).toBeDefined();
  });

  it('lies where tools of a project keep such things', () => {
    const root = join(folder, 'project/packages/a');
    mkdirSync(root, { recursive: true });
    expect(cacheFolder(root, { HOME: '/home/x' })).toBe('/home/x/.cache/tenantlint');
    expect(cacheFolder(root, { HOME: '/home/x', XDG_CACHE_HOME: '/x' })).toBe('/x/tenantlint');
    expect(cacheFolder(root, {})).toBeUndefined();
    mkdirSync(join(folder, 'project/node_modules'));
    const own = cacheFolder(root, { HOME: '/home/x' })!;
    expect(own).toBe(join(folder, 'project/node_modules/.cache/tenantlint'));
    expect(cachePlace(own, root, fingerprintOf([program])).path).not.toBe(cachePlace(own, join(folder, 'project'), fingerprintOf([program])).path);
  });
});

describe('what V8 has compiled', () => {
  const script = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const SCRIPT = "exports.sum = (a, b) => a + b; exports.place = [__dirname, module.exports === exports]; exports.own = require('node:path').sep;";
  const run = (file: string, kept?: string) => {
    const { exports, keep } = loadCompiled(file, kept);
    return { ...exports as { sum: (a: number, b: number) => number; place: unknown; own: string }, keep };
  };

  it('is kept for the same script, and taken when it is whole', () => {
    const [file, kept] = [script('a.cjs', SCRIPT), join(folder, 'compiled')];
    for (const damaged of [false, false, true]) {
      const path = () => join(kept, readdirSync(kept)[0]!);
      if (damaged) writeFileSync(path(), 'no such thing');
      const { sum, place, own, keep } = run(file, kept);
      expect([sum(1, 2), place, own]).toEqual([3, [folder, true], sep]);
      keep();
      expect(readdirSync(kept)).toHaveLength(1);
      const { mtimeMs } = statSync(path());
      run(file, kept).keep();
      expect(statSync(path()).mtimeMs).toBe(mtimeMs);
    }
  });

  it('is not kept where nothing may be, and not for ever', () => {
    const kept = join(folder, 'compiled-often');
    run(script('b.cjs', SCRIPT)).keep();
    for (let each = 0; each < 6; each++) run(script('b.cjs', `${SCRIPT} // ${each}`), kept).keep();
    expect(readdirSync(kept)).toHaveLength(4);
    expect(() => run(script('b.cjs', SCRIPT), join(folder, 'b.cjs/below')).keep()).not.toThrow();
    expect(() => run(script('c.cjs', 'undeclared = 1;'), kept)).toThrow(ReferenceError);
  });
});

describe('threads', () => {
  const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
  const code = (seed: number) => range(20).map((i) => `export async function f${i}(id: string) {\n  return db.query('select ${seed} from notes where id = $1 -- ${i}', [id]);\n}\n`).join('');
  const files = range(50).map((i): [SourceFile, string] => (i % 10 === 9
    ? [{ path: `m/${i}.sql`, language: 'sql', role: { type: 'query' } }, `select ${i} from notes where id = $1;\nselect from from;\n`]
    : [{ path: `src/${i}.ts`, language: 'typescript', role: { type: 'source' } }, i % 10 === 8 ? 'const = 1' : code(i)]));
  const contents = files.map(([source, text]) => [source, new TextContent(text)] as const);
  const asModule = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
  const url = (path: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, '..', path)).href);
  const worker = asModule(`import { register } from ${url('node_modules/tsx/dist/esm/api/index.mjs')}; register(); await import(${url('src/cache/worker.ts')});`);
  const threads = (count: number, script: URL) => ({ count, script, worth: 1000, stackSizeMb: 4 });

  it('give the same facts in the same order, whatever their number, and the same cache', async () => {
    const alone = await parseAll(contents, {});
    for (const count of [2, 3]) {
      const cache = new FactsCache({ path: join(folder, `threads${count}`), fingerprint: fingerprintOf([program]) });
      const found = await parseAll(contents, { cache, threads: threads(count, worker) });
      expect([...found]).toStrictEqual([...alone]);
      expect(contents.map(([source, content]) => cache.get(source, content)?.file)).toEqual(files.map(([source], i) => (i % 10 === 8 ? undefined : source.path)));
    }
  });

  it('do the work: files come back that this thread has not parsed', async () => {
    const own: number[] = [];
    const theirs: number[] = [];
    await parseTogether(files, threads(2, worker), (index) => {
      own.push(index);
      const until = performance.now() + 200;
      while (theirs.length === 0 && performance.now() < until);
    }, (index) => theirs.push(index));
    expect(theirs.length).toBeGreaterThan(0);
    expect([...own, ...theirs].sort((a, b) => a - b)).toEqual(range(50).filter((i) => i % 10 !== 8 || own.includes(i)));
  });

  it('leave to this one what fails elsewhere', async () => {
    const alone = await parseAll(contents, {});
    for (const script of [asModule('throw new Error("no")'), asModule('process.exit(3)'), asModule('import "./not-there.js"')]) {
      expect([...await parseAll(contents, { threads: threads(2, script) })]).toStrictEqual([...alone]);
    }
  });
});

describe('a check with a cache', () => {
  const projects = readdirSync(PROJECTS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();

  const shown = (result: CheckResult) => report('json', result, { rules, version: '0', color: false, quiet: false, milliseconds: 0, text: () => undefined, page: () => undefined });

  const isLinkedLater = (loaded: LoadedProject): boolean => Object.getOwnPropertyDescriptor(loaded, 'project')?.get !== undefined;

  it.each(projects)('of %s says the same, cold and warm, linked again or as it was', async (name) => {
    const cwd = join(PROJECTS, name);
    const place = { path: join(folder, name), fingerprint: fingerprintOf([program]) };
    const without = shown(checkProject(await loadProject({ cwd, paths: [] }), cwd, {}));
    const request = { cwd, paths: [], cache: () => place };
    expect(shown((await checkedProject(request, {})).result)).toBe(without);
    const again = await checkedProject(request, {});
    expect(isLinkedLater(again.loaded)).toBe(true);
    expect(shown(again.result)).toBe(without);
    const { wanted, contents } = await readProject(request);
    const cache = new FactsCache(place);
    expect(wanted.filter((each) => contents.has(each.path) && cache.get(each, contents.get(each.path)!) === undefined && again.loaded.project.files.get(each.path)!.unread !== true)).toEqual([]);
    expect(shown(checkProject(again.loaded, cwd, {}))).toBe(without);
  });

  it('is made anew when a text, a file that code reads, the configuration, a level, the listing or the day is another', async () => {
    const cwd = join(folder, 'changing');
    const place = { path: join(folder, 'changes'), fingerprint: fingerprintOf([program]) };
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    };
    write('migrations/001_a.sql', 'create table accounts (id uuid primary key);\ncreate table notes (id uuid primary key, account_id uuid not null references accounts (id));\n');
    write('queries/find.psql.txt', 'select * from notes where account_id = %s');
    write('app/db.py', "import psycopg\nfrom pathlib import Path\n\ndef find(connection: psycopg.Connection, account_id: str):\n    return connection.execute(Path('queries/find.psql.txt').read_text(), (account_id,)).fetchall()\n");
    const run = async (settings: Settings = {}) => {
      const { loaded, result } = await checkedProject({ cwd, paths: [], cache: () => place }, settings);
      return { kept: isLinkedLater(loaded), rules: result.findings.map(({ ruleId }) => ruleId), scoped: result.coverage.queriesScoped };
    };
    const first = await run();
    expect(first).toMatchObject({ kept: false, scoped: 1 });
    expect(await run()).toEqual({ ...first, kept: true });
    const changes: (() => void)[] = [
      () => write('queries/find.psql.txt', 'select * from notes'),
      () => write('migrations/001_a.sql', 'create table accounts (id uuid primary key);\ncreate table notes (id uuid primary key, account_id uuid references accounts (id));\n'),
      () => write('tenantlint.config.json', '{ "tables": { "ignore": ["notes"] } }'),
      () => write('migrations/002_b.sql', 'create table tags (id uuid primary key);\n'),
      () => vi.useFakeTimers({ now: Date.now() + 24 * 3600 * 1000, toFake: ['Date'] }),
    ];
    for (const change of changes) {
      change();
      const now = await run();
      expect(now.kept).toBe(false);
      expect(await run()).toEqual({ ...now, kept: true });
    }
    vi.useRealTimers();
    expect((await run({ levels: new Map([['tenant-column-index', 'error']]) })).kept).toBe(false);
    expect((await run({ preset: 'strict' })).kept).toBe(false);
  });
});
