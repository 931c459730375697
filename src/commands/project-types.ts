import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { jsonOf } from '../config/json.js';
import type * as Morph from 'ts-morph';
import type { Node, Project, SourceFile, Type } from 'ts-morph';
import type { Location, Notice } from '../facts/location.js';
import { modules } from '../import.js';
import type { PackageType, TypeProvider } from '../link/code/type-provider.js';

/** What a compiler knows of a project, and what it could not read. */
export interface CompilerAnswers {
  readonly types: TypeProvider;
  readonly notices: readonly Notice[];
}

/** Exports of a package that are looked at for a client among them. */
const MOST_EXPORTS = 300;

/**
 * The types of a project, for `--types`: those of its own tsconfig.json and of what is installed in node_modules.
 * The compiler is loaded here only: it is large, and slow beside everything else.
 * @param root absolute
 * @param text the text of a file as it is checked; undefined when there is none
 */
export async function projectTypes(root: string, text: (file: string) => string | undefined): Promise<CompilerAnswers> {
  const morph = await modules.import('ts-morph') as typeof Morph;
  return { types: new ProjectTypes(root, text, (tsConfigFilePath) => new morph.Project({
    ...(tsConfigFilePath === undefined ? { compilerOptions: { allowJs: true, strict: true } } : { tsConfigFilePath }),
    skipAddingFilesFromTsConfig: true, skipFileDependencyResolution: true,
  })), notices: missingPackages(root) };
}

/** Says what package.json asks for and is not installed: of its types nothing is known. */
function missingPackages(root: string): Notice[] {
  const path = join(root, 'package.json');
  if (!existsSync(path)) return [];
  const json = jsonOf(readFileSync(path, 'utf8')) as { dependencies?: object; devDependencies?: object } | undefined;
  const names = [...Object.keys(json?.dependencies ?? {}), ...Object.keys(json?.devDependencies ?? {})];
  const missing = names.filter((name) => !isInstalled(root, name));
  if (missing.length === 0) return [];
  const some = missing.length > 3 ? `${missing.slice(0, 3).join(', ')} and ${missing.length - 3} more` : missing.join(', ');
  return [{ location: { file: 'package.json', start: 0, end: 0 }, reason: `--types: ${some} ${missing.length === 1 ? 'is' : 'are'} not installed, so their types are not known; install the dependencies first` }];
}

function isInstalled(folder: string, name: string): boolean {
  return existsSync(join(folder, 'node_modules', name)) || (dirname(folder) !== folder && isInstalled(dirname(folder), name));
}

class ProjectTypes implements TypeProvider {
  private readonly projects = new Map<string, Project>();
  private readonly files = new Map<string, SourceFile | undefined>();
  private readonly known = new Map<string, Type | undefined>();
  private readonly leading = new Map<string, boolean>();

  constructor(private readonly root: string, private readonly text: (file: string) => string | undefined, private readonly make: (tsconfig: string | undefined) => Project) {}

  typeAt(location: Location): PackageType | undefined {
    const type = this.typeOf(location);
    return type && packageType(type);
  }

  mayBeUndefined(location: Location): boolean {
    const type = this.typeOf(location);
    if (type === undefined || this.fileOf(location.file)?.getProject().getCompilerOptions().strict !== true) return false;
    return type.isUndefined() || type.getUnionTypes().some((part) => part.isUndefined());
  }

  leads(file: string, module: string, isLibrary: (module: string) => boolean): boolean {
    const known = this.leading.get(module);
    if (known !== undefined) return known;
    const source = this.fileOf(file);
    const target = source?.getImportDeclaration((each) => each.getModuleSpecifierValue() === module)?.getModuleSpecifierSourceFile();
    const exported = [...target?.getExportedDeclarations().values() ?? []].flat().slice(0, MOST_EXPORTS);
    const found = exported.some((node) => typesGiven(node).some((type) => {
      const declared = packageType(type);
      return declared !== undefined && isLibrary(declared.module);
    }));
    this.leading.set(module, found);
    return found;
  }

  private typeOf(location: Location): Type | undefined {
    const key = `${location.file}:${location.start}:${location.end}`;
    if (!this.known.has(key)) this.known.set(key, this.fileOf(location.file)?.getDescendantAtStartWithWidth(location.start, location.end - location.start)?.getType());
    return this.known.get(key);
  }

  private fileOf(file: string): SourceFile | undefined {
    if (!this.files.has(file)) this.files.set(file, /\.[cm]?[jt]sx?$/.test(file) ? this.added(file) : undefined);
    return this.files.get(file);
  }

  private added(file: string): SourceFile | undefined {
    const text = this.text(file);
    if (text === undefined) return undefined;
    const config = this.configOf(posix.dirname(file));
    let project = this.projects.get(config ?? '');
    if (project === undefined) this.projects.set(config ?? '', project = this.make(config));
    return project.createSourceFile(join(this.root, file), text, { overwrite: true });
  }

  /** The nearest tsconfig.json upwards, within the project. */
  private configOf(folder: string): string | undefined {
    const path = join(this.root, folder, 'tsconfig.json');
    if (existsSync(path)) return path;
    return folder === '.' || folder === '' || folder.startsWith('..') ? undefined : this.configOf(posix.dirname(folder));
  }
}

/** What an exported thing is, and what it gives when it is called or awaited. */
function typesGiven(node: Node): Type[] {
  const type = node.getType();
  const given = type.getCallSignatures().map((signature) => signature.getReturnType());
  return [type, ...given, ...given.flatMap((each) => (each.getSymbol()?.getName() === 'Promise' ? each.getTypeArguments() : []))];
}

/** The package in whose folder a type is declared, and its name there; for one that is made of several, the first that a package declares. */
function packageType(type: Type): PackageType | undefined {
  const parts = [...type.getUnionTypes(), ...type.getIntersectionTypes()];
  if (parts.length > 0) return parts.map(packageType).find((each) => each !== undefined);
  const symbol = type.getAliasSymbol() ?? type.getSymbol();
  const declared = symbol?.getDeclarations()[0]?.getSourceFile().getFilePath();
  const inside = declared?.split('/node_modules/').at(-1);
  if (symbol === undefined || inside === undefined || inside === declared) return undefined;
  const module = inside.replace(/^@types\/(\w[\w.-]*?)__/, '@$1/').replace(/^@types\//, '').replace(/\.d\.[cm]?ts$|\.[cm]?tsx?$/, '');
  return { module, name: symbol.getName() };
}
