import { Node, type CallExpression, type ObjectLiteralExpression } from 'ts-morph';
import type { SqlType } from '../../facts/expression.js';
import type { ReferentialAction } from '../../facts/schema.js';
import { Scripts, propertyValue } from './script.js';
import type { ModelChange, ModelWriter } from './types.js';

const PACKAGE = 'drizzle-orm/pg-core';
const ACTIONS: Readonly<Record<ReferentialAction, string>> = { noAction: 'no action', restrict: 'restrict', cascade: 'cascade', setNull: 'set null', setDefault: 'set default' };

/** The column in the table's object, indexes and unique keys in its third argument (Drizzle documentation, Indexes & Constraints). */
export const drizzleModels: ModelWriter = (changes, context) => {
  const scripts = new Scripts(context);
  const byHand = changes.flatMap((change) => {
    const call = scripts.at(change.model.location, Node.isCallExpression);
    const columns = call?.getArguments()[1];
    if (!call || !Node.isObjectLiteralExpression(columns)) return [`${change.model.location.file}: add ${change.field} to ${change.model.name.name}`];
    return new Change(scripts, change, call, columns).write();
  });
  return { edits: scripts.edits, byHand };
};

class Change {
  private readonly file: string;

  constructor(private readonly scripts: Scripts, private readonly change: ModelChange, private readonly call: CallExpression, private readonly columns: ObjectLiteralExpression) {
    this.file = change.model.location.file;
  }

  /** @returns what is left to be done by hand */
  write(): string[] {
    const { plan, field, index, uniques } = this.change;
    const byHand: string[] = [];
    if (plan.adds) this.addColumn();
    else this.requireColumn();
    const keys = index === undefined ? [] : [{ builder: 'index', name: index, fields: [field] }];
    for (const { old, name } of uniques) {
      const fields = old.columns.map((column) => this.fieldOf(column));
      const renamed = this.renameKey(old.name, name);
      if (!renamed && !this.dropInline(fields)) byHand.push(`${this.file}: make the unique key over ${fields.join(', ')} of ${this.change.model.name.name} one over ${[field, ...fields].join(', ')}`);
      else if (!renamed) keys.push({ builder: old.kind === 'index' ? 'uniqueIndex' : 'unique', name, fields: [field, ...fields] });
    }
    if (keys.length > 0 && !this.addKeys(keys)) byHand.push(`${this.file}: declare ${keys.map(({ name }) => name).join(', ')} on ${this.change.model.name.name}`);
    return byHand;
  }

  private addColumn(): void {
    const { plan, field, root } = this.change;
    const [builder, options] = builderOf(plan.type);
    const own = `'${plan.column}'`;
    const reference = root && plan.root ? this.reference() : '';
    this.scripts.importNames(this.file, PACKAGE, [builder]);
    this.scripts.append(this.file, this.columns, this.columns.getProperties(), `${field}: ${builder}(${options === undefined ? own : `${own}, ${options}`})${plan.staysNullable ? '' : '.notNull()'}${reference}`);
  }

  private reference(): string {
    const { root, plan } = this.change;
    const declaration = this.scripts.at(root!.location, Node.isVariableDeclaration);
    const name = declaration?.getName();
    if (name === undefined) return '';
    this.scripts.importFrom(this.file, root!.location.file, name);
    const key = Object.entries(root!.fields).find(([, column]) => column === plan.root!.key)?.[0] ?? plan.root!.key;
    return `.references(() => ${name}.${key}${plan.root!.onDelete === 'noAction' ? '' : `, { onDelete: '${ACTIONS[plan.root!.onDelete]}' }`})`;
  }

  private requireColumn(): void {
    const column = this.change.model.columns.find(({ name }) => name === this.change.plan.column);
    if (column) this.scripts.insert(column.location.file, column.location.end, '.notNull()');
  }

  /** A named key in the third argument gets the tenant column as its first, and its new name. */
  private renameKey(old: string, name: string): boolean {
    const literal = this.call.getArguments()[2]?.getDescendants().find((node) => Node.isStringLiteral(node) && node.getLiteralValue() === old);
    const on = literal?.getAncestors().find((node): node is CallExpression => Node.isCallExpression(node) && /\.on$/.test(node.getExpression().getText()));
    const first = on?.getArguments()[0];
    if (!literal || !first) return false;
    const table = /^(\w+)\./.exec(first.getText())?.[1] ?? 't';
    this.scripts.replace(this.file, literal.getStart() + 1, literal.getEnd() - 1, name);
    this.scripts.insert(this.file, first.getStart(), `${table}.${this.change.field}, `);
    return true;
  }

  /** `.unique()` of a column. */
  private dropInline([field, ...more]: readonly string[]): boolean {
    const value = field === undefined || more.length > 0 ? undefined : propertyValue(this.columns, field);
    const unique = value?.getDescendants().concat(value).find((node): node is CallExpression => Node.isCallExpression(node) && /\.unique$/.test(node.getExpression().getText()));
    const access = unique?.getExpression();
    if (!unique || !Node.isPropertyAccessExpression(access)) return false;
    this.scripts.replace(this.file, access.getExpression().getEnd(), unique.getEnd(), '');
    return true;
  }

  private addKeys(keys: readonly { builder: string; name: string; fields: readonly string[] }[]): boolean {
    const third = this.call.getArguments()[2];
    if (third && !Node.isArrowFunction(third)) return false;
    this.scripts.importNames(this.file, PACKAGE, keys.map(({ builder }) => builder));
    const table = third?.getParameters()[0]?.getName() ?? 't';
    const texts = keys.map(({ builder, name, fields }) => `${builder}('${name}').on(${fields.map((field) => `${table}.${field}`).join(', ')})`);
    if (!third) {
      this.scripts.insert(this.file, this.columns.getEnd(), `, (${table}) => [${texts.join(', ')}]`);
      return true;
    }
    const body = third.getBody();
    const value = Node.isBlock(body) ? body.getStatements().find(Node.isReturnStatement)?.getExpression() : body;
    const list = Node.isParenthesizedExpression(value) ? value.getExpression() : value;
    if (third.getParameters().length === 0) return false;
    if (Node.isArrayLiteralExpression(list)) this.scripts.append(this.file, list, list.getElements(), texts.join(', '));
    else if (Node.isObjectLiteralExpression(list)) this.scripts.append(this.file, list, list.getProperties(), texts.map((text, index) => `${keys[index]!.fields.join('_')}_${keys[index]!.builder}: ${text}`).join(', '));
    else return false;
    return true;
  }

  private fieldOf(column: string): string {
    return Object.entries(this.change.model.fields).find(([, name]) => name === column)?.[0] ?? column;
  }
}

function builderOf({ name, modifiers }: SqlType): [builder: string, options?: string] {
  switch (name) {
    case 'int8': return ['bigint', "{ mode: 'number' }"];
    case 'int4': return ['integer'];
    case 'int2': return ['smallint'];
    case 'varchar': return modifiers.length > 0 ? ['varchar', `{ length: ${modifiers[0]!} }`] : ['varchar'];
    default: return [name];
  }
}
