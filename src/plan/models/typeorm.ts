import { Node, SyntaxKind, type ClassDeclaration, type ObjectLiteralExpression, type PropertyDeclaration } from 'ts-morph';
import { sqlType } from '../sql.js';
import { Scripts, propertyValue } from './script.js';
import type { ModelChange, ModelWriter } from './types.js';

const ACTIONS: Readonly<Record<string, string>> = { cascade: 'CASCADE', restrict: 'RESTRICT' };

/** `@Column`, `@ManyToOne` with `@JoinColumn`, and `@Index` of the class (TypeORM documentation, Entities). */
export const typeormModels: ModelWriter = (changes, context) => {
  const scripts = new Scripts(context);
  const byHand = changes.flatMap((change) => {
    const entity = scripts.at(change.model.location, Node.isClassDeclaration);
    return entity ? new Change(scripts, change, entity).write() : [`${change.model.location.file}: add ${change.field} to ${change.model.modelName}`];
  });
  return { edits: scripts.edits, byHand };
};

class Change {
  private readonly file: string;

  constructor(private readonly scripts: Scripts, private readonly change: ModelChange, private readonly entity: ClassDeclaration) {
    this.file = change.model.location.file;
  }

  /** @returns what is left to be done by hand */
  write(): string[] {
    const { plan, field, index, uniques, model } = this.change;
    const byHand: string[] = [];
    const decorators: string[] = [];
    if (plan.adds) this.addColumn();
    else if (!this.requireColumn()) byHand.push(`${this.file}: make ${field} of ${model.modelName} not nullable`);
    if (index !== undefined) decorators.push(`@Index('${index}', ['${field}'])`);
    for (const { old, name } of uniques) {
      const fields = old.columns.map((column) => Object.entries(model.fields).find(([, each]) => each === column)?.[0] ?? column);
      if (this.dropInline(fields)) decorators.push(`@Unique('${name}', [${[field, ...fields].map((each) => `'${each}'`).join(', ')}])`);
      else byHand.push(`${this.file}: make the unique key over ${fields.join(', ')} of ${model.modelName} one over ${[field, ...fields].join(', ')}`);
    }
    this.scripts.importNames(this.file, 'typeorm', decorators.map((text) => /^@(\w+)/.exec(text)![1]!));
    if (decorators.length > 0) this.scripts.insert(this.file, this.entity.getStart(), decorators.map((text) => `${text}\n`).join(''));
    return byHand;
  }

  private addColumn(): void {
    const { plan, field, root } = this.change;
    const sign = /!:/.test(this.entity.getText()) ? '!' : '';
    const nullable = plan.staysNullable ? ', nullable: true' : '';
    const name = field === plan.column ? '' : `name: '${plan.column}', `;
    const type = ['int2', 'int4'].includes(plan.type.name) ? 'number' : 'string';
    const lines = [`@Column({ ${name}type: '${sqlType(plan.type)}'${nullable} })`, `${field}${sign}: ${type}${plan.staysNullable ? ' | null' : ''};`];
    const names = ['Column'];
    if (root && plan.root) {
      const relation = root.modelName.slice(0, 1).toLowerCase() + root.modelName.slice(1);
      const action = ACTIONS[plan.root.onDelete];
      lines.push('', `@ManyToOne(() => ${root.modelName}, { nullable: ${plan.staysNullable}${action === undefined ? '' : `, onDelete: '${action}'`} })`, `@JoinColumn({ name: '${plan.column}' })`,
        `${this.entity.getProperty(relation) ? `${relation}Ref` : relation}${sign}: ${root.modelName};`);
      names.push('ManyToOne', 'JoinColumn');
      this.scripts.importFrom(this.file, root.location.file, root.modelName);
    }
    this.scripts.importNames(this.file, 'typeorm', names);
    const key = this.entity.getProperties().find((each) => each.getDecorators().some((decorator) => /^Primary/.test(decorator.getName())));
    const text = lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
    if (key) this.scripts.insert(this.file, key.getEnd(), `\n\n${text}`);
    else this.scripts.insert(this.file, this.entity.getFirstChildByKindOrThrow(SyntaxKind.OpenBraceToken).getEnd(), `\n${text}\n`);
  }

  private requireColumn(): boolean {
    const property = this.entity.getProperty(this.change.field);
    const nullable = property && propertyValue(optionsOf(property), 'nullable');
    if (!property || nullable?.getText() !== 'true') return false;
    this.scripts.replace(this.file, nullable.getStart(), nullable.getEnd(), 'false');
    const type = property.getTypeNode();
    if (type && /\|\s*null\b/.test(type.getText())) this.scripts.replace(this.file, type.getStart(), type.getEnd(), type.getText().replace(/(?<!\s)\s*\|\s*null\b/, ''));
    return true;
  }

  /** `unique: true` of a column. */
  private dropInline([field, ...more]: readonly string[]): boolean {
    const property = field === undefined || more.length > 0 ? undefined : this.entity.getProperty(field);
    const options = property && optionsOf(property);
    const unique = options?.getProperty('unique');
    if (!options || !unique) return false;
    const rest = options.getProperties().filter((each) => each !== unique).map((each) => each.getText());
    this.scripts.replace(this.file, options.getStart(), options.getEnd(), rest.length > 0 ? `{ ${rest.join(', ')} }` : '');
    return true;
  }
}

function optionsOf(property: PropertyDeclaration): ObjectLiteralExpression | undefined {
  const column = property.getDecorators().find((each) => each.getName() === 'Column');
  return column?.getArguments().find(Node.isObjectLiteralExpression);
}
