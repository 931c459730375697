import { posix } from 'node:path';
import type { CodeExpression, CodeModule, CodeStatement } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import { stored } from '../../store.js';

interface Apps {
  readonly labels: Map<string, string>;
  /** Folders that are apps for certain: with a configuration or migrations. */
  readonly folders: ReadonlySet<string>;
  readonly settings: ReadonlyMap<string, string>;
}

const SETTINGS = ['DEFAULT_AUTO_FIELD', 'AUTH_USER_MODEL'];

function apps(ctx: Context): Apps {
  return stored(ctx, 'django:apps', () => {
    const folders = new Set<string>();
    const settings = new Map<string, string>();
    for (const module of ctx.journal.everyModule()) {
      const path = module.file;
      if (module.language !== 'python') continue;
      if (posix.basename(path) === 'apps.py') folders.add(posix.dirname(path));
      else if (/(?:^|\/)migrations\/[^/]+$/.test(path)) folders.add(posix.dirname(posix.dirname(path)));
      for (const statement of module.body) for (const [name, value] of settingsIn(statement)) if (!settings.has(name) || !/test|local|dev/i.test(path)) settings.set(name, value);
    }
    return { folders, settings, labels: new Map() };
  });
}

function settingsIn(statement: CodeStatement): readonly (readonly [string, string])[] {
  if (statement.kind !== 'declare' || statement.target.kind !== 'name' || !SETTINGS.includes(statement.target.name)) return [];
  const value = constantText(statement.value);
  return value === undefined ? [] : [[statement.target.name, value]];
}

function constantText(node: CodeExpression | undefined): string | undefined {
  return node?.kind === 'literal' && typeof node.value === 'string' ? node.value : undefined;
}

/** The class of primary keys that are not declared (`DEFAULT_AUTO_FIELD`). */
export function defaultKeyType(file: string, ctx: Context): string {
  const own = configOf(folderOf(file, ctx), 'default_auto_field', ctx);
  return (own ?? apps(ctx).settings.get('DEFAULT_AUTO_FIELD') ?? 'AutoField').split('.').at(-1)!;
}

/** The key of the model of users (`AUTH_USER_MODEL`). */
export function userModel(ctx: Context): string {
  return (apps(ctx).settings.get('AUTH_USER_MODEL') ?? 'auth.User').toLowerCase();
}

/** The label of the app that a file belongs to: as its configuration says, else the name of its folder. */
export function appOf(file: string, ctx: Context): string {
  const { labels } = apps(ctx);
  const folder = folderOf(file, ctx);
  let label = labels.get(folder);
  if (label === undefined) labels.set(folder, label = configOf(folder, 'label', ctx) ?? posix.basename(folder));
  return label;
}

function folderOf(file: string, ctx: Context): string {
  const { folders } = apps(ctx);
  const first = posix.dirname(file);
  for (let folder = first; folder !== '.' && folder !== '/'; folder = posix.dirname(folder)) if (folders.has(folder)) return folder;
  const models = /^(.*?)\/models(?:\/|\.py$)/.exec(file);
  return models ? models[1]! : first;
}

/** What the configuration of an app says: `class BillingConfig(AppConfig): label = 'billing'`. */
function configOf(folder: string, name: string, ctx: Context): string | undefined {
  const module: CodeModule | undefined = ctx.modules.get(posix.join(folder, 'apps.py'));
  for (const statement of module?.body ?? []) {
    if (statement.kind !== 'class') continue;
    const found = constantText(statement.class.fields.find((field) => field.name === name)?.value);
    if (found !== undefined) return found;
  }
  return undefined;
}
