import type { ClassField, CodeFunction } from '../../../../facts/code.js';
import type { Location } from '../../../../facts/location.js';
import { hasDecorator } from '../../classes.js';
import type { Context } from '../../library.js';
import type { Scope } from '../../scope.js';
import type { ClassValue, Value } from '../../values.js';
import type { Annotated, TypeMap } from './annotations.js';
import { readAnnotation } from './annotations.js';
import type { ColumnData } from './data.js';
import { dataOf, make } from './data.js';
import { scopeWith } from './evaluate.js';
import type { RelationshipData } from './relationships.js';
import { relationshipData } from './relationships.js';

/** An attribute of a mapped class, or of one that mapped classes are made from. */
export type Attribute =
  | { readonly kind: 'column'; readonly name: string; readonly data: ColumnData; readonly annotation?: Annotated }
  | { readonly kind: 'relationship'; readonly name: string; readonly data: RelationshipData; readonly annotation?: Annotated; readonly location: Location }
  /** `__tablename__`, `__table_args__`, `__abstract__`, `metadata`, ... */
  | { readonly kind: 'other'; readonly name: string; readonly value: Value };

/** What a class's own body declares. `owner`: the class it is read for (`cls` of a declared_attr); `plain`: annotations without a value are columns too (SQLModel). */
export function attributesOf(value: ClassValue, owner: ClassValue, map: TypeMap, plain: boolean, ctx: Context): Attribute[] {
  const names = new Map<string, Value>();
  const found: Attribute[] = [];
  for (const field of value.class.fields) {
    const scope = scopeWith(ctx, value.scope, names);
    const attribute = fieldAttribute(field, scope, map, plain, ctx);
    if (!attribute) continue;
    found.push(attribute);
    if (attribute.kind === 'column') names.set(field.name, make('column', { ...attribute.data, name: attribute.data.name ?? field.name }));
    else if (attribute.kind === 'other') names.set(field.name, attribute.value);
  }
  for (const method of value.class.methods) {
    const attribute = declaredAttribute(method, value, owner, map, ctx);
    if (attribute) found.push(attribute);
  }
  return found;
}

function fieldAttribute(field: ClassField, scope: Scope, map: TypeMap, plain: boolean, ctx: Context): Attribute | undefined {
  const annotation = field.type && readAnnotation(field.type, scope, map, ctx);
  const decorated = field.decorators.map((each) => dataOf(ctx.evaluate(each, scope), 'column', ctx)).find((each) => each !== undefined);
  if (field.value === undefined) {
    const data = decorated ?? annotation?.column;
    if (!annotation?.mapped && !(plain && annotation) && !decorated) return undefined;
    return { kind: 'column', name: field.name, data: data ? { ...data, location: field.location } : bareColumn(field.location), ...(annotation && { annotation }) };
  }
  const value = ctx.evaluate(field.value, scope);
  const attribute = attributeOf(field.name, value, field.location, annotation, ctx);
  if (attribute.kind !== 'other' || !annotation || !(annotation.mapped || plain) || field.name.startsWith(plain ? '_' : '__') || field.name === 'model_config') return attribute;
  // SQLModel: `name: str = "x"`, whose value is a default of the program.
  const column = bareColumn(field.location);
  return { kind: 'column', name: field.name, data: decorated ?? { ...column, clientDefault: true }, annotation };
}

/** What a value makes of an attribute. */
function attributeOf(name: string, value: Value, location: Location, annotation: Annotated | undefined, ctx: Context): Attribute {
  const data = dataOf(value, 'column', ctx);
  if (data) return { kind: 'column', name, data: { ...(annotation?.column ? merged(annotation.column, data) : data), location }, ...(annotation && { annotation }) };
  const relationship = relationshipData(value, ctx);
  return relationship ? { kind: 'relationship', name, data: relationship, ...(annotation && { annotation }), location } : { kind: 'other', name, value };
}

/** What mapped_column() says itself wins over what the annotated type brings along. */
function merged(base: ColumnData, own: ColumnData): ColumnData {
  return { ...base, ...own, primaryKey: base.primaryKey || own.primaryKey, foreignKeys: [...base.foreignKeys, ...own.foreignKeys], clientDefault: base.clientDefault || own.clientDefault };
}

function bareColumn(location: Location): ColumnData {
  return { primaryKey: false, clientDefault: false, foreignKeys: [], checks: [], mapped: true, location };
}

/** `@declared_attr def x(cls)`: evaluated for each class. */
function declaredAttribute(method: CodeFunction, value: ClassValue, owner: ClassValue, map: TypeMap, ctx: Context): Attribute | undefined {
  const isDeclared = hasDecorator(method, 'declared_attr') || hasDecorator(method, 'directive') || hasDecorator(method, 'cascading');
  if (!isDeclared || method.name === undefined) return undefined;
  const result = ctx.invoke({ kind: 'function', function: method, scope: value.scope, self: owner }, [], method.location);
  const annotation = method.returns && readAnnotation(method.returns, value.scope, map, ctx);
  return attributeOf(method.name, result, method.location, annotation, ctx);
}
