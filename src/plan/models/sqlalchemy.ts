import { entryOf } from '../../entry.js';
import type { ModelChange, ModelContext, ModelWriter, TextEdit } from './types.js';

const TYPES: Readonly<Record<string, readonly [annotation: string, column: string, module: string]>> = {
  uuid: ['uuid.UUID', 'UUID(as_uuid=True)', 'sqlalchemy.dialects.postgresql'], int8: ['int', 'BigInteger', 'sqlalchemy'], int4: ['int', 'Integer', 'sqlalchemy'], int2: ['int', 'SmallInteger', 'sqlalchemy'],
  text: ['str', 'Text', 'sqlalchemy'], varchar: ['str', 'String', 'sqlalchemy'],
};

/** The mapped column, in the style of the class: `Mapped[...]` with `mapped_column`, or `Column` (SQLAlchemy 2.0, Declarative). */
export const sqlalchemyModels: ModelWriter = (changes, context) => {
  const imports = new Imports(context);
  const edits: TextEdit[] = [];
  const byHand: string[] = [];
  for (const change of changes) {
    const { model, plan, field, uniques } = change;
    const written = plan.adds ? addition(change, context, imports) : requirement(change, context);
    if (written) edits.push(...written);
    else byHand.push(`${model.location.file}: ${plan.adds ? 'add' : 'make NOT NULL:'} ${field} of ${model.modelName}`);
    for (const { old } of uniques) byHand.push(`${model.location.file}: make the unique key over ${old.columns.join(', ')} of ${model.modelName} one over ${[plan.column, ...old.columns].join(', ')}`);
  }
  return { edits: [...edits, ...imports.edits()], byHand };
};

