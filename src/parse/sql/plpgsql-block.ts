import type { Expression } from '../../facts/expression.js';
import type { Block, Declaration, ExceptionHandler, IfStep, Step, VariablePath } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import type { LowerContext } from './context.js';
import { partnerOf, wordAt } from './expression-span.js';
import { readDeclarations } from './plpgsql-declare.js';
import { Pieces } from './plpgsql-piece.js';
import { findRange, findWord, nameOf } from './plpgsql-source.js';
import { SimpleSteps } from './plpgsql-steps.js';
import type { Part } from './plpgsql-steps.js';

/** Words that begin a query after FOR ... IN; any other name there is a cursor. */
const QUERY_WORDS: ReadonlySet<string> = new Set(['select', 'with', 'values', 'table', 'insert', 'update', 'delete', 'merge', '(', 'show', 'explain']);

/** A body is read, and run, by recursion; the deepest one seen in the wild has 9. */
const DEEPEST = 100;

/** The body breaks off, a word is missing, or it is too deep: what follows cannot be cut into statements. */
class Malformed extends Error {}

/** Reads a PL/pgSQL body: blocks, conditions and loops, and the statements in them. */
export class BlockReader {
  private readonly pieces: Pieces;
  private readonly simple: SimpleSteps;
  private readonly cursors = new Map<string, Query | undefined>();
  /** Names of the variables that can be seen here, and of the blocks around. */
  private visible: ReadonlySet<string>;
  private at = 0;
  private depth = 0;

  /** @param known what else is known of the routine: its parameters, and what PL/pgSQL's own compiler says against it */
  constructor(private readonly ctx: LowerContext, known: { readonly parameters: readonly string[]; readonly refused?: string }) {
    this.visible = new Set(['found', 'new', 'old', ...known.parameters]);
    this.pieces = new Pieces(ctx, known.refused);
    this.simple = new SimpleSteps(this.pieces, this.cursors);
  }

  /** Whether a step says already that PostgreSQL rejects the body. */
  get sawRejection(): boolean {
    return this.pieces.sawRejection;
  }

  /** The outermost block; a body whose blocks and loops do not close is one unknown step. */
  readBody(): Block {
    const conflict = this.directives();
    const first = this.at;
    const label = this.label();
    try {
      return { ...this.block(label, first), ...(conflict === undefined ? {} : { variableConflict: conflict }) };
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      const location = this.ctx.location(0, this.ctx.text.length);
      return { kind: 'block', declarations: [], body: [{ kind: 'unknown', reason: error.message, location }], handlers: [], location };
    }
  }

  private word(offset = 0): string | undefined {
    return wordAt(this.ctx, this.at + offset);
  }

  private expect(word: string): void {
    if (this.word() !== word) throw new Malformed(`${word.toUpperCase()} is missing before "${this.word() ?? 'the end of the body'}"`);
    this.at += 1;
  }

  /** `#variable_conflict use_column` and the like, before the body. */
  private directives(): Block['variableConflict'] {
    let conflict: Block['variableConflict'];
    for (; this.word() === '#'; this.at += 3) {
      if (this.word(1) !== 'variable_conflict') continue;
      conflict = this.word(2) === 'use_variable' ? 'variable' : this.word(2) === 'use_column' ? 'column' : undefined;
    }
    return conflict;
  }

  /** `<<name>>`, when one stands here. */
  private label(): string | undefined {
    if (this.word() !== '<<') return undefined;
    const name = nameOf(this.ctx, this.at + 1);
    this.at += 3;
    return name;
  }

  /** Ends a compound statement: optional label, semicolon. Returns the index after its last word. */
  private finish(): number {
    const close = findWord(this.ctx, this.at);
    this.at = close + 1;
    return close;
  }

