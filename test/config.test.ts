import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultConfig, loadConfig } from '../src/config/load.js';
import type { LoadOptions } from '../src/config/load.js';
import { configSchema } from '../src/config/schema.js';

let root: string;
beforeEach(() => { root = mkdtempSync(join(tmpdir(), 'tenantlint-config-')); });
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const load = (options: Partial<LoadOptions> = {}) => loadConfig({ cwd: root, ...options });
const loadJson = (text: string, options?: Partial<LoadOptions>) => {
  write('tenantlint.config.json', text);
  return load(options);
};

/** The config of the contract, with every key. */
const WHOLE = `{
  "$schema": "x", // comment
  "tenant": [{ "column": ["org_id", "organizationId"], "root": "organizations" }, { "column": "project_id", "proof": "membership" }],
  "tables": { "global": ["template_*"], "tenant": ["*"], "ignore": ["a"], "viaParent": ["b"], "hybrid": ["c"], "columns": { "posts": "workspace_id" } },
  "references": [{ "from": "access_grants.scope_id", "to": "orders.id", "when": { "scope_type": "order" } }],
  "migrations": [{ "dir": "db/migrations", "kind": "sql", "transaction": "none" }],
  "schema": ["prisma/schema.prisma", "prisma/*.prisma"],
  "source": { "include": ["src/**"], "exclude": ["**/*.test.ts"] },
  "queries": { "tenantValues": ["auth_org_id()"], "parameters": { "tenant": ["org_id"], "principal": ["user_id"] }, "principalColumns": ["users.id"],
    "credentialColumns": ["api_keys.key_hash"], "systemPaths": [], "scopedClients": [], "unscopedClients": [], "scopedCallbacks": [],
    "handlers": [], "handlerWrappers": [], "untrustedSources": ["req.body"] },
  "rls": { "setting": "app.current_tenant", "roles": ["app_user"] },
  "rules": { "require-tenant-column": "warn", "tenant-column-index": ["off", { "x": 1 }] },
  "preset": "strict", "reportUnusedDisableDirectives": "error", "pgVersion": 15, "requireDisableReason": true, /* trailing comma */
}`;

describe('a valid config', () => {
  test('every key is read, comments and trailing commas are allowed', async () => {
    write('db/migrations/1.sql', '');
    write('prisma/schema.prisma', '');
    const config = await loadJson(WHOLE);
    expect(config.tenant).toEqual([{ columns: ['org_id', 'organizationId'], root: 'organizations' }, { columns: ['project_id'], proof: 'membership' }]);
    expect(config.rules).toEqual({ 'require-tenant-column': { level: 'warning' }, 'tenant-column-index': { level: 'off', options: { x: 1 } } });
    expect(config).toMatchObject({
      root, file: 'tenantlint.config.json', preset: 'strict', reportUnusedDisableDirectives: 'error', pgVersion: 15, requireDisableReason: true,
      migrations: [{ dir: 'db/migrations', kind: 'sql', transaction: 'none' }], rls: { setting: 'app.current_tenant', roles: ['app_user'] },
    });
  });

  test('nothing is needed', async () => {
    expect(await load()).toEqual(defaultConfig(root));
    expect(await loadJson('{}')).toMatchObject({ tenant: [], migrations: [], preset: 'recommended', reportUnusedDisableDirectives: 'warning' });
  });
});

describe('which file counts', () => {
  test('the nearest one upwards wins, its paths are relative to it', async () => {
    write('tenantlint.config.json', '{ "preset": "strict" }');
    write('a/tenantlint.config.jsonc', '{ "preset": "rls" }');
    mkdirSync(join(root, 'a/b/c'), { recursive: true });
    expect(await load({ cwd: join(root, 'a/b/c') })).toMatchObject({ preset: 'rls', root: join(root, 'a'), file: '../../tenantlint.config.jsonc' });
  });

  test('the key in package.json counts, a package.json without it does not', async () => {
    write('package.json', '{ "name": "x", "tenantlint": { "preset": "rls" } }');
    write('a/package.json', '{ "name": "tenantlint" }');
    expect(await load({ cwd: join(root, 'a') })).toMatchObject({ preset: 'rls', root });
    write('package.json', '{\n "tenantlint": {\n "presett": "rls" } }');
    await expect(load()).rejects.toThrow('package.json:3: unknown key "presett" (did you mean "preset"?)');
  });

  test('paths of a file given by name are relative to the working folder', async () => {
    write('conf/my.json', '{ "migrations": [{ "dir": "m" }] }');
    write('m/1.sql', '');
    expect(await load({ file: 'conf/my.json' })).toMatchObject({ root, file: 'conf/my.json', migrations: [{ dir: 'm' }] });
    await expect(load({ file: 'none.json' })).rejects.toThrow('--config none.json: no such file');
  });

  test('a project elsewhere has its own config', async () => {
    write('a/tenantlint.config.json', '{ "preset": "rls" }');
    write('a/m/1.sql', '');
    expect(await load({ paths: ['a/m/1.sql'] })).toMatchObject({ preset: 'rls', root: join(root, 'a') });
  });
});

