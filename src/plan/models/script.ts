import { posix } from 'node:path';
import { Node, Project, type ImportDeclaration, type ObjectLiteralExpression, type SourceFile } from 'ts-morph';
import type { Location } from '../../facts/location.js';
import type { ModelContext, TextEdit } from './types.js';

/** The TypeScript files of a project's models, and the edits they get. */
export class Scripts {
  private readonly project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true, compilerOptions: { allowJs: true } });
  private readonly files = new Map<string, SourceFile>();
  private readonly wanted = new Map<string, Set<string>>();
  readonly edits: TextEdit[] = [];

  constructor(private readonly context: ModelContext) {}

  file(path: string): SourceFile {
    let file = this.files.get(path);
    if (!file) this.files.set(path, file = this.project.createSourceFile(`/${path}`, this.context.text(path) ?? ''));
    return file;
  }

  /** The node of a kind that stands at a place. */
  at<T extends Node>({ file, start }: Location, is: (node: Node) => node is T): T | undefined {
    return this.file(file).getDescendantAtPos(start)?.getFirstAncestor((node): node is T => is(node) && node.getStart() <= start) as T | undefined;
  }

  insert(file: string, at: number, text: string): void {
    this.edits.push({ file, start: at, end: at, text });
  }

  replace(file: string, start: number, end: number, text: string): void {
    this.edits.push({ file, start, end, text });
  }

  /** Puts an entry at the end of a list in braces or brackets, on a line of its own where the others have one. */
  append(file: string, list: Node, entries: readonly Node[], text: string): void {
    const source = this.file(file).getFullText();
    const last = entries.at(-1);
    if (!last) return this.insert(file, list.getStart() + 1, Node.isArrayLiteralExpression(list) ? text : ` ${text} `);
    const comma = /^\s*,/.exec(source.slice(last.getEnd()))?.[0];
    const ownLine = source.slice(list.getStart(), last.getStart()).includes('\n');
    const indent = ownLine ? `\n${/(?<![ \t])[ \t]*$/.exec(source.slice(0, last.getStart()))![0]}` : ' ';
    this.insert(file, last.getEnd() + (comma?.length ?? 0), comma === undefined ? `,${indent}${text}` : `${indent}${text}${ownLine ? ',' : ''}`);
  }

  /** Makes sure that names of a package are imported where they are used; each is added once. */
  importNames(file: string, module: string, names: readonly string[]): boolean {
    const declaration = this.file(file).getImportDeclarations().find((each) => each.getModuleSpecifierValue() === module && !each.isTypeOnly() && each.getNamedImports().length > 0);
    const missing = names.filter((name) => !this.has(file, name));
    if (missing.length === 0) return true;
    for (const name of missing) this.wanted.set(file, (this.wanted.get(file) ?? new Set()).add(name));
    if (!declaration) {
      this.addImport(file, `import { ${missing.join(', ')} } from ${this.quote(file, module)};`);
      return true;
    }
    for (const name of missing) this.append(file, declaration.getImportClauseOrThrow().getNamedBindingsOrThrow(), declaration.getNamedImports(), name);
    return true;
  }

  /** The name of something that another file of the project exports, imported from there where it is not yet. */
  importFrom(file: string, other: string, name: string): void {
    if (file === other || this.has(file, name)) return;
    this.wanted.set(file, (this.wanted.get(file) ?? new Set()).add(name));
    const relative = posix.relative(posix.dirname(file), other).replace(/\.[cm]?tsx?$/, '');
    const extension = this.file(file).getImportDeclarations().map((each) => /^\.{1,2}\/.*(\.js|\.ts)$/.exec(each.getModuleSpecifierValue())?.[1]).find((each) => each !== undefined) ?? '';
    this.addImport(file, `import { ${name} } from ${this.quote(file, `${relative.startsWith('.') ? relative : `./${relative}`}${extension}`)};`);
  }

  private addImport(file: string, line: string): void {
    const last: ImportDeclaration | undefined = this.file(file).getImportDeclarations().at(-1);
    if (last) this.insert(file, last.getEnd(), `\n${line}`);
    else this.insert(file, 0, `${line}\n`);
  }

  /** Imported or declared at the top of the file, or about to be. */
  private has(file: string, name: string): boolean {
    const source = this.file(file);
    return this.wanted.get(file)?.has(name) === true || source.getImportDeclarations().some((each) => each.getNamedImports().some((named) => (named.getAliasNode()?.getText() ?? named.getName()) === name))
      || source.getVariableDeclaration(name) !== undefined || source.getClass(name) !== undefined;
  }

  private quote(file: string, text: string): string {
    return this.file(file).getImportDeclarations()[0]?.getModuleSpecifier().getText().startsWith('"') ? `"${text}"` : `'${text}'`;
  }
}

/** The value of a property of an object literal. */
export function propertyValue(object: ObjectLiteralExpression | undefined, name: string): Node | undefined {
  const property = object?.getProperty(name);
  return Node.isPropertyAssignment(property) ? property.getInitializer() : undefined;
}
