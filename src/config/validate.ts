import { entryOf } from '../entry.js';
import { UsageError } from '../errors.js';
import { nearest } from './nearest.js';
import { CONFIG_SHAPE } from './schema.js';
import type { ObjectShape, Shape } from './schema.js';
import type { UserConfig } from './types.js';

export type KeyPath = readonly (string | number)[];

/** What validation needs to know of a rule; a rule fits it as it is. */
export interface KnownRule {
  readonly id: string;
  readonly options?: Readonly<Record<string, { readonly type: 'boolean' | 'string' | 'number' | 'array'; readonly items?: { readonly type: 'string' } }>>;
}

/** Where a value of the config stands, for messages: `tenantlint.config.json:3`. */
export type Place = (path: KeyPath) => string;

/**
 * Checks a config as the user wrote it.
 * @param place says where a key stands
 * @param rules the rules there are; absent: rule ids and options are not checked
 * @throws UsageError naming the key, its place, what was expected and the nearest valid key
 */
export function validateConfig(value: unknown, place: Place, rules?: readonly KnownRule[]): UserConfig {
  check(value, CONFIG_SHAPE, [], place);
  const config = value as UserConfig;
  if (rules && config.rules) checkRules(config.rules, rules, place);
  return config;
}

function fail(place: Place, path: KeyPath, words: string): never {
  throw new UsageError(`${place(path)}: ${words}`);
}

/** `tenant[0].column`. */
function keyName(path: KeyPath): string {
  const name = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('').replace(/^\./, '');
  return name ? `"${name}"` : 'the config';
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function describeValue(value: unknown): string {
  const type = typeOf(value);
  if (type === 'string') return `"${String(value)}"`;
  if (type === 'number' || type === 'boolean') return String(value);
  return { array: 'a list', object: 'an object', null: 'null', undefined: 'undefined' }[type] ?? `a ${type}`;
}

function expected(shape: Shape, plural = false): string {
  switch (shape.type) {
    case 'string':
      if (shape.values) return `${shape.values.length > 1 ? 'one of ' : ''}${shape.values.map((item) => `"${item}"`).join(', ')}`;
      return plural ? 'strings' : (shape.pattern?.words ?? 'a string');
    case 'boolean':
      return 'true or false';
    case 'number':
      return shape.range ? `a whole number from ${shape.range[0]} to ${shape.range[1]}` : 'a number';
    case 'array':
      return `a list of ${expected(shape.items, true)}`;
    case 'tuple':
      return 'a list [level, options]';
    case 'union':
      return shape.of.map((item) => expected(item, plural)).join(' or ');
    case 'object':
      return plural ? 'objects' : 'an object';
  }
}

function hasType(value: unknown, shape: Shape): boolean {
  if (shape.type === 'union') return shape.of.length === 0 || shape.of.some((item) => hasType(value, item));
  if (shape.type === 'number' && shape.range) return Number.isInteger(value) && Number(value) >= shape.range[0] && Number(value) <= shape.range[1];
  return typeOf(value) === (shape.type === 'tuple' ? 'array' : shape.type);
}

function check(value: unknown, shape: Shape, path: KeyPath, place: Place): void {
  if (shape.type === 'union') {
    if (shape.of.length === 0) return;
    const variant = shape.of.find((item) => hasType(value, item));
    if (!variant) return fail(place, path, `${keyName(path)} must be ${expected(shape)}, not ${describeValue(value)}`);
    return check(value, variant, path, place);
  }
  if (!hasType(value, shape)) fail(place, path, `${keyName(path)} must be ${expected(shape)}, not ${describeValue(value)}`);
  switch (shape.type) {
    case 'string':
      return checkString(value as string, shape, path, place);
    case 'array':
      if (shape.notEmpty && (value as unknown[]).length === 0) fail(place, path, `${keyName(path)} must not be empty`);
      return (value as unknown[]).forEach((item, index) => check(item, shape.items, [...path, index], place));
    case 'tuple':
      if ((value as unknown[]).length < 1 || (value as unknown[]).length > shape.items.length) {
        fail(place, path, `${keyName(path)} must be ${expected(shape)}`);
      }
      return (value as unknown[]).forEach((item, index) => check(item, shape.items[index]!, [...path, index], place));
    case 'object':
      return checkObject(value as Record<string, unknown>, shape, path, place);
  }
}

function checkString(value: string, shape: Shape & { type: 'string' }, path: KeyPath, place: Place): void {
  if (shape.values && !shape.values.includes(value)) {
    fail(place, path, `${keyName(path)} must be ${expected(shape)}, not "${value}" (did you mean "${nearest(value, shape.values)}"?)`);
  }
  if (shape.pattern && !new RegExp(shape.pattern.source).test(value)) {
    fail(place, path, `${keyName(path)} must be ${shape.pattern.words}, not "${value}"`);
  }
}

function checkObject(value: Record<string, unknown>, shape: ObjectShape, path: KeyPath, place: Place): void {
  for (const [key, item] of Object.entries(value)) {
    const inner = [...path, key];
    const known = Object.hasOwn(shape.keys, key) ? entryOf(shape.keys, key) : shape.values;
    if (!known) fail(place, inner, `unknown key ${keyName(inner)}${meant(key, Object.keys(shape.keys))}`);
    if (item !== undefined) check(item, known, inner, place);
  }
  const missing = shape.required?.find((key) => value[key] === undefined);
  if (missing) fail(place, path, `${keyName(path)} needs the key "${missing}"`);
}

function meant(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates);
  return found === undefined ? '' : ` (did you mean "${found}"?)`;
}

function checkRules(settings: NonNullable<UserConfig['rules']>, rules: readonly KnownRule[], place: Place): void {
  for (const [id, setting] of Object.entries(settings)) {
    const rule = rules.find((candidate) => candidate.id === id);
    if (!rule) fail(place, ['rules', id], `unknown rule "${id}"${meant(id, rules.map((candidate) => candidate.id))}`);
    if (!Array.isArray(setting) || setting[1] === undefined) continue;
    for (const [name, value] of Object.entries(setting[1])) {
      const path = ['rules', id, 1, name];
      const option = rule.options && Object.hasOwn(rule.options, name) ? entryOf(rule.options, name) : undefined;
      if (!option) fail(place, path, `rule "${id}" has no option "${name}"${meant(name, Object.keys(rule.options ?? {}))}`);
      check(value, option.type === 'array' ? { type: 'array', items: { type: 'string' } } : { type: option.type }, path, place);
    }
  }
}