  private block(label: string | undefined, first: number): Block {
    let declarations: readonly Declaration[] = [];
    const unreadable: Step[] = [];
    const outside = this.visible;
    if (this.word() === 'declare') {
      const read = readDeclarations(this.pieces, this.at + 1);
      declarations = read.declarations;
      for (const { name, cursor } of declarations) if (cursor !== undefined) this.cursors.set(name, cursor.query);
      unreadable.push(...this.pieces.takeUnreadable());
      this.at = read.after;
    }
    this.visible = new Set([...outside, ...declarations.map(({ name }) => name)]);
    this.expect('begin');
    const body = [...unreadable, ...this.steps('end', 'exception')];
    const handlers: ExceptionHandler[] = [];
    if (this.word() === 'exception') {
      this.at += 1;
      while (this.word() === 'when') handlers.push(this.handler());
    }
    this.expect('end');
    const after = this.finish();
    this.visible = outside;
    return { kind: 'block', ...(label === undefined ? {} : { label }), declarations, body, handlers, location: this.simple.location({ first, after }) };
  }

  private handler(): ExceptionHandler {
    const then = findWord(this.ctx, this.at, 'then');
    const conditions: string[] = [];
    for (let at = this.at + 1; at < then;) {
      const or = Math.min(findWord(this.ctx, at, 'or'), then);
      conditions.push(this.simple.condition(at, or).condition ?? '');
      at = or + 1;
    }
    this.at = then;
    this.expect('then');
    return { conditions, body: this.steps('when', 'end') };
  }

  /** Statements up to one of the words that end a list of them. */
  private steps(...until: readonly string[]): Step[] {
    const steps: Step[] = [];
    this.depth += 1;
    if (this.depth > DEEPEST) throw new Malformed('it is nested too deeply');
    while (this.at < this.ctx.tokens.length && !this.ends(until)) {
      if (this.word() === ';') this.at += 1;
      else {
        const read = this.step();
        steps.push(...this.pieces.takeUnreadable(), ...read);
      }
    }
    this.depth -= 1;
    return steps;
  }

  private ends(until: readonly string[]): boolean {
    return until.includes(this.word() ?? '') && this.simple.assignmentAt(this.at) < 0;
  }

  private step(): Step[] {
    const first = this.at;
    const label = this.label();
    const assignment = this.simple.assignmentAt(this.at);
    if (assignment >= 0) return [this.simple.assign(this.part(), assignment)];
    switch (this.word()) {
      case 'declare': case 'begin': return [this.block(label, first)];
      case 'if': return [this.condition(first)];
      case 'case': return this.choice(first);
      case 'loop': case 'while': return [this.loop(label, first)];
      case 'for': return [this.forLoop(label, first)];
      case 'foreach': return [this.forEach(label, first)];
      default: return this.simpleStep();
    }
  }

  /** The statement from here to its semicolon; the position moves behind it. */
  private part(): Part {
    const first = this.at;
    const after = statementEnd(this.ctx, first);
    this.at = after + 1;
    return { first, after };
  }

  private simpleStep(): Step[] {
    const { simple } = this;
    const word = this.word();
    const part = this.part();
    switch (word) {
      case 'null': return [];
      case 'exit': case 'continue': return [simple.jump(word, part)];
      case 'return': return simple.returns(part);
      case 'raise': return [simple.raise(part)];
      case 'assert': return [simple.assert(part)];
      case 'perform': return simple.perform(part);
      case 'execute': return [simple.execute(part)];
      case 'get': return simple.diagnostics(part);
      case 'open': return simple.open(part);
      case 'fetch': case 'move': return simple.fetch(part);
      case 'close': return [];
      default: return simple.sql(part);
    }
  }

  /** An expression from here up to a word, which is passed over. */
  private expressionUntil(word: string): Expression {
    const after = findWord(this.ctx, this.at, word);
    const value = this.simple.expression(this.at, after);
    this.at = after;
    this.expect(word);
    return value;
  }

