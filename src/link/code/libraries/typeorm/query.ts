import type { Expression } from '../../../../facts/expression.js';
import type { Location } from '../../../../facts/location.js';
import type { FromItem, Join, Query, SelectQuery } from '../../../../facts/query.js';
import type { Context } from '../../library.js';
import type { BuilderStep } from '../../steps.js';
import type { SqlPiece } from '../../sql-pieces.js';
import { isNothing, type LibraryValue, type Value } from '../../values.js';
import { and, constant, hole, isTrue, join, leftOut, Names, not, or, table } from '../build.js';
import { filterOf } from '../entities/filter.js';
import { itemsOf, onAnyPath, option, textOf, textsOf } from '../entities/given.js';
import { addRelation, readingOf, selectOf, type Reading } from '../entities/reading.js';
import { entityNamed, entityOf, type Entity } from '../entities/registry.js';
import { deleteOf, insertOf, rowsOfValue, updateOf } from '../entities/writing.js';
import { alternatives, fieldsOf } from '../objects.js';
import type { Place } from '../prisma/models.js';
import { propertyColumn } from '../entities/filter.js';
import { isBuilder, stepsOf, type BuilderData, type Step } from './builder.js';
import { TYPEORM } from './members.js';
import { dialect } from './operators.js';
import { conditionOfPieces, conditionPieces, plainPiece, type Sight } from './text.js';

type Steps = readonly BuilderStep<Step>[];

/** What a builder reads. */
export interface Built {
  readonly entity?: Entity;
  readonly root?: Reading;
  readonly from: FromItem;
  readonly where: Expression;
  readonly sight: Sight;
  readonly limited: boolean;
}

const SOURCES = ['from', 'update', 'delete', 'into', 'softDelete', 'restore', 'entity'];

/** `query.alias`: the name of the entity that a builder begins with. */
export function mainAlias(builder: LibraryValue, ctx: Context): string | undefined {
  const source = stepsOf(builder, ctx).findLast(({ step }) => SOURCES.includes(step.method) && step.args.length > 0)?.step;
  return source && (textOf(source.args[1], ctx) ?? entityOf(TYPEORM, source.args[0], ctx)?.name);
}

/** The tables and conditions of a builder; words for why they are not known. */
export function builtOf(builder: LibraryValue, ctx: Context, location: Location): Built | string {
  const steps = stepsOf(builder, ctx);
  if (steps.some(({ step }) => step.method === 'parameter')) return 'The builder is made elsewhere';
  const bound = { named: parametersOf([...outerSteps(builder, ctx), ...steps], ctx) };
  const aliases = new Map<string, Place>(outerAliases(builder, ctx, location));
  const sight: Sight = { aliases, bound, ctx, expand: (value, place) => queryPieces(value, ctx, place) };
  const names = new Names();
  const source = steps.findLast(({ step }) => SOURCES.includes(step.method) && step.args.length > 0)?.step;
  const entity = source && entityOf(TYPEORM, source.args[0], ctx);
  const alias = textOf(source?.args[1], ctx);
  if (entity === undefined) return derivedOrNamed(source, alias, steps, sight, location);
  const root = readingOf(entity.model, location, alias, names);
  aliases.set(alias ?? entity.name, root.place);
  addJoins(root, steps, sight, location);
  return { entity, root, from: root.from, where: whereOf(steps, sight, root.place, location), sight, limited: isLimited(steps) };
}

/** A sub-query in a text: it is read when the query around it is, whose parameters it shares. */
function queryPieces(value: Value, ctx: Context, location: Location): readonly SqlPiece[] | undefined {
  if (value.kind !== 'library' || value.library !== TYPEORM || value.type !== 'queryText') return undefined;
  const query = selectQuery(value.data as LibraryValue, ctx, location);
  if (typeof query === 'string') return [{ kind: 'hole', written: query, pasted: false, location }];
  return [{ kind: 'expression', expression: { kind: 'subquery', form: 'scalar', query, location }, location }];
}

