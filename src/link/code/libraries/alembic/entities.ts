import type { Call, Context } from '../../library.js';
import { unknownValue, type ExternalValue, type LibraryValue } from '../../values.js';
import { Given, libraryValue } from '../sqlalchemy/given.js';
import { execute } from './execute.js';
import { ALEMBIC } from './site.js';

/** The statements of a function, view, trigger, policy or extension: those that make it, put it in the place of another, or drop it. */
export interface EntityData {
  readonly create: string;
  readonly replace: string;
  readonly drop: string;
}

interface Described {
  readonly schema: string;
  readonly signature: string;
  readonly definition: string;
  /** The table of a trigger or policy, with its schema. */
  readonly on: string;
}

/** What the package `alembic_utils` makes of each of its classes. @see alembic_utils manual, "Reference" */
const ENTITIES: Readonly<Record<string, (entity: Described, given: Given) => EntityData>> = {
  PGFunction: ({ schema, signature, definition }) => {
    const named = `${schema}.${signature} ${definition}`;
    return { create: `CREATE FUNCTION ${named}`, replace: `CREATE OR REPLACE FUNCTION ${named}`, drop: `DROP FUNCTION ${schema}.${withoutDefaults(signature)}` };
  },
  PGView: ({ schema, signature, definition }) => {
    const named = `VIEW ${schema}."${signature}"`;
    return { create: `CREATE ${named} AS ${definition}`, replace: `CREATE OR REPLACE ${named} AS ${definition}`, drop: `DROP ${named}` };
  },
  PGMaterializedView: ({ schema, signature, definition }, given) => {
    const named = `MATERIALIZED VIEW ${schema}."${signature}"`;
    return replaced(`CREATE ${named} AS ${definition.replace(/;\s*$/, '')} WITH ${given.flag('with_data') === false ? 'NO ' : ''}DATA`, `DROP ${named}`, `DROP MATERIALIZED VIEW IF EXISTS ${schema}."${signature}"`);
  },
  PGTrigger: ({ signature, definition, on }, given) => replaced(
    `CREATE ${given.flag('is_constraint') === true ? 'CONSTRAINT ' : ''}TRIGGER "${signature}" ${definition}`, `DROP TRIGGER "${signature}" ON ${on}`, `DROP TRIGGER IF EXISTS "${signature}" ON ${on}`),
  PGPolicy: ({ signature, definition, on }) => replaced(`CREATE POLICY ${signature} ON ${on} ${definition}`, `DROP POLICY ${signature} ON ${on}`, `DROP POLICY IF EXISTS ${signature} ON ${on}`),
  PGExtension: ({ schema, signature }) => replaced(`CREATE EXTENSION "${signature}" WITH SCHEMA ${schema}`, `DROP EXTENSION "${signature}"`, `DROP EXTENSION IF EXISTS "${signature}"`),
};

/** `PGFunction(schema='public', signature='f(integer)', definition='...')`; undefined for other names of the package. */
export function entityCall({ path }: ExternalValue, call: Call, ctx: Context): LibraryValue | undefined {
  const statements = Object.entries(ENTITIES).find(([name]) => name === path.at(-1))?.[1];
  if (!statements) return undefined;
  const given = new Given(call, [...SIGNATURE, ...(path.at(-1) === 'PGTrigger' || path.at(-1) === 'PGPolicy' ? ['on_entity'] : [])], ctx);
  const [schema, signature, definition = ''] = SIGNATURE.map((name) => given.text(name));
  const on = given.text('on_entity');
  const isKnown = schema !== undefined && signature !== undefined && (given.value('definition') === undefined || given.text('definition') !== undefined);
  return libraryValue(ALEMBIC, 'entity', isKnown ? statements({ schema, signature, definition: definition.replaceAll('\\:', ':'), on: on?.includes('.') === false ? `${schema}.${on}` : on ?? '' }, given) : undefined);
}

const SIGNATURE = ['schema', 'signature', 'definition'] as const;

/** `op.create_entity(entity)`, `op.replace_entity(entity)`, `op.drop_entity(entity)`. @returns whether it was one that is known */
export function runEntity(name: string, { arguments: { positional: [first], named }, location }: Call, ctx: Context): boolean {
  const known = /^(create|replace|drop)_entity$/.exec(name);
  const entity = known && (first ?? named.get('target'));
  const value = entity && ctx.read(entity);
  if (!known || value?.kind !== 'library' || value.type !== 'entity') return false;
  const text = (value.data as EntityData | undefined)?.[known[1] as keyof EntityData];
  execute(text === undefined ? unknownValue('the entity is not known') : { kind: 'constant', value: text }, ctx, location);
  return true;
}

function replaced(create: string, drop: string, dropIfThere: string): EntityData {
  return { create, replace: `${dropIfThere}; ${create}`, drop };
}

/** A function is dropped by its name and parameters alone. */
function withoutDefaults(signature: string): string {
  return signature.replace(/(?<!\s)\s+(?:default\s|=)(?:[^,()]|\((?:[^()]|\([^()]*\))*\))*/gi, '');
}