  private condition(first: number): Step {
    const branches: IfStep['branches'][number][] = [];
    let start = first;
    do {
      this.at += 1;
      const condition = this.expressionUntil('then');
      const location = this.simple.location({ first: start, after: this.at });
      branches.push({ condition, body: this.steps('elsif', 'elseif', 'else', 'end'), location });
      start = this.at;
    } while (this.word() === 'elsif' || this.word() === 'elseif');
    const otherwise = this.otherwise();
    this.expect('end');
    this.expect('if');
    return { kind: 'if', branches, otherwise, location: this.simple.location({ first, after: this.finish() }) };
  }

  private otherwise(): Step[] {
    if (this.word() !== 'else') return [];
    this.at += 1;
    return this.steps('end');
  }

  /** CASE: the first branch that holds; none and no ELSE raises case_not_found (PostgreSQL manual, section 41.6.5). */
  private choice(first: number): Step[] {
    this.at += 1;
    const when = findWord(this.ctx, this.at, 'when');
    const operand = when > this.at ? this.simple.expression(this.at, when) : undefined;
    this.at = when;
    const branches: IfStep['branches'][number][] = [];
    while (this.word() === 'when') {
      const start = this.at;
      const then = findWord(this.ctx, start, 'then');
      const condition = this.caseCondition(operand, start + 1, then);
      this.at = then;
      this.expect('then');
      branches.push({ condition, body: this.steps('when', 'else', 'end'), location: this.simple.location({ first: start, after: then + 1 }) });
    }
    const hasElse = this.word() === 'else';
    const otherwise = this.otherwise();
    const end = this.at;
    this.expect('end');
    this.expect('case');
    const after = this.finish();
    const missing: Step = { kind: 'raise', level: 'exception', condition: 'case_not_found', arguments: [], location: this.simple.location({ first: end, after }) };
    return [{ kind: 'if', branches, otherwise: hasElse ? otherwise : [missing], location: this.simple.location({ first, after }) }];
  }

  private caseCondition(operand: Expression | undefined, first: number, after: number): Expression {
    if (operand === undefined) return this.simple.expression(first, after);
    return { kind: 'inList', operand, list: this.simple.expressions(first, after), negated: false, location: this.simple.location({ first, after }) };
  }

  /** LOOP body END LOOP [label]; the position is at LOOP. */
  private body(first: number): { body: Step[]; part: Part } {
    this.expect('loop');
    const body = this.steps('end');
    this.expect('end');
    this.expect('loop');
    return { body, part: { first, after: this.finish() } };
  }

  private loop(label: string | undefined, first: number): Step {
    let condition: Expression | undefined;
    if (this.word() === 'while') {
      this.at += 1;
      condition = this.expressionUntil('loop');
      this.at -= 1;
    }
    const { body, part } = this.body(first);
    return { kind: 'loop', ...labelled(label), ...(condition === undefined ? {} : { condition }), body, location: this.simple.location(part) };
  }

  private forLoop(label: string | undefined, first: number): Step {
    const { targets, after } = this.simple.targets(this.at + 1);
    const named = { first: this.at + 1, after };
    this.at = after;
    this.expect('in');
    const start = this.at;
    const loop = findWord(this.ctx, start, 'loop');
    const reverse = this.word() === 'reverse';
    const range = findRange(this.ctx, start, loop);
    if (range >= 0) return this.forRange(label, first, targets[0]?.[0] ?? '', { first: reverse ? start + 1 : start, after: loop }, range, reverse);
    const rows = this.rows({ first: start, after: loop });
    if (rows.declaresTarget !== true) this.requireDeclared(targets, named, rows.dynamic === undefined ? '42601' : '42804');
    const unreadable = this.pieces.takeUnreadable();
    this.at = loop;
    const { body, part } = this.body(first);
    return { kind: 'forQuery', ...labelled(label), targets, ...rows, body: [...unreadable, ...body], location: this.simple.location(part) };
  }

