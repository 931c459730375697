import type { CodeFunction } from '../../facts/code.js';
import type { FunctionValue } from './values.js';

/** What modules leave behind, when they are loaded, where others look that do not import them. */
export class Traces {
  /** Functions of other modules that were called, or entered, with the file of each: it counts for those whether anybody does. */
  readonly called = new Map<string, string>();
  /** Functions whose answer all files share: what is found out once calls them. */
  readonly shared = new Set<CodeFunction>();
  /** Files whose classes are asked for members by what is found out once. */
  readonly asked = new Set<string>();
  /** The files that are looked into while one is followed. */
  private seen = new Set<string>();
  private depth = 0;
  private readonly files = new Set<string>();
  private current: { readonly file: string; before: number } | undefined;

  /** @param count how often something was put where others look, or changed that was there already */
  constructor(private readonly count: () => number) {}

  /** Loads a module. What another does that is loaded on the way is that one's. */
  during<T>(file: string, load: () => T): T {
    const outer = this.current;
    this.note();
    this.current = { file, before: this.count() };
    try {
      return load();
    } finally {
      this.note();
      this.current = outer;
      if (outer !== undefined) outer.before = this.count();
    }
  }

  /** The code of another file is followed now. */
  beginFile(): void {
    this.seen = new Set();
  }

  /** What was looked into since a file is followed. */
  looked(): readonly string[] {
    return [...this.seen];
  }

  /** Finds something out that is found out once: whoever else asks takes the answer. */
  once<T>(work: () => T): T {
    this.depth++;
    try {
      return work();
    } finally {
      this.depth--;
    }
  }

  /** Code of a file is evaluated. */
  look(file: string): void {
    this.seen.add(file);
  }

  /** A function is entered. */
  enter(code: CodeFunction): void {
    this.seen.add(code.location.file);
    if (this.depth > 0) this.shared.add(code);
  }

  /** A class of a file is asked for a member. */
  ask(file: string): void {
    this.seen.add(file);
    if (this.depth > 0) this.asked.add(file);
  }

  /** Whether a module has left something behind that cannot be told by itself. */
  isLeftBy(file: string): boolean {
    return this.files.has(file);
  }

  /** Something of a file is known by more than that file says, where it is another one than is loaded. */
  touch(file: string): void {
    if (this.current !== undefined && this.current.file !== file) this.files.add(this.current.file);
  }

  /** A function was met: one that was made by calling another, or that is bound, is known as whoever met it last has it. */
  meet({ scope, self, owner }: FunctionValue): void {
    if (scope.parent !== undefined || self !== undefined || owner !== undefined) this.touch(scope.file);
  }

  /** A function was called, or entered by itself. */
  call(how: 'called' | 'entered', { location: { file, start } }: CodeFunction): void {
    if (this.current !== undefined && this.current.file !== file) this.called.set(`${how} ${file}:${start}`, file);
  }

  private note(): void {
    if (this.current !== undefined && this.count() !== this.current.before) this.files.add(this.current.file);
  }
}
