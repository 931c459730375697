import { entryOf } from '../../../../entry.js';
import type { Data, Options } from './data.js';
import { listOf, optionsOf } from './data.js';
import { literalText, nameList, nameText, plain, plainName, valueText, when } from './text.js';

/** Types by which columns may be called in all migrations: `exports.shorthands`. */
export type Shorthands = Options;

const ADAPTERS: Readonly<Record<string, string>> = { int: 'integer', string: 'text', float: 'real', double: 'double precision', datetime: 'timestamp', bool: 'boolean' };
const OWN: Shorthands = { id: { type: 'serial', primaryKey: true } };
/** Shorthands of shorthands; the tool refuses circles. */
const MOST_DEEP = 20;

/** The type that a name of the tool's stands for. */
export function typeText(type: Data): string {
  const name = optionsOf(type)['name'] === undefined ? plain(type) : nameText(type);
  return entryOf(ADAPTERS, name) ?? name;
}

/** The options of a column whose type may be a shorthand. */
export function columnOptions(given: Data, shorthands: Shorthands): Options {
  const all: Shorthands = { ...OWN, ...shorthands };
  const own: Options = typeof given === 'string' ? { type: given } : optionsOf(given);
  let under: Options = {};
  let type = own['type'];
  for (let depth = 0; typeof type === 'string' && entryOf(all, type) !== undefined && depth < MOST_DEEP; depth += 1) {
    const shorthand: Data = all[type];
    const meant: Options = typeof shorthand === 'string' ? { type: shorthand } : optionsOf(shorthand);
    under = { ...meant, ...under };
    type = meant['type'];
  }
  return { ...under, ...own, type: typeText(type) };
}

/** The columns of a table, each as it stands in CREATE TABLE or behind ADD, and the key that several of them make. */
export function columnTexts(columns: Data, shorthands: Shorthands): { readonly columns: readonly (readonly [name: string, text: string])[]; readonly key: readonly string[] } {
  const all = Object.entries(optionsOf(columns)).map(([name, given]) => [name, columnOptions(given, shorthands)] as const);
  const key = all.flatMap(([name, { primaryKey }]) => (primaryKey === true ? [name] : []));
  return { columns: all.map(([name, options]) => [name, columnText(name, options, key.length === 1)]), key: key.length > 1 ? key : [] };
}

function columnText(name: string, options: Options, withKey: boolean): string {
  const { type, array, collation, unique, primaryKey, notNull, check, references, referencesConstraintName, deferrable, sequenceGenerated, expressionGenerated } = options;
  return [
    nameText(name), plain(type), array === true ? 'ARRAY' : typeof array === 'number' ? `ARRAY[${array}]` : '', when(collation, `COLLATE ${plain(collation)}`),
    options['default'] === undefined ? '' : `DEFAULT ${valueText(options['default'])}`, when(unique, 'UNIQUE'), withKey ? when(primaryKey, 'PRIMARY KEY') : '', when(notNull, 'NOT NULL'),
    when(check, `CHECK (${plain(check)})`), when(references, `${when(referencesConstraintName, `CONSTRAINT ${nameText(referencesConstraintName)} `)}${referencesText(options)}`),
    when(deferrable, deferrableText(options)), identityText(sequenceGenerated), when(expressionGenerated, `GENERATED ALWAYS AS (${plain(expressionGenerated)}) STORED`),
  ].filter((part) => part !== '').join(' ');
}

/** GENERATED ... AS IDENTITY; what its sequence is like does not matter. */
export function identityText(sequence: Data): string {
  return when(sequence, `GENERATED ${plain(optionsOf(sequence)['precedence'])} AS IDENTITY`);
}

function referencesText({ references, match, onDelete, onUpdate }: Options): string {
  const target = typeof references === 'string' && (references.startsWith('"') || references.endsWith(')')) ? references : nameText(references);
  return ['REFERENCES', target, when(match, `MATCH ${plain(match)}`), when(onDelete, `ON DELETE ${plain(onDelete)}`), when(onUpdate, `ON UPDATE ${plain(onUpdate)}`)].filter((part) => part !== '').join(' ');
}

function deferrableText({ deferred }: Options): string {
  return `DEFERRABLE INITIALLY ${deferred === true ? 'DEFERRED' : 'IMMEDIATE'}`;
}

/** The constraints of a table's options, or of `addConstraint`, which may name them. */
export function constraintTexts(table: Data, options: Options, name: Data): readonly string[] {
  const { check, unique, primaryKey, foreignKeys, exclude, deferrable } = options;
  const named = (suffix: string): string => `CONSTRAINT ${nameText(when(name, plain(name)) || `${plainName(table)}_${suffix}`)}`;
  const columnsOf = (columns: Data): string => listOf(columns).map(plain).join('_');
  const uniques = listOf(unique).some((each) => Array.isArray(each)) ? listOf(unique) : when(unique, 'one') === '' ? [] : [unique];
  const made = [
    ...listOf(check).map((each, index) => `${named(Array.isArray(check) ? `chck_${index + 1}` : 'chck')} CHECK (${plain(each)})`),
    ...uniques.map((columns) => `${named(`uniq_${columnsOf(columns)}`)} UNIQUE (${nameList(columns)})`),
    ...(primaryKey === undefined ? [] : [`${named('pkey')} PRIMARY KEY (${nameList(primaryKey)})`]),
    ...listOf(foreignKeys).map(optionsOf).map((each) => {
      const own = each['referencesConstraintName'];
      return `${own === undefined ? named(`fk_${columnsOf(each['columns'])}`) : `CONSTRAINT ${nameText(own)}`} FOREIGN KEY (${nameList(each['columns'])}) ${referencesText(each)}`;
    }),
    ...(exclude === undefined ? [] : [`${named('excl')} EXCLUDE ${plain(exclude)}`]),
  ];
  return made.map((each) => `${each}${when(deferrable, ` ${deferrableText(options)}`)}`);
}

/** The columns of an index, and the name that it is given where none is. */
export function indexTexts(table: Data, columns: Data, { name, unique }: Options): { readonly name: string; readonly columns: string } {
  const all = listOf(columns);
  const schema = optionsOf(table)['schema'];
  const own = name ?? `${plainName(table)}_${all.map(plainName).join('_')}${when(unique, '_unique')}_index`;
  return { name: nameText(schema === undefined ? own : { schema, name: own }), columns: all.map(indexColumn).join(', ') };
}

function indexColumn(column: Data): string {
  const literal = literalText(column);
  if (literal !== undefined) return literal;
  const { opclass, sort } = optionsOf(column);
  const name = plainName(column);
  // A column with an operator class or an order: versions before 5 took it as it is.
  const isWritten = name.endsWith(')') || /^[\w.]+(?: \w+)+$/.test(name);
  const text = !/[^\w".]/.test(name) ? nameText(name) : isWritten ? name : `(${name})`;
  return [text, when(opclass, nameText(opclass)), plain(sort)].filter((part) => part !== '').join(' ');
}
