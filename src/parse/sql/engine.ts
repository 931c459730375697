import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { KeptTexts } from './kept.js';

/** A node of PostgreSQL's raw parse tree as libpg-query gives it: an object whose shape the lowering checks. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type TreeNode = Record<string, any>;

export interface TreeStatement {
  readonly node: TreeNode;
  /** UTF-16 offsets in the text given. */
  readonly start: number;
  readonly end: number;
}

export type TreeResult =
  | { readonly ok: true; readonly statements: readonly TreeStatement[] }
  | { readonly ok: false; readonly message: string; readonly offset: number };

export type PlpgsqlResult =
  | { readonly ok: true; readonly functions: readonly TreeNode[] }
  | { readonly ok: false; readonly message: string };

/** The functions of the published glue that are used here. */
interface Engine {
  _malloc(size: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(query: number): number;
  _wasm_free_parse_result(result: number): void;
  _wasm_parse_plpgsql(query: number): number;
  _wasm_free_string(text: number): void;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, pointer: number, size: number): void;
  UTF8ToString(pointer: number): string;
  getValue(pointer: number, type: 'i32'): number;
}

/** The part of the WebAssembly interface used here; the Node typings of this version leave it to the browser's. */
interface WasmInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

type Glue = (module: Record<string, unknown>) => Promise<unknown>;
type Instantiate = (imports: object, ready: (instance: object) => void) => object;

const TOO_DEEP = 'nested too deeply for the SQL grammar';
const require = createRequire(import.meta.url);
let compiled: object | undefined;
let current: Engine | undefined;

/**
 * Starts the grammar without awaiting anything: given `instantiateWasm`, the glue fills the module object before its first await.
 * ESLint loads its parsers synchronously, so there must be no top-level await on this path.
 */
function startEngine(): Engine {
  const wasm = (globalThis as unknown as { WebAssembly: WasmInterface }).WebAssembly;
  compiled ??= new wasm.Module(readFileSync(require.resolve('libpg-query/wasm/libpg-query.wasm')));
  const module = compiled;
  const glue = require('libpg-query/wasm/libpg-query.js') as Glue;
  const instantiateWasm: Instantiate = (imports, ready) => {
    const instance = new wasm.Instance(module, imports);
    ready(instance);
    return instance.exports;
  };
  const target: Record<string, unknown> = { instantiateWasm };
  glue(target).catch(() => undefined);
  const engine = target as unknown as Engine;
  if (typeof engine._wasm_parse_query_raw !== 'function' || typeof engine.UTF8ToString !== 'function') {
    throw new Error('The SQL grammar (libpg-query) did not start synchronously');
  }
  const trial = rawParse(engine, 'SELECT 1');
  if (trial.tree === undefined) throw new Error('The SQL grammar (libpg-query) does not answer');
  return engine;
}

function withEngine<T>(use: (engine: Engine) => T): T {
  current ??= startEngine();
  return use(current);
}

/** An error other than the grammar's own leaves the instance in an unknown state (measured: it breaks for good). */
function dropEngine(): void {
  current = undefined;
}

interface RawResult {
  readonly tree?: string;
  readonly message?: string;
  /** 0-based, in code points. */
  readonly cursor?: number;
}

function withText<T>(engine: Engine, text: string, use: (pointer: number) => T): T {
  const size = engine.lengthBytesUTF8(text) + 1;
  const pointer = engine._malloc(size);
  engine.stringToUTF8(text, pointer, size);
  const result = use(pointer);
  engine._free(pointer);
  return result;
}

function rawParse(engine: Engine, text: string): RawResult {
  return withText(engine, text, (pointer) => {
    const result = engine._wasm_parse_query_raw(pointer);
    if (result === 0) throw new Error('out of memory');
    const [tree, error] = [engine.getValue(result, 'i32'), engine.getValue(result + 8, 'i32')];
    const answer: RawResult = error === 0
      ? { tree: engine.UTF8ToString(tree) }
      : { message: engine.UTF8ToString(engine.getValue(error, 'i32')), cursor: Math.max(0, engine.getValue(error + 16, 'i32') - 1) };
    engine._wasm_free_parse_result(result);
    return answer;
  });
}

