import { entryOf } from '../../../../entry.js';
import type { CodeType } from '../../../../facts/code.js';
import type { Context } from '../../library.js';
import type { Value } from '../../values.js';
import type { ColumnData, TypeData } from './data.js';
import { dataOf } from './data.js';
import { itemsOf } from './given.js';
import { PYTHON_TYPES, sqlType, typeOf } from './types.js';
import type { Scope } from '../../scope.js';

/** What an annotation says of a column or a relationship. */
export interface Annotated {
  /** `Mapped[...]` around it. */
  readonly mapped: boolean;
  /** `Optional[X]`, `X | None`. */
  readonly optional: boolean;
  readonly type?: TypeData;
  /** Names of classes it may name: `Mapped["User"]`, `Mapped[list["User"]]`. */
  readonly target?: string;
  readonly list: boolean;
  /** A column that the annotation brings along: `Annotated[int, mapped_column(primary_key=True)]`. */
  readonly column?: ColumnData;
}

const MAPPED = new Set(['Mapped', 'DynamicMapped', 'WriteOnlyMapped']);
const LISTS = new Set(['list', 'List', 'Sequence', 'Set', 'set', 'Collection', 'Iterable', 'dict', 'Dict']);
const WRAPPERS = new Set(['Annotated', 'Final', 'ClassVar']);

/** `type_annotation_map` of a base: the Python type's name → the column's. */
export type TypeMap = ReadonlyMap<string, TypeData>;

/** Reads the annotation of a model's attribute. */
export function readAnnotation(type: CodeType, scope: Scope, map: TypeMap, ctx: Context): Annotated {
  if (type.kind === 'named' && MAPPED.has(type.path.at(-1)!)) {
    const [inner] = type.arguments;
    const read = inner ? readInner(inner, scope, map, ctx) : { mapped: true, optional: false, list: false };
    return { ...read, mapped: true, list: read.list || type.path.at(-1) !== 'Mapped' };
  }
  return readInner(type, scope, map, ctx);
}

function readInner(type: CodeType, scope: Scope, map: TypeMap, ctx: Context): Annotated {
  const plain = { mapped: false, optional: false, list: false };
  if (type.kind === 'union') {
    const parts = type.parts.filter((part) => !(part.kind === 'literal' && part.value === null));
    const optional = parts.length < type.parts.length;
    const [first] = parts;
    if (first && parts.every((part) => part.kind === 'literal')) return { ...plain, optional, type: literalType(parts) };
    return first ? { ...readInner(first, scope, map, ctx), optional } : plain;
  }
  if (type.kind === 'literal' && typeof type.value === 'string') return { ...plain, type: literalType([type]) };
  if (type.kind !== 'named') return plain;
  const name = type.path.at(-1)!;
  const [inner] = type.arguments;
  if (inner && (WRAPPERS.has(name) || MAPPED.has(name))) return readInner(inner, scope, map, ctx);
  const mapped = map.get(name);
  if (inner && LISTS.has(name)) {
    const element = readInner(type.arguments.at(-1)!, scope, map, ctx);
    return { ...plain, list: true, ...(element.target !== undefined && { target: element.target }), ...(mapped && { type: mapped }) };
  }
  if (mapped) return { ...plain, type: mapped };
  const python = entryOf(PYTHON_TYPES, name);
  return python === undefined ? named(type, scope, map, ctx) : { ...plain, type: { type: sqlType(python) } };
}

/** A name: a class of the project, an alias of an annotated type, an enumeration. */
function named(type: Extract<CodeType, { kind: 'named' }>, scope: Scope, map: TypeMap, ctx: Context): Annotated {
  const plain = { mapped: false, optional: false, list: false, target: type.path.at(-1)! };
  const [first, ...rest] = type.path;
  if (scope.find(first!) === undefined) return plain;
  const value = rest.reduce((object: Value, name) => ctx.member(object, name), ctx.evaluate({ kind: 'name', name: first!, location: type.location }, scope));
  const known = ctx.read(value);
  if (known.kind === 'external' && known.path.at(-1) === 'Annotated') return aliased(known.arguments?.[0], map, ctx) ?? plain;
  const own = typeOf(known, ctx);
  if (own) return { ...plain, type: own };
  if (known.kind === 'classValue' && known.class.bases.some((base) => isEnumBase(base))) {
    const labels = known.class.fields.filter(({ value: given }) => given !== undefined).map(({ name }) => name);
    const name = known.class.name?.toLowerCase();
    return { ...plain, type: { type: sqlType(name ?? 'unknown'), enum: { ...(name !== undefined && { name }), labels, created: true } } };
  }
  return plain;
}

function isEnumBase(base: { readonly kind: string }): boolean {
  const name = 'name' in base ? String(base.name) : 'property' in base ? String(base.property) : '';
  return /Enum$/.test(name);
}

/** `Annotated[int, mapped_column(primary_key=True)]` behind a name. */
function aliased(argument: Value | undefined, map: TypeMap, ctx: Context): Annotated | undefined {
  const items = argument && itemsOf(argument, ctx);
  if (!items) return undefined;
  const [python, ...others] = items.map((item) => ctx.read(item));
  const column = others.map((item) => dataOf(item, 'column', ctx)).find((each) => each !== undefined);
  const name = python?.kind === 'external' ? python.path.at(-1) : undefined;
  const base = name === undefined ? undefined : entryOf(PYTHON_TYPES, name);
  const type = name === undefined ? undefined : map.get(name) ?? (base === undefined ? undefined : { type: sqlType(base) });
  return { mapped: false, optional: false, list: false, ...(type && { type }), ...(column && { column }) };
}

/** `Literal['a', 'b']` is kept as text. */
function literalType(parts: readonly CodeType[]): TypeData {
  const longest = Math.max(...parts.map((part) => (part.kind === 'literal' ? String(part.value).length : 0)));
  return { type: sqlType('varchar', longest > 0 ? [longest] : []) };
}
