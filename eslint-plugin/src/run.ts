import { isAbsolute } from 'node:path';
import { lineStartsOf, sessionFor, UsageError, type Finding, type PresetName } from 'tenantlint/editor';

/** What is used of ESLint's rule context. */
export interface Context {
  readonly cwd: string;
  readonly filename: string;
  readonly physicalFilename: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly sourceCode: object & { readonly text: string };
}

/** A finding with its span in the text that ESLint has. */
export interface Placed {
  readonly finding: Finding;
  readonly start: number;
  readonly end: number;
}

/** One file, once through the engine, however many rules ask. Every rule that is on has announced itself before the first asks. */
export class Run {
  private static readonly runs = new WeakMap<object, Run>();
  private readonly ids = new Set<string>();
  private byRule: Map<string, Placed[]> | undefined;
  private mistake: string | undefined;

  private constructor(private readonly context: Context) {}

  /** The run of the file that a rule is created for; the rule takes part in it. */
  static of(context: Context, ruleId: string): Run {
    const { sourceCode } = context;
    const run = Run.runs.get(sourceCode) ?? new Run(context);
    Run.runs.set(sourceCode, run);
    run.ids.add(ruleId);
    return run;
  }

  /** The findings of one rule. */
  findings(ruleId: string): readonly Placed[] {
    this.byRule ??= this.start();
    return this.byRule.get(ruleId) ?? [];
  }

  /** What is wrong with the configuration, or why the file is not checked, in one line, told to the first rule that asks. */
  takeMistake(): string | undefined {
    const { mistake } = this;
    this.mistake = undefined;
    return mistake;
  }

  private start(): Map<string, Placed[]> {
    const { cwd, filename, physicalFilename, settings, sourceCode: { text } } = this.context;
    const found = new Map<string, Placed[]>();
    // A part of another file (a block of a Markdown page) is no file of the project.
    if (!isAbsolute(filename) || filename !== physicalFilename) return found;
    const { preset, fileTimeout } = (settings['tenantlint'] ?? {}) as { readonly preset?: PresetName; readonly fileTimeout?: number };
    try {
      const lines = lineStartsOf(text);
      const offset = (line: number, column: number) => Math.min((lines[line - 1] ?? 0) + column - 1, text.length);
      for (const finding of sessionFor(filename, cwd).lint(filename, text, { ids: this.ids, ...(preset && { preset }), ...(typeof fileTimeout === 'number' && { fileTimeout }) })) {
        const placed = { finding, start: offset(finding.line, finding.column), end: offset(finding.endLine, finding.endColumn) };
        found.set(finding.ruleId, [...(found.get(finding.ruleId) ?? []), placed]);
      }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.mistake = error.message;
    }
    return found;
  }
}
