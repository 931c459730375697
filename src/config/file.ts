import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findNodeAtLocation, getNodeValue, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { jsonTree } from './json.js';
import { UsageError, errorMessage } from '../errors.js';
import { loadCode, loadCodeNow } from './code.js';
import type { KeyPath, Place } from './validate.js';

const JSON_NAMES = ['tenantlint.config.json', 'tenantlint.config.jsonc'];
const CODE_NAMES = ['tenantlint.config.ts', 'tenantlint.config.mts', 'tenantlint.config.mjs', 'tenantlint.config.js'];

/** The names a config may have, first wins; besides them the key `tenantlint` of package.json. */
export const CONFIG_NAMES: readonly string[] = [...JSON_NAMES, ...CODE_NAMES];

/** A config file's content before validation. */
export interface RawConfig {
  readonly value: unknown;
  readonly place: Place;
}

/** The nearest config at or above a folder, up to the root of the file system. */
export function findConfigFile(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const named = CONFIG_NAMES.map((name) => join(at, name)).find(isFile);
    if (named) return named;
    const manifest = join(at, 'package.json');
    if (isFile(manifest) && hasKey(manifest)) return manifest;
    if (dirname(at) === at) return undefined;
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function hasKey(manifest: string): boolean {
  const text = readFileSync(manifest, 'utf8');
  if (!text.includes('"tenantlint"')) return false;
  const tree = jsonTree(text);
  return tree !== undefined && findNodeAtLocation(tree, ['tenantlint'])?.type === 'object';
}

/**
 * Reads one config file, whatever its form.
 * @param file absolute path
 * @param name the file's name in messages
 * @throws UsageError when it cannot be read, parsed or (with `allowCode` false) may not be run
 */
export async function readConfigFile(file: string, name: string, allowCode: boolean): Promise<RawConfig> {
  return isCode(file) && allowCode ? { value: await loadCode(file, name), place: () => name } : readConfigFileNow(file, name, allowCode);
}

/** The same without waiting. @throws UsageError as readConfigFile does */
export function readConfigFileNow(file: string, name: string, allowCode: boolean): RawConfig {
  if (!isCode(file)) return readJson(file, name, basename(file) === 'package.json' ? ['tenantlint'] : []);
  if (!allowCode) throw new UsageError(`${name}: a config that is code is not run here; use tenantlint.config.json`);
  return { value: loadCodeNow(file, name), place: () => name };
}

function isCode(file: string): boolean {
  return /\.[cm]?[jt]s$/.test(file);
}

function readJson(file: string, name: string, prefix: KeyPath): RawConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`${name}: cannot be read: ${errorMessage(error)}`);
  }
  const lineOf = (offset: number) => text.slice(0, offset).split(/\r\n|\r|\n/).length;
  const errors: ParseError[] = [];
  const tree = jsonTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first || !tree) {
    const words = first ? printParseErrorCode(first.error).replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase() : text.trim() === '' ? 'empty file' : 'nested too deeply';
    throw new UsageError(`${name}:${lineOf(first?.offset ?? 0)}: not valid JSON: ${words}`);
  }
  const place = (path: KeyPath) => `${name}:${lineOf(offsetOf(tree, [...prefix, ...path]))}`;
  const node = findNodeAtLocation(tree, [...prefix]);
  return { value: node && getNodeValue(node), place };
}

/** Where a key stands; a key that is missing stands where its object does. */
function offsetOf(tree: Node, path: KeyPath): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node) return node.parent?.type === 'property' ? node.parent.offset : node.offset;
  }
  return tree.offset;
}
