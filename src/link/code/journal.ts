import type { CodeModule } from '../../facts/code.js';
import type { Program } from './machine.js';

/** What the following of a file depends on, or changes, without importing it or being imported. */
export class Journal {
  /** Something was decided by all modules of the project. */
  everywhere = false;
  /** What files were found by: the sources of regular expressions. */
  readonly patterns = new Set<string>();
  /** Interfaces, and abstract classes, of which the classes were looked for that are there instead. */
  readonly interfaces = new Set<string>();
  /** Files whose text was read from another one. */
  readonly texts = new Set<string>();
  /** Folders whose modules code lists as it runs. */
  readonly folders = new Set<string>();
  /** How often something was put where other files look. */
  changes = 0;
  /** How often something was declared that is known to all once it is, and is declared when a module is loaded. */
  declared = 0;

  constructor(private readonly program: Pick<Program, 'modules' | 'text'>) {}

  /** The modules of the project, for what depends on all of them. */
  everyModule(): Iterable<CodeModule> {
    this.everywhere = true;
    return this.program.modules.values();
  }

  /** The modules whose text says something. */
  filesWith(pattern: RegExp): readonly string[] {
    this.patterns.add(pattern.source);
    return [...this.program.modules.keys()].filter((file) => pattern.test(this.program.text?.(file) ?? ''));
  }

  /** The modules whose text says something; all, where texts are not at hand. */
  modulesWith(pattern: RegExp): readonly CodeModule[] {
    const { modules, text } = this.program;
    const files = this.filesWith(pattern);
    return text === undefined ? [...modules.values()] : files.map((file) => modules.get(file)!);
  }

  /** The text of a file, as it is read from another one, or from itself. */
  text(file: string, from: string): string | undefined {
    if (file !== from) this.texts.add(file);
    return this.program.text?.(file);
  }
}

/** A collection that the code of one file fills for others. */
export class Registry<K, V> extends Map<K, V> {
  /** @param journal told of each change */
  constructor(private readonly journal: Pick<Journal, 'changes'>) {
    super();
  }

  override set(key: K, value: V): this {
    this.journal.changes++;
    return super.set(key, value);
  }
}

/** What modules declare when they are loaded. */
export class Declarations<K, V> extends Map<K, V> {
  /** @param journal told of each */
  constructor(private readonly journal: Pick<Journal, 'declared'>) {
    super();
  }

  override set(key: K, value: V): this {
    this.journal.declared++;
    return super.set(key, value);
  }
}