function addition({ model, plan, field, root, index }: ModelChange, context: ModelContext, imports: Imports): TextEdit[] | undefined {
  const { file, start, end } = model.location;
  const source = context.text(file) ?? '';
  const body = source.slice(start, end);
  const known = entryOf(TYPES, plan.type.name);
  const table = /^([ \t]+)__tablename__\s*(?::[^=\n]+)?=[^\n]*\n/m.exec(body);
  if (!known || !table) return undefined;
  const [annotation, type, module] = known;
  const prefix = /\b(\w+)\.(?:Column|mapped_column)\(/.exec(body)?.[1];
  const isMapped = /\bMapped\[|\bmapped_column\(/.test(body) || (!/\bColumn\(/.test(body) && /\bMapped\[/.test(source));
  const qualified = (name: string, from: string) => {
    if (prefix !== undefined) return `${prefix}.${name}`;
    imports.need(file, from, /^\w+/.exec(name)![0]);
    return name;
  };
  const action = plan.root && ['cascade', 'restrict'].includes(plan.root.onDelete) ? `, ondelete="${plan.root.onDelete.toUpperCase()}"` : '';
  const schema = root && plan.root && plan.root.table.schema !== 'public' ? `${plan.root.table.schema}.` : '';
  const reference = plan.root ? [`${qualified('ForeignKey', 'sqlalchemy')}("${schema}${plan.root.table.name}.${plan.root.key}"${action})`] : [];
  const name = field === plan.column ? [] : [`"${plan.column}"`];
  const options = [`nullable=${plan.staysNullable ? 'True' : 'False'}`, ...(index === undefined ? [] : ['index=True'])];
  const columnType = qualified(type, prefix === undefined ? module : 'sqlalchemy');
  const call = `${qualified(isMapped ? 'mapped_column' : 'Column', isMapped ? 'sqlalchemy.orm' : 'sqlalchemy')}(${[...name, columnType, ...reference, ...options].join(', ')})`;
  if (isMapped && prefix === undefined) imports.need(file, 'sqlalchemy.orm', 'Mapped');
  if (isMapped && annotation.startsWith('uuid.')) imports.needModule(file, 'uuid');
  const line = isMapped ? `${field}: Mapped[${plan.staysNullable ? `${annotation} | None` : annotation}] = ${call}` : `${field} = ${call}`;
  const at = start + table.index + table[0].length;
  const blank = source[at] === '\n' ? 1 : 0;
  return [{ file, start: at + blank, end: at + blank, text: `${table[1]!}${line}\n` }];
}

/** `nullable=True` and `Optional[...]` of the column's statement. */
function requirement({ model, plan }: ModelChange, context: ModelContext): TextEdit[] | undefined {
  const column = model.columns.find(({ name }) => name === plan.column);
  if (!column) return undefined;
  const { file, start, end } = column.location;
  const before = (context.text(file) ?? '').slice(start, end);
  const plain = before.replace(/\bMapped\[\s*(?:\w+\.)?Optional\[([^\]]+(?:\[[^\]]*\])?)\]\s*\]/, 'Mapped[$1]').replace(/\bMapped\[([^\]|]+?)\s*\|\s*None\]/, 'Mapped[$1]');
  const after = /\bnullable\s*=\s*True\b/.test(plain) ? plain.replace(/\bnullable(\s*)=(\s*)True\b/, 'nullable$1=$2False')
    : /\bnullable\s*=/.test(plain) || (plain !== before) ? plain : plain.replace(/\)(\s*)$/, ', nullable=False)$1');
  return after === before ? undefined : [{ file, start, end, text: after }];
}

/** Names that the new lines use and the files do not import yet. */
class Imports {
  private readonly wanted = new Map<string, Map<string, Set<string>>>();
  private readonly modules = new Map<string, Set<string>>();

  constructor(private readonly context: ModelContext) {}

  need(file: string, module: string, name: string): void {
    if (importsOf(this.context.text(file) ?? '').some(({ names }) => names.includes(name))) return;
    const own = this.wanted.get(file) ?? new Map<string, Set<string>>();
    this.wanted.set(file, own.set(module, (own.get(module) ?? new Set()).add(name)));
  }

  needModule(file: string, module: string): void {
    if (!new RegExp(`^import ${module}\\b`, 'm').test(this.context.text(file) ?? '')) this.modules.set(file, (this.modules.get(file) ?? new Set()).add(module));
  }

  edits(): TextEdit[] {
    const own = [...this.wanted].flatMap(([file, modules]) => [...modules].map(([module, names]) => this.edit(file, module, [...names])));
    const whole = [...this.modules].flatMap(([file, modules]) => [...modules].map((module) => this.line(file, `import ${module}\n`)));
    return [...own, ...whole];
  }

  private edit(file: string, module: string, names: readonly string[]): TextEdit {
    const found = importsOf(this.context.text(file) ?? '').find((each) => each.module === module);
    if (!found) return this.line(file, `from ${module} import ${names.join(', ')}\n`);
    return { file, start: found.end, end: found.end, text: `, ${names.join(', ')}` };
  }

  private line(file: string, text: string): TextEdit {
    const at = /^(?:from|import)\b/m.exec(this.context.text(file) ?? '')?.index ?? 0;
    // `from __future__` stays first.
    const source = this.context.text(file) ?? '';
    const future = /^from __future__[^\n]*\n/m.exec(source);
    const start = future && future.index === at ? at + future[0].length : at;
    return { file, start, end: start, text };
  }
}

/** `from x import a, b` and its form in parentheses: the names, and where the last one ends. */
function importsOf(source: string): { module: string; names: readonly string[]; end: number }[] {
  return [...source.matchAll(/^from (\S+) import (?:\(([^)]*)\)|([^\n(\\]+))/gm)].map((match) => {
    const list = (match[2] ?? match[3]!).replace(/#[^\n]*/g, (comment) => ' '.repeat(comment.length)).trimEnd().replace(/,$/, '');
    const at = match.index + match[0].indexOf(match[2] ?? match[3]!);
    return { module: match[1]!, names: list.split(',').map((name) => name.split(/\sas\s/).at(-1)!.trim()), end: at + list.length };
  });
}