/** Code puts the same texts together again and again, once for each way that leads to them. */
const kept = new KeptTexts<TreeResult>(400, 400_000);

/**
 * Parses SQL with PostgreSQL's own grammar.
 * @param sql any text; it may hold several statements
 * @returns the statements with their raw trees, which must not be changed, or the grammar's message and its UTF-16 offset. Never throws.
 */
export function parseTree(sql: string): TreeResult {
  if (/^\s*$/.test(sql)) return { ok: true, statements: [] };
  const known = kept.get(sql);
  if (known !== undefined) return known;
  const read = parseAnew(sql);
  if (read.ok) kept.keep(sql, read);
  return read;
}

function parseAnew(sql: string): TreeResult {
  try {
    const raw = withEngine((engine) => rawParse(engine, sql));
    if (raw.tree === undefined) {
      const message = raw.message ?? 'syntax error';
      return { ok: false, message: message.startsWith('memory exhausted') ? TOO_DEEP : message, offset: fromCodePoints(sql, raw.cursor ?? 0) };
    }
    return { ok: true, statements: statementsOf(JSON.parse(raw.tree) as TreeNode, sql) };
  } catch (error) {
    dropEngine();
    return { ok: false, message: failureMessage(error), offset: 0 };
  }
}

function statementsOf(tree: TreeNode, sql: string): TreeStatement[] {
  const unit = byteToUnit(sql);
  return ((tree['stmts'] as TreeNode[] | undefined) ?? []).map((item) => {
    const start = (item['stmt_location'] as number | undefined) ?? 0;
    const length = item['stmt_len'] as number | undefined;
    return { node: item['stmt'] as TreeNode, start: unit(start), end: length ? unit(start + length) : sql.length };
  });
}

/**
 * Parses the PL/pgSQL body of one CREATE FUNCTION, CREATE PROCEDURE or DO statement.
 * @param sql the whole statement; its language must be plpgsql and its body a string (the library aborts otherwise)
 * @returns the library's function trees, or its message (which has no position). Never throws.
 */
export function parsePlpgsqlTree(sql: string): PlpgsqlResult {
  try {
    const text = withEngine((engine) => withText(engine, sql, (pointer) => {
      const result = engine._wasm_parse_plpgsql(pointer);
      const answer = engine.UTF8ToString(result);
      engine._wasm_free_string(result);
      return answer;
    }));
    if (!text.startsWith('{')) return { ok: false, message: text };
    const tree = JSON.parse(text) as { plpgsql_funcs?: TreeNode[] };
    return { ok: true, functions: tree.plpgsql_funcs ?? [] };
  } catch (error) {
    dropEngine();
    return { ok: false, message: failureMessage(error) };
  }
}

function failureMessage(error: unknown): string {
  if (error instanceof RangeError || (error instanceof Error && /stack|memory/i.test(error.message))) {
    return TOO_DEEP;
  }
  return error instanceof Error ? error.message : String(error);
}

/** UTF-16 offset of the given number of code points. */
function fromCodePoints(text: string, count: number): number {
  let unit = 0;
  for (let seen = 0; seen < count && unit < text.length; seen += 1) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return unit;
}

/**
 * Translates UTF-8 byte offsets, which the grammar's trees use, to UTF-16 offsets.
 * @returns a function of the byte offset; an offset past the end gives the text's length
 */
export function byteToUnit(text: string): (byte: number) => number {
  const length = text.length;
  let first = 0;
  while (first < length && text.charCodeAt(first) < 0x80) first += 1;
  if (first === length) return (byte) => Math.min(byte, length);
  let table: Uint32Array | undefined;
  return (byte) => {
    if (byte <= first) return byte;
    table ??= byteTable(text, first);
    return table[Math.min(byte - first, table.length - 1)] ?? length;
  };
}

function byteTable(text: string, from: number): Uint32Array {
  const table = new Uint32Array(Buffer.byteLength(text.slice(from)) + 1);
  let byte = 0;
  for (let unit = from; unit < text.length;) {
    const point = text.codePointAt(unit) ?? 0;
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    table.fill(unit, byte, byte + size);
    byte += size;
    unit += point > 0xffff ? 2 : 1;
  }
  table[table.length - 1] = text.length;
  return table;
}
