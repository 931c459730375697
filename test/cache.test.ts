import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rules } from '../rules/index.js';
import { decode } from '../src/cache/decode.js';
import { encode } from '../src/cache/encode.js';
import { FactsCache } from '../src/cache/index.js';
import { cacheFile, cacheFolder } from '../src/cache/place.js';
import { checkProject, loadProject, type ProjectRequest } from '../src/commands/pipeline.js';
import type { FileFacts, SourceFile } from '../src/facts/file.js';
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

  it('keep more shapes than a byte can number', () => {
    const value = Array.from({ length: 600 }, (_, index) => ({ [`key${index}`]: index, other: 'x' }));
    expect(back([...value, ...value.map((each) => ({ ...each }))])).toStrictEqual([...value, ...value]);
  });

  it.each([[() => 1], [new Map()], [10n], [Symbol('s')], [new Date()]])('refuse what is no data: %s', (value) => {
    expect(() => encode('a.ts', { value })).toThrow(TypeError);
  });
});

describe('the cache', () => {
  const fresh = (name: string) => new FactsCache(join(folder, name), program);
  const stored = (name: string): Buffer => {
    const cache = fresh(name);
    cache.add(source, TEXT, parseFile(source, TEXT));
    cache.save();
    return readFileSync(join(folder, name));
  };

  it('has what was kept, for the same text of the same file', () => {
    stored('kept');
    const cache = fresh('kept');
    expect(cache.get(source, TEXT)).toStrictEqual(parseFile(source, TEXT));
    expect(cache.get(source, `${TEXT} `)).toBeUndefined();
    expect(cache.get({ ...source, path: 'src/b.ts' }, TEXT)).toBeUndefined();
    expect(cache.get({ ...source, role: { type: 'seed' } }, TEXT)).toBeUndefined();
  });

  it('has nothing that another state of the program has kept', () => {
    stored('versions');
    writeFileSync(join(program, 'a.js'), '2');
    expect(fresh('versions').get(source, TEXT)).toBeUndefined();
    writeFileSync(join(program, 'a.js'), '1');
    expect(fresh('versions').get(source, TEXT)).toBeDefined();
  });

  it('gives the right facts or none when bytes of it are damaged, and when it ends early', () => {
    const bytes = stored('damaged');
    const right = parseFile(source, TEXT);
    let lost = 0;
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      writeFileSync(join(folder, 'damaged'), at % 3 === 0 ? damaged.subarray(0, at) : damaged);
      const found = fresh('damaged').get(source, TEXT);
      if (found === undefined) lost++;
      else expect(found).toStrictEqual(right);
    }
    expect(lost).toBe(bytes.length);
  });

  it('does without a place it cannot write to', () => {
    writeFileSync(join(folder, 'file'), '');
    const cache = new FactsCache(join(folder, 'file/below/x.facts'), program);
    cache.add(source, TEXT, parseFile(source, TEXT));
    expect(() => cache.save()).not.toThrow();
    expect(cache.get(source, TEXT)).toStrictEqual(parseFile(source, TEXT));
  });

  it('keeps nothing of a file that could not be read', () => {
    const facts: FileFacts = { ...parseFile(source, TEXT), unread: true };
    const cache = fresh('unread');
    cache.add(source, TEXT, facts);
    expect(cache.get(source, TEXT)).toBeUndefined();
  });

  it('is whole whichever of two runs writes last, and leaves nothing else behind', () => {
    const [one, two] = [fresh('both.facts'), fresh('both.facts')];
    const other = { ...source, path: 'src/other.ts' };
    one.add(source, TEXT, parseFile(source, TEXT));
    two.add(other, TEXT, parseFile(other, TEXT));
    one.save();
    two.save();
    expect(fresh('both.facts').get(other, TEXT)).toStrictEqual(parseFile(other, TEXT));
    expect(readdirSync(folder).filter((name) => name.startsWith('both'))).toEqual(['both.facts']);
  });

  it('keeps what a run did not ask for, as far as there is room', () => {
    const many = (name: string, count: number) => {
      const cache = fresh(name);
      for (let i = 0; i < count; i++) cache.addEncoded({ ...source, path: `${i}.ts` }, '', new Uint8Array(1024 * 1024));
      cache.save();
    };
    many('room', 6);
    const cache = fresh('room');
    cache.add(source, TEXT, parseFile(source, TEXT));
    cache.save();
    const size = readFileSync(join(folder, 'room')).length;
    expect(size).toBeGreaterThan(3 * 1024 * 1024);
    expect(size).toBeLessThan(5 * 1024 * 1024);
    expect(fresh('room').get(source, TEXT)).toBeDefined();
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
    expect(cacheFile(own, root)).not.toBe(cacheFile(own, join(folder, 'project')));
  });
});

describe('a check with a cache', () => {
  const projects = readdirSync(PROJECTS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();

  it.each(projects)('of %s says the same, cold and warm', async (name) => {
    const cwd = join(PROJECTS, name);
    const said = async (cache?: ProjectRequest['cache']) => {
      const result = checkProject(await loadProject({ cwd, paths: [], ...(cache && { cache }) }), cwd, {});
      return report('json', result, { rules, version: '0', color: false, quiet: false, milliseconds: 0, text: () => undefined, page: () => undefined });
    };
    const kept: FactsCache[] = [];
    const cache = () => (kept.push(new FactsCache(join(folder, `${name}.facts`), program)), kept.at(-1));
    const without = await said();
    expect(await said(cache)).toBe(without);
    expect(await said(cache)).toBe(without);
    expect(kept.map((each) => each.misses > 0)).toEqual([true, false]);
  });
});