describe('a config that is code', () => {
  test.each(['ts', 'mts', 'mjs', 'js'])('tenantlint.config.%s', async (extension) => {
    write('package.json', '{ "type": "module" }');
    write(`tenantlint.config.${extension}`, `import { defineConfig } from 'tenantlint';\nexport default defineConfig({ preset: 'rls' });\n`);
    expect(await load()).toMatchObject({ preset: 'rls' });
    expect(readdirSync(root).sort()).toEqual(['package.json', `tenantlint.config.${extension}`]);
  });

  test('TypeScript may import its neighbours', async () => {
    write('names.ts', 'export const column: string = "org_id";');
    write('tenantlint.config.ts', `import { column } from './names.js';\nimport { join } from 'node:path';\nexport default { tenant: { column: join(column) } };`);
    expect((await load()).tenant).toEqual([{ columns: ['org_id'] }]);
  });

  test('it may be forbidden, fail or export nothing', async () => {
    write('tenantlint.config.ts', 'throw new Error("no\\nway");');
    await expect(load({ allowCode: false })).rejects.toThrow('tenantlint.config.ts: a config that is code is not run here');
    await expect(load()).rejects.toThrow('tenantlint.config.ts: cannot be loaded: no way');
    write('tenantlint.config.ts', 'export const a = 1;');
    await expect(load()).rejects.toThrow('must export the config as its default export');
    write('tenantlint.config.ts', 'export default { tenantt: {} };');
    await expect(load()).rejects.toThrow('tenantlint.config.ts: unknown key "tenantt" (did you mean "tenant"?)');
  });
});

describe('a wrong config is refused in one line', () => {
  test.each([
    ['{\n "tenant": {\n  "colum": "x" } }', 'tenantlint.config.json:3: unknown key "tenant.colum" (did you mean "column"?)'],
    ['{ "tenant": { "column": 5 } }', 'tenantlint.config.json:1: "tenant.column" must be a string that is not empty or a list of strings, not 5'],
    ['{ "tenant": [] }', '"tenant" must not be empty'],
    ['{ "tenant": "account_id" }', '"tenant" must be an object or a list of objects, not "account_id"'],
    ['{ "tenant": [{ "column": "a" }, { "rot": "b" }] }', 'unknown key "tenant[1].rot" (did you mean "root"?)'],
    ['{ "preset": "strikt" }', '"preset" must be one of "recommended", "strict", "rls", not "strikt" (did you mean "strict"?)'],
    ['{ "rules": { "a": "loud" } }', '"rules.a" must be one of "error", "warn", "warning", "off", not "loud"'],
    ['{ "rules": { "a": ["error", {}, 1] } }', '"rules.a" must be a list [level, options]'],
    ['{ "rules": { "a": 2 } }', '"rules.a" must be one of "error", "warn", "warning", "off" or a list [level, options], not 2'],
    ['{ "references": [{ "from": "a", "to": "b.c" }] }', '"references[0].from" must be a column as "table.column", not "a"'],
    ['{ "references": [{ "from": "a.b" }] }', '"references[0]" needs the key "to"'],
    ['{ "requireDisableReason": "yes" }', '"requireDisableReason" must be true or false, not "yes"'],
    ['{ "pgVersion": 13 }', '"pgVersion" must be a whole number from 14 to 18, not 13'],
    ['{ "pgVersion": "15" }', '"pgVersion" must be a whole number from 14 to 18, not "15"'],
    ['{ "tables": null }', '"tables" must be an object, not null'],
    ['[]', 'the config must be an object, not a list'],
    ['{ "a" }', 'tenantlint.config.json:1: not valid JSON: colon expected'],
    ['', 'tenantlint.config.json:1: not valid JSON'],
    ['['.repeat(50_000), 'tenantlint.config.json:1: not valid JSON: nested too deeply'],
    ['{ "constructor": 1 }', 'unknown key "constructor"'],
    ['{\n"migrations": [{\n"dir": "nowhere" }] }', 'tenantlint.config.json:3: "migrations[0].dir": there is no folder "nowhere"'],
    ['{ "migrations": [{ "dir": "../../x" }] }', '"migrations[0].dir" must be inside of the project, "../../x" is not'],
    ['{ "schema": ["a.prisma"] }', '"schema[0]": there is no file "a.prisma"'],
    ['{ "source": { "include": ["../**"] } }', '"source.include[0]" must be inside of the project'],
  ])('%s', async (text, message) => {
    const error = await loadJson(text).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ name: 'UsageError', message: expect.stringContaining(message) as string });
    expect((error as Error).message).not.toContain('\n');
  });

  test('rules and their options are checked against the rules there are', async () => {
    const rules = [{ id: 'tenant-column-index' }, { id: 'not-null-requires-backfill', options: { allColumns: { type: 'boolean' as const } } }];
    await expect(loadJson('{ "rules": { "tenant-column-indx": "off" } }', { rules })).rejects.toThrow('unknown rule "tenant-column-indx" (did you mean "tenant-column-index"?)');
    await expect(loadJson('{ "rules": { "not-null-requires-backfill": ["error", { "allColum": true }] } }', { rules }))
      .rejects.toThrow('rule "not-null-requires-backfill" has no option "allColum" (did you mean "allColumns"?)');
    await expect(loadJson('{ "rules": { "not-null-requires-backfill": ["error", { "allColumns": 1 }] } }', { rules }))
      .rejects.toThrow('"rules.not-null-requires-backfill[1].allColumns" must be true or false, not 1');
  });
});

test('the published JSON Schema accepts and refuses the same', async () => {
  const validate = new Ajv2020.default({ strict: false }).compile(configSchema());
  const { parse } = await import('jsonc-parser');
  expect(validate(parse(WHOLE))).toBe(true);
  for (const text of ['{ "tenant": { "colum": "x" } }', '{ "tenant": [] }', '{ "preset": "x" }', '{ "rules": { "a": 2 } }', '{ "references": [{ "from": "a", "to": "b.c" }] }']) {
    expect(validate(parse(text)), text).toBe(false);
  }
});