  /** The variables of a loop over rows must be there already; only those of integers and cursors are made by the loop (PostgreSQL manual, section 41.6.6). */
  private requireDeclared(targets: readonly VariablePath[], named: Part, code: string): void {
    const missing = targets.find((path) => path.length === 1 && !path[0]!.startsWith('$') && !this.visible.has(path[0]!));
    if (missing === undefined) return;
    const reason = targets.length === 1 ? 'loop variable of loop over rows must be a record variable or list of scalar variables' : `"${missing[0]!}" is not a known variable`;
    this.pieces.rejected(targets.length === 1 ? code : '42601', reason, this.simple.start(named.first), this.simple.end(named.after));
  }

  /** What FOR loops over: EXECUTE, a cursor, or a query. */
  private rows({ first, after }: Part): { query?: Query; dynamic?: { text: Expression; using: readonly Expression[] }; declaresTarget?: boolean } {
    const word = wordAt(this.ctx, first);
    if (word === 'execute') {
      const using = Math.min(findWord(this.ctx, first, 'using'), after);
      return { dynamic: { text: this.simple.expression(first + 1, using), using: this.simple.expressions(using + 1, after) } };
    }
    const name = nameOf(this.ctx, first);
    const isCursor = this.cursors.has(name) || !QUERY_WORDS.has(word ?? '');
    const query = isCursor ? this.cursors.get(name) : this.pieces.query(this.simple.start(first), this.simple.end(after));
    // Where nothing stands between IN and LOOP, what is missing begins behind the one and ends before the other.
    const ends = [this.simple.start(first), this.simple.end(after)] as const;
    if (isCursor && query === undefined) this.pieces.unknown(`the query of cursor ${name} is not known`, Math.min(...ends), Math.max(...ends));
    return { ...(query === undefined ? {} : { query }), ...(isCursor ? { declaresTarget: true } : {}) };
  }

  private forRange(label: string | undefined, first: number, variable: string, part: Part, range: number, reverse: boolean): Step {
    const { simple, ctx } = this;
    const dots = simple.start(range);
    const by = Math.min(findWord(ctx, range, 'by'), part.after);
    const from = this.pieces.expression(simple.start(part.first), simple.end(range));
    const upper = ctx.text.slice(dots + 2).search(/\S/) + dots + 2;
    const to = this.pieces.expression(upper, simple.end(by));
    const step = by < part.after ? simple.expression(by + 1, part.after) : undefined;
    const unreadable = this.pieces.takeUnreadable();
    this.at = part.after;
    const { body, part: whole } = this.body(first);
    return {
      kind: 'forRange', ...labelled(label), variable, from, to, ...(step === undefined ? {} : { by: step }), reverse,
      body: [...unreadable, ...body], location: simple.location(whole),
    };
  }

  private forEach(label: string | undefined, first: number): Step {
    const read: { targets: readonly VariablePath[]; after: number } = this.simple.targets(this.at + 1);
    this.at = read.after;
    let slice = 0;
    if (this.word() === 'slice') {
      slice = Number(this.word(1));
      this.at += 2;
    }
    this.expect('in');
    this.expect('array');
    const array = this.expressionUntil('loop');
    const unreadable = this.pieces.takeUnreadable();
    this.at -= 1;
    const { body, part } = this.body(first);
    return { kind: 'forEach', ...labelled(label), targets: read.targets, slice, array, body: [...unreadable, ...body], location: this.simple.location(part) };
  }
}

function labelled(label: string | undefined): { label?: string } {
  return label === undefined ? {} : { label };
}

/** Index of the semicolon that ends a statement; those inside BEGIN ATOMIC ... END of a CREATE FUNCTION do not. */
function statementEnd(ctx: LowerContext, first: number): number {
  const routine = wordAt(ctx, first) === 'create';
  for (let at = first, depth = 0; at < ctx.tokens.length; at = Math.max(partnerOf(ctx, at), at) + 1) {
    const word = wordAt(ctx, at);
    if (word === ';' && depth === 0) return at;
    if (!routine) continue;
    if (word === 'begin' || (word === 'case' && depth > 0)) depth += 1;
    else if (word === 'end' && depth > 0) depth -= 1;
  }
  return ctx.tokens.length;
}