/** The steps of the builders around a sub-query. */
function outerSteps(builder: LibraryValue, ctx: Context): Steps {
  const { outer } = builder.data as BuilderData;
  return outer === undefined ? [] : [...outerSteps(outer, ctx), ...stepsOf(outer, ctx)];
}

function isLimited(steps: Steps): boolean {
  return steps.some(({ step }) => ['take', 'skip', 'limit', 'offset'].includes(step.method));
}

/** A table by its name, or a sub-query. */
function derivedOrNamed(source: Step | undefined, alias: string | undefined, steps: Steps, sight: Sight, location: Location): Built | string {
  const [first] = source?.args ?? [];
  const known = first && sight.ctx.read(first);
  const common = () => ({ where: whereOf(steps, sight, undefined, location), sight, limited: isLimited(steps) });
  if (known && isBuilder(known)) {
    const query = selectQuery(known, sight.ctx, location);
    if (typeof query === 'string') return query;
    return { from: { kind: 'derived', query, alias: alias ?? 'derived', columnAliases: [], lateral: false, location }, ...common() };
  }
  const name = textOf(known, sight.ctx);
  if (name === undefined || !/^[\w."]+$/.test(name)) return 'The entity of the builder is not known';
  const [schema, own] = name.includes('.') ? name.replaceAll('"', '').split('.') as [string, string] : [undefined, name.replaceAll('"', '')];
  return { from: table({ ...(schema !== undefined && { schema }), name: own }, alias, location), ...common() };
}

function outerAliases(builder: LibraryValue, ctx: Context, location: Location): ReadonlyMap<string, Place> {
  const { outer } = builder.data as BuilderData;
  if (outer === undefined) return new Map();
  const found = new Map(outerAliases(outer, ctx, location));
  const steps = stepsOf(outer, ctx);
  const source = steps.findLast(({ step }) => ['from', 'entity'].includes(step.method) && step.args.length > 0)?.step;
  const entity = source && entityOf(TYPEORM, source.args[0], ctx);
  if (entity === undefined) return found;
  const alias = textOf(source?.args[1], ctx);
  const root = readingOf(entity.model, location, alias);
  found.set(alias ?? entity.name, root.place);
  addJoins(root, steps, { aliases: found, bound: {}, ctx, expand: () => undefined }, location);
  return found;
}

/** Values by name: of setParameter(s), and of the conditions they are given with. */
function parametersOf(steps: Steps, ctx: Context): Map<string, Value> {
  const found = new Map<string, Value>();
  const take = (value: Value | undefined): void => {
    for (const each of value === undefined ? [] : alternatives(value, ctx)) if (each.kind === 'object') for (const { key, value: own } of fieldsOf(each, ctx).given) found.set(key, own);
  };
  for (const { step: { method, args } } of steps) {
    if (method === 'setParameter') {
      const name = textOf(args[0], ctx);
      if (name !== undefined && args[1]) found.set(name, args[1]);
    } else if (method === 'setParameters') take(args[0]);
    else if (/where|having/i.test(method)) {
      take(args[1]);
      const inner = args[0] && ctx.read(args[0]);
      if (inner?.kind === 'library' && inner.type === 'brackets') for (const [key, value] of parametersOf(stepsOf((inner.data as { builder: LibraryValue }).builder, ctx), ctx)) found.set(key, value);
    } else if (/join/i.test(method)) take(args[3]);
  }
  return found;
}

function addJoins(root: Reading, steps: Steps, sight: Sight, location: Location): void {
  for (const { step, maybe } of steps) {
    const kind = /^(inner|left)Join/.exec(step.method)?.[1];
    if (kind === undefined) continue;
    const mapped = /MapOne|MapMany/.test(step.method);
    const [target, alias, condition] = mapped ? step.args.slice(1) : step.args;
    addJoin(root, { target, alias: textOf(alias, sight.ctx), condition, location: step.location }, maybe ? 'left' : kind as 'inner' | 'left', sight, location);
  }
}

interface JoinCall {
  readonly target: Value | undefined;
  readonly alias: string | undefined;
  readonly condition: Value | undefined;
  readonly location: Location;
}

function addJoin(root: Reading, call: JoinCall, type: Join['type'], sight: Sight, location: Location): void {
  const { ctx, aliases } = sight;
  const { target, alias, condition } = call;
  const path = textOf(target, ctx);
  const dot = path?.indexOf('.') ?? -1;
  const from = path === undefined || dot < 0 ? undefined : aliases.get(path.slice(0, dot));
  const reading = from && readingAt(root, from);
  const on = (): Expression => (condition === undefined ? constant(true, call.location) : conditionOfPieces(conditionPieces(condition, sight, call.location), sight, call.location));
  if (from && reading && path !== undefined) {
    if (alias !== undefined) root.place.names.fresh(alias);
    const side = joinedAs(root, reading, path.slice(dot + 1), type, alias, call.location, ctx);
    if (side === undefined) return;
    (aliases as Map<string, Place>).set(alias ?? path.slice(dot + 1), side.place);
    if (condition !== undefined && root.from.kind === 'join') root.from = { ...root.from, on: and([...(root.from.on ? [root.from.on] : []), on()], call.location) };
    return;
  }
  const item = joinedTable(call, sight, location);
  if (item !== undefined) root.from = join(type, root.from, item, on(), call.location);
}

/** The relation under the alias that the text uses. */
function joinedAs(root: Reading, from: Reading, name: string, type: Join['type'], alias: string | undefined, location: Location, ctx: Context): Reading | undefined {
  const { names } = root.place;
  const given = new GivenName(alias, names);
  const side = addRelation(root, { ...from, place: { ...from.place, names: given }, joined: new Map() }, name, type, location, ctx);
  if (side === undefined) return undefined;
  from.joined.set(name, side);
  extra(root).push(side);
  return side;
}

/** Names of which the first is given by the code. */
class GivenName extends Names {
  private isFirst: boolean;

  constructor(private readonly alias: string | undefined, private readonly names: Names) {
    super();
    this.isFirst = alias !== undefined;
  }

  override fresh(name: string): string {
    if (!this.isFirst) return this.names.fresh(name);
    this.isFirst = false;
    return this.alias!;
  }
}

const EXTRA = new WeakMap<Reading, Reading[]>();

function extra(root: Reading): Reading[] {
  let found = EXTRA.get(root);
  if (found === undefined) EXTRA.set(root, found = []);
  return found;
}

function readingAt(root: Reading, place: Place): Reading | undefined {
  return root.place === place ? root : extra(root).find((each) => each.place === place);
}

/** An entity, a table by name, or a sub-query that is joined by a condition. */
function joinedTable({ target, alias, location }: JoinCall, { ctx, aliases }: Sight, outer: Location): FromItem | undefined {
  const known = target && ctx.read(target);
  if (known && isBuilder(known)) {
    const query = selectQuery(known, ctx, outer);
    return typeof query === 'string' ? undefined : { kind: 'derived', query, alias: alias ?? 'derived', columnAliases: [], lateral: false, location };
  }
  const entity = entityOf(TYPEORM, known, ctx) ?? (known?.kind === 'constant' ? entityNamed(TYPEORM, String(known.value), ctx) : undefined);
  if (entity) {
    (aliases as Map<string, Place>).set(alias ?? entity.name, { model: entity.model, alias: alias ?? entity.model.name.name, names: new Names() });
    return table(entity.model.name, alias, location);
  }
  const name = textOf(known, ctx);
  return name !== undefined && /^\w+$/.test(name) ? table({ name }, alias, location) : undefined;
}

/** `where` begins anew, andWhere and orWhere are added as text: AND binds before OR, as in SQL (TypeORM's manual, "Adding WHERE expression"). */
export function whereOf(steps: Steps, sight: Sight, place: Place | undefined, location: Location): Expression {
  let pieces: SqlPiece[] = [];
  for (const { step, maybe } of steps) {
    const connector = /^(and|or)?where(InIds|Exists)?$/i.exec(step.method);
    if (connector === null) continue;
    const own = termPieces(step, maybe, sight, place);
    const isFirst = pieces.length === 0;
    const word = connector[1]?.toLowerCase();
    if (word === undefined) {
      const before = isFirst ? constant(true, location) : conditionOfPieces(pieces, sight, location);
      pieces = maybe ? [{ kind: 'expression', expression: or([conditionOfPieces(own, sight, step.location), before], location), location }] : [...own];
    } else pieces = isFirst ? [...own] : [...pieces, plainPiece(` ${word.toUpperCase()} `, step.location), ...own];
  }
  const own = pieces.length === 0 ? constant(true, location) : conditionOfPieces(pieces, sight, location);
  const options = place === undefined ? undefined : steps.findLast(({ step }) => step.method === 'setFindOptions');
  return options === undefined ? own : and([own, optionsCondition(options, sight, place!)].filter((each) => !isTrue(each)), location);
}

/** `setFindOptions({ where })`: its conditions are added to the others when the query is sent. */
function optionsCondition({ step: { args: [first], location }, maybe }: Steps[number], { ctx }: Sight, place: Place): Expression {
  const isKnown = first !== undefined && alternatives(first, ctx).every((each) => each.kind === 'object' || isNothing(each));
  const condition = isKnown ? filterOf(onAnyPath(first, 'where', ctx), { place, name: 'where', location, ctx, dialect }) : hole('options that are not known', location);
  return maybe && !isTrue(condition) ? or([condition, leftOut(`${location.file}:${location.start}`, location)], location) : condition;
}

function termPieces(step: Step, maybe: boolean, sight: Sight, place: Place | undefined): readonly SqlPiece[] {
  const { location } = step;
  const optional = (expression: Expression): Expression => (maybe && !isTrue(expression) ? or([expression, leftOut(`${location.file}:${location.start}`, location)], location) : expression);
  const [first] = step.args;
  const known = first && sight.ctx.read(first);
  if (/InIds$/i.test(step.method)) return [expression(optional(place && first ? idsCondition(first, place, location, sight.ctx) : hole('ids', location)), location)];
  if (known === undefined) return [expression(hole('a condition that is not given', location), location)];
  if (known.kind === 'object' || known.kind === 'list') {
    const condition = place ? filterOf(known, { place, name: 'where', location, ctx: sight.ctx, dialect }) : hole('a condition', location);
    return [expression(optional(condition), location)];
  }
  if (known.kind === 'library' && known.type === 'brackets') {
    const { builder, negated, known: isKnown } = known.data as { builder: LibraryValue; negated: boolean; known: boolean };
    const inner = isKnown ? whereOf(stepsOf(builder, sight.ctx), sight, place, location) : hole('conditions that are not known', location);
    return [expression(optional(negated ? not(inner, location) : inner), location)];
  }
  if (isBuilder(known)) {
    const query = selectQuery(known, sight.ctx, location);
    return [expression(typeof query === 'string' ? hole(query, location) : { kind: 'subquery', form: 'exists', query, location }, location)];
  }
  const pieces = conditionPieces(known, sight, location);
  return maybe ? [expression(optional(conditionOfPieces(pieces, sight, location)), location)] : pieces;
}

function expression(value: Expression, location: Location): SqlPiece {
  return { kind: 'expression', expression: value, location };
}

function idsCondition(ids: Value, place: Place, location: Location, ctx: Context): Expression {
  const key = place.model.constraints.find(({ kind }) => kind === 'primaryKey');
  const name = key?.kind === 'primaryKey' ? key.columns[0] : undefined;
  return name === undefined ? hole('ids', location) : { kind: 'quantified', operator: '=', quantifier: 'any', left: { kind: 'column', path: [place.alias, name], location }, right: ctx.expression(ids, location), location };
}

/** The SELECT of a builder, as a sub-query has it. */
export function selectQuery(builder: LibraryValue, ctx: Context, location: Location): SelectQuery | string {
  const built = builtOf(builder, ctx, location);
  if (typeof built === 'string') return built;
  const targets = selectedTargets(stepsOf(builder, ctx), built, location);
  const query = selectOf({ reading: built.root ?? plainReadingOf(built.from, location), where: built.where, limited: built.limited, location }, targets);
  return { ...query, from: [built.root?.from ?? built.from] };
}

function plainReadingOf(from: FromItem, location: Location): Reading {
  return readingOf({ name: { name: from.kind === 'table' ? from.name.name : 'derived' } } as Entity['model'], location);
}

function selectedTargets(steps: Steps, { sight }: Built, location: Location): SelectQuery['targets'] {
  const texts = steps.flatMap(({ step }): readonly { text: string; alias: string | undefined }[] => {
    if (step.method !== 'select' && step.method !== 'addSelect') return [];
    const alias = textOf(step.args[1], sight.ctx);
    return textsOf(step.args[0], sight.ctx).map((text) => ({ text, alias }));
  });
  return texts.map(({ text, alias }) => {
    const [first, property] = text.split('.') as [string, string | undefined];
    const place = sight.aliases.get(first);
    const column = place && property !== undefined ? propertyColumn(place.model, property) : undefined;
    const value: Expression = column !== undefined ? { kind: 'column', path: [place!.alias, column], location } : place && property === undefined ? { kind: 'star', path: [place.alias], location } : { kind: 'other', name: 'text', parts: [], location };
    return { expression: value, ...(alias !== undefined && { alias }) };
  });
}

/** INSERT, UPDATE or DELETE of a builder; undefined for a SELECT. */
export function writeQuery(builder: LibraryValue, ctx: Context, location: Location): readonly Query[] | string | undefined {
  const steps = stepsOf(builder, ctx);
  const kind = steps.findLast(({ step }) => ['insert', 'update', 'delete', 'softDelete', 'restore'].includes(step.method))?.step.method;
  if (kind === undefined) return undefined;
  const built = builtOf(builder, ctx, location);
  if (typeof built === 'string') return built;
  const { entity, root, where } = built;
  if (entity === undefined || root === undefined) return 'The entity of the builder is not known';
  const { alias } = root.place;
  const step = (name: string): Step | undefined => steps.findLast((each) => each.step.method === name)?.step;
  if (kind === 'delete') return [deleteOf(entity.model, alias, where, location)];
  if (kind === 'insert') {
    const rows = rowsOfValue(step('values')?.args[0], entity.model, 'create', ctx);
    const conflict = step('orUpdate')?.args[1] ?? step('onConflict')?.args[0];
    const columns = conflict && ctx.read(conflict).kind === 'list' ? itemsOf(conflict, ctx).flatMap((each) => textOf(each, ctx) ?? []) : textsOf(option(conflict, 'columns', ctx), ctx);
    const isIgnored = step('orIgnore') !== undefined;
    return [insertOf(entity.model, rows, location, step('orUpdate') || isIgnored ? {
      action: isIgnored ? 'nothing' : 'update', columns, set: isIgnored ? [] : rows.flatMap(({ assigned }) => assigned.filter((each) => !columns.includes(each.column))), location,
    } : undefined)];
  }
  const rows = rowsOfValue(kind === 'update' ? step('set')?.args[0] : undefined, entity.model, 'update', ctx);
  return rows.map((data) => updateOf(entity.model, alias, where, data, location));
}
