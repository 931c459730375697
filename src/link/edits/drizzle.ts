import type { CodeCall, CodeExpression, CodeModule, LogicalOperator } from '../../facts/code.js';
import { insertion, type Fix, type TextEdit } from '../../facts/edit.js';
import type { ModelTable } from '../../facts/schema.js';
import { chainOf, type Link } from './place.js';
import type { Aim } from './types.js';

type Known = Pick<Aim, 'models' | 'table' | 'namesOf'>;

const PACKAGE = 'drizzle-orm';
const TABLES: ReadonlySet<string> = new Set(['from', 'update', 'delete', 'innerJoin']);

/** The tenant as a further condition of a Drizzle query builder's `where`. */
export function drizzleEdit(aim: Aim): Fix | undefined {
  const { links } = chainOf(aim.call);
  const object = tableObject(links, aim);
  const field = object && fieldOf(object, aim.value.column, aim);
  if (object === undefined || field === undefined) return undefined;
  const condition = (names: Names) => `${names.of('eq')}(${object}.${field}, ${aim.value.name})`;
  const names = new Names(aim.module);
  const wheres = links.filter(({ name }) => name === 'where');
  const edits = wheres.length === 0 ? [insertion(aim.file, lastTable(links)!.call.location.end, `.where(${condition(names)})`)]
    : wheres.length === 1 ? joined(wheres[0]!.call, condition(names), names, aim.file) : undefined;
  return edits && { description: `Compare ${object}.${field} with ${aim.value.name}.`, edits: [...names.imports(aim.file), ...edits] };
}

/** `where(a && b)` as `where(and(a, b))`, where one of them is about the tenant: JavaScript's operator keeps the last alone. */
export function drizzleAnd({ call, module, ...known }: Omit<Aim, 'value'>): Fix | undefined {
  const { links } = chainOf(call);
  const [condition] = links.find(({ name }) => name === 'where')?.call.arguments ?? [];
  if (condition?.value.kind !== 'logical' || condition.value.operator !== 'and') return undefined;
  const operands = operandsOf(condition.value);
  const isBuilt = (each: CodeExpression) => each.kind === 'call' && each.callee.kind === 'name' && importedAs(module, each.callee.name);
  const object = tableObject(links, known);
  const fields = known.table.tenantColumns.flatMap(({ name }) => (object === undefined ? [] : fieldOf(object, name, known) ?? []));
  const isTenant = (each: CodeExpression) => each.kind === 'call' && each.arguments.some(({ value }) => value.kind === 'member' && value.object.kind === 'name' && value.object.name === object && fields.includes(value.property));
  if (!operands.every(isBuilt) || !operands.some(isTenant)) return undefined;
  const { file } = module;
  const names = new Names(module);
  const between = operands.slice(1).map((operand, index): TextEdit => ({ location: { file, start: operands[index]!.location.end, end: operand.location.start }, replaces: /^\s*&&(\s*)$/, text: ',$1' }));
  const edits = [insertion(file, operands[0]!.location.start, `${names.of('and')}(`), ...between, insertion(file, operands.at(-1)!.location.end, ')')];
  return { description: 'Join the conditions by and(): && keeps the last alone.', edits: [...names.imports(file), ...edits] };
}

function operandsOf(expression: CodeExpression): CodeExpression[] {
  const { kind, operator, left, right } = expression as LogicalOperator;
  return kind === 'logical' && operator === 'and' ? [...operandsOf(left), ...operandsOf(right)] : [expression];
}

/** The condition and what is there already. */
function joined({ arguments: [argument, ...more] }: CodeCall, condition: string, names: Names, file: string): TextEdit[] | undefined {
  if (argument === undefined || more.length > 0 || argument.spread !== undefined || argument.value.kind === 'logical') return undefined;
  const { value } = argument;
  const last = value.kind === 'call' && value.callee.kind === 'name' && importedAs(names.module, value.callee.name) === 'and' ? value.arguments.at(-1) : undefined;
  if (last !== undefined && last.spread === undefined) return [insertion(file, last.value.location.end, `, ${condition}`)];
  return [insertion(file, value.location.start, `${names.of('and')}(`), insertion(file, value.location.end, `, ${condition})`)];
}

/** The object of the table in the query. */
function tableObject(links: readonly Link[], { models, table, namesOf }: Known): string | undefined {
  const known = modelsOf({ models, table }).flatMap(namesOf);
  const named = links.flatMap(({ name, call: { arguments: [argument] } }) => (TABLES.has(name) && argument?.value.kind === 'name' ? [argument.value.name] : []));
  return named.find((name) => known.includes(name));
}

function modelsOf({ models, table: { table } }: Pick<Aim, 'models' | 'table'>): readonly ModelTable[] {
  return models.filter(({ orm, name }) => orm === 'drizzle' && name.name === table.name && (name.schema ?? 'public') === table.schema);
}

function fieldOf(object: string, column: string, { models, table, namesOf }: Known): string | undefined {
  const fields = modelsOf({ models, table }).find((model) => namesOf(model).includes(object))?.fields ?? {};
  return Object.keys(fields).find((key) => fields[key] === column);
}

function lastTable(links: readonly Link[]): Link | undefined {
  return links.findLast(({ name }) => TABLES.has(name) || name === 'set' || /join$/i.test(name));
}

/** What an imported name is in drizzle-orm. */
function importedAs({ body }: CodeModule, local: string): string | undefined {
  return body.flatMap((each) => (each.kind === 'import' && each.module === PACKAGE ? each.bindings : [])).find((each) => each.local === local)?.imported;
}

/** The functions of drizzle-orm as a file calls them; those it does not import yet are imported. */
class Names {
  private readonly missing = new Set<string>();

  constructor(readonly module: CodeModule) {}

  of(name: string): string {
    const known = this.statements().flatMap(({ bindings }) => bindings).find(({ imported }) => imported === name);
    if (known === undefined) this.missing.add(name);
    return known?.local ?? name;
  }

  imports(file: string): TextEdit[] {
    if (this.missing.size === 0) return [];
    const names = [...this.missing].sort().join(', ');
    const last = this.statements().flatMap(({ bindings }) => bindings).filter(({ imported }) => imported !== '*' && imported !== 'default').at(-1);
    if (last !== undefined) return [insertion(file, last.location.end, `, ${names}`)];
    const first = this.module.body.find(({ kind }) => kind === 'import');
    return [insertion(file, first?.location.start ?? 0, `import { ${names} } from '${PACKAGE}';\n`)];
  }

  private statements() {
    return this.module.body.flatMap((each) => (each.kind === 'import' && each.module === PACKAGE && each.typeOnly !== true ? [each] : []));
  }
}
