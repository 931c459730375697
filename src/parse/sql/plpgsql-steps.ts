import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { AssignStep, RaiseStep, Step, VariablePath } from '../../facts/operation.js';
import type { Query } from '../../facts/query.js';
import { afterName, isName, partnerOf, wordAt } from './expression-span.js';
import type { Pieces } from './plpgsql-piece.js';
import { findToken, findWord, nameOf, splitList } from './plpgsql-source.js';

/** A statement without its semicolon: tokens `first` up to `after`. */
export interface Part {
  readonly first: number;
  readonly after: number;
}

/** Reads the statements of PL/pgSQL that hold no other statements (PostgreSQL manual, chapter 41). */
export class SimpleSteps {
  constructor(readonly pieces: Pieces, private readonly cursors: Map<string, Query | undefined>) {}

  get ctx() {
    return this.pieces.ctx;
  }

  location(part: Part): Location {
    const start = this.start(part.first);
    return this.ctx.location(start, Math.max(start, this.end(part.after)));
  }

  start(index: number): number {
    return this.ctx.tokens[index]?.start ?? this.ctx.text.length;
  }

  /** Offset after the token before `after`. */
  end(after: number): number {
    return this.ctx.tokens[after - 1]?.end ?? this.ctx.text.length;
  }

  expression(first: number, after: number): Expression {
    return this.pieces.expression(this.start(first), Math.max(this.start(first), this.end(after)));
  }

  expressions(first: number, after: number): Expression[] {
    return splitList(this.ctx, first, after).map((part) => this.expression(part.first, part.after));
  }

  /** Names of an INTO or FOR list that begins at `first`, and the index after it. */
  targets(first: number): { targets: VariablePath[]; after: number } {
    const targets: VariablePath[] = [];
    for (let at = first; isName(this.ctx, at) || this.ctx.tokens[at]?.type === 'parameter';) {
      const next = afterName(this.ctx, at);
      targets.push(this.path(at, next));
      if (wordAt(this.ctx, next) !== ',') return { targets, after: next };
      at = next + 1;
    }
    return { targets, after: first };
  }

  /** `v`, `v.field`; subscripts are left out. */
  path(first: number, after: number): string[] {
    const path: string[] = [];
    for (let at = first; at < after; at += 1) {
      const word = wordAt(this.ctx, at);
      if (word === '[') at = Math.max(partnerOf(this.ctx, at), at);
      else if (word !== '.') path.push(nameOf(this.ctx, at));
    }
    return path;
  }

  /** Index of `:=` or `=` when an assignment begins at `first`; otherwise -1. */
  assignmentAt(first: number): number {
    if (!isName(this.ctx, first) && this.ctx.tokens[first]?.type !== 'parameter') return -1;
    let at = afterName(this.ctx, first);
    while (wordAt(this.ctx, at) === '[' && partnerOf(this.ctx, at) > at) {
      at = partnerOf(this.ctx, at) + 1;
      if (wordAt(this.ctx, at) === '.') at += 2;
    }
    return [':=', '='].includes(wordAt(this.ctx, at) ?? '') ? at : -1;
  }

  assign(part: Part, operator: number): AssignStep {
    return {
      kind: 'assign', target: this.path(part.first, operator), value: this.expression(operator + 1, part.after), location: this.location(part),
      ...(this.hasSubscript(part.first, operator) ? { partial: true } : {}),
    };
  }

  private hasSubscript(first: number, after: number): boolean {
    return findToken(this.ctx, first, (index) => index >= after || wordAt(this.ctx, index) === '[') < after;
  }

  /** RETURN, RETURN NEXT, RETURN QUERY. */
  returns(part: Part): Step[] {
    const location = this.location(part);
    const next = wordAt(this.ctx, part.first + 1);
    if (next === 'query') {
      if (wordAt(this.ctx, part.first + 2) === 'execute') {
        return [this.execute({ first: part.first + 2, after: part.after }), { kind: 'return', continues: true, location }];
      }
      const query = this.pieces.query(this.start(part.first + 2), this.end(part.after));
      return [{ kind: 'return', ...(query === undefined ? {} : { query }), continues: true, location }];
    }
    const continues = next === 'next';
    const first = continues ? part.first + 2 : part.first + 1;
    return [{ kind: 'return', ...(first < part.after ? { value: this.expression(first, part.after) } : {}), continues, location }];
  }

  /** EXECUTE text [INTO [STRICT] v] [USING ...]; INTO and USING stand in either order. */
  execute({ first, after }: Part): Step {
    const { ctx } = this;
    let at = Math.min(findWord(ctx, first + 1, 'into', 'using'), after);
    const text = this.expression(first + 1, at);
    let using: Expression[] = [];
    let targets: readonly VariablePath[] = [];
    let strict = false;
    while (at < after) {
      if (wordAt(ctx, at) === 'using') {
        const next = Math.min(findWord(ctx, at + 1, 'into'), after);
        using = this.expressions(at + 1, next);
        at = next;
      } else {
        strict = wordAt(ctx, at + 1) === 'strict';
        const into = this.targets(strict ? at + 2 : at + 1);
        targets = into.targets;
        at = Math.min(findWord(ctx, into.after, 'using'), after);
      }
    }
    return { kind: 'execute', text, using, targets, strict, location: this.location({ first, after }) };
  }

  raise(part: Part): RaiseStep {
    const { ctx } = this;
    const location = this.location(part);
    const word = wordAt(ctx, part.first + 1) as RaiseStep['level'] | undefined;
    const named = word !== undefined && ['exception', 'warning', 'notice', 'info', 'log', 'debug'].includes(word);
    const level = named ? word : 'exception';
    const first = named ? part.first + 2 : part.first + 1;
    const using = Math.min(findWord(ctx, first, 'using'), part.after);
    const options = this.options(using + 1, part.after);
    const given = options.length === 0 ? {} : { options };
    const type = ctx.tokens[first]?.type;
    if (first < using && (type === 'string' || type === 'dollarString')) {
      const [format, ...rest] = splitList(ctx, first, using);
      const message = this.expression(format!.first, format!.after);
      this.checkFormat(message, rest.length, part);
      return {
        kind: 'raise', level, ...constantMessage(message), arguments: rest.map((item) => this.expression(item.first, item.after)), ...given, location,
      };
    }
    const option = options.find(({ name }) => name === 'message')?.value;
    return { kind: 'raise', level, ...this.condition(first, using), ...(option && constantMessage(option)), arguments: [], ...given, location };
  }

  /** Each % of a RAISE's format takes one argument; PL/pgSQL counts them before anything runs (PostgreSQL manual, section 41.9.1). */
  private checkFormat(format: Expression, given: number, part: Part): void {
    if (format.kind !== 'constant') return;
    const wanted = String(format.value).replaceAll('%%', '').split('%').length - 1;
    if (wanted === given) return;
    this.pieces.rejected('42601', `too ${given > wanted ? 'many' : 'few'} parameters specified for RAISE`, this.start(part.first), this.end(part.after));
  }

  /** `division_by_zero`, `SQLSTATE '22012'`. */
  condition(first: number, after: number): { condition?: string } {
    if (first >= after) return {};
    if (wordAt(this.ctx, first) !== 'sqlstate') return { condition: nameOf(this.ctx, first) };
    return { condition: `sqlstate ${this.ctx.text.slice(this.start(first + 1) + 1, this.end(first + 2) - 1)}` };
  }

  private options(first: number, after: number): { name: string; value: Expression }[] {
    return splitList(this.ctx, first, after).map((part) => ({
      name: nameOf(this.ctx, part.first), value: this.expression(part.first + 2, part.after),
    }));
  }

  assert(part: Part): Step {
    const [condition] = splitList(this.ctx, part.first + 1, part.after);
    return { kind: 'assert', condition: this.expression(condition?.first ?? part.after, condition?.after ?? part.after), location: this.location(part) };
  }

  /** EXIT and CONTINUE. */
  jump(kind: 'exit' | 'continue', part: Part): Step {
    const when = Math.min(findWord(this.ctx, part.first + 1, 'when'), part.after);
    return {
      kind, ...(when > part.first + 1 ? { label: nameOf(this.ctx, part.first + 1) } : {}),
      ...(when < part.after ? { condition: this.expression(when + 1, part.after) } : {}), location: this.location(part),
    };
  }

  /** PERFORM query: a SELECT whose rows are thrown away. */
  perform(part: Part): Step[] {
    const start = this.start(part.first);
    const end = this.end(part.after);
    const query = this.pieces.query(start, end, `SELECT ${this.ctx.text.slice(start + 'PERFORM'.length, end)}`);
    return query === undefined ? [] : [{ kind: 'selectInto', targets: [], strict: false, query, location: this.location(part) }];
  }

  /** GET [CURRENT | STACKED] DIAGNOSTICS v = ITEM, ...: each item is a call of its lower-case name. */
  diagnostics(part: Part): Step[] {
    const first = findWord(this.ctx, part.first, 'diagnostics') + 1;
    return splitList(this.ctx, first, part.after).map((item) => {
      const location = this.location(item);
      const name = nameOf(this.ctx, item.after - 1);
      return { kind: 'assign', target: this.path(item.first, item.after - 2), value: { kind: 'call', name: [name], arguments: [], location }, ...(name === 'row_count' && { counts: true }), location };
    });
  }

  /** OPEN c, OPEN c (arguments), OPEN c FOR query, OPEN c FOR EXECUTE text: the cursor becomes the query's rows. */
  open(part: Part): Step[] {
    const { ctx } = this;
    const name = nameOf(ctx, part.first + 1);
    const location = this.location(part);
    const ofFor = Math.min(findWord(ctx, part.first + 2, 'for'), part.after);
    if (wordAt(ctx, ofFor + 1) === 'execute') {
      this.cursors.delete(name);
      return [this.execute({ first: ofFor + 1, after: part.after })];
    }
    if (ofFor < part.after) this.cursors.set(name, this.pieces.query(this.start(ofFor + 1), this.end(part.after)));
    const query = this.cursors.get(name);
    if (query === undefined) return [];
    return [{ kind: 'assign', target: [name], value: { kind: 'subquery', form: 'array', query, location }, location }];
  }

  /** FETCH fills variables from a cursor's query and, like MOVE, sets FOUND. */
  fetch(part: Part): Step[] {
    const { ctx } = this;
    const location = this.location(part);
    const into = Math.min(findWord(ctx, part.first, 'into'), part.after);
    const { targets } = into < part.after ? this.targets(into + 1) : { targets: [['found']] };
    const query = this.cursors.get(nameOf(ctx, into - 1));
    if (query !== undefined && into < part.after) return [{ kind: 'selectInto', targets, strict: false, query, location }];
    return targets.map((target) => ({ kind: 'assign', target, value: { kind: 'other', name: 'fetch', parts: [], location }, location }));
  }

  /** Any SQL statement; its INTO, if it has one, is blanked as PL/pgSQL does before the grammar reads it. */
  sql(part: Part): Step[] {
    const into = this.intoAt(part);
    const start = this.start(part.first);
    const end = this.end(part.after);
    if (into < 0) {
      const statement = this.pieces.statement(start, end);
      return statement === undefined ? [] : [statement];
    }
    const strict = wordAt(this.ctx, into + 1) === 'strict';
    const { targets, after } = this.targets(strict ? into + 2 : into + 1);
    const [from, to] = [this.start(into) - start, this.end(after) - start];
    const text = this.ctx.text.slice(start, end);
    const query = this.pieces.query(start, end, text.slice(0, from) + ' '.repeat(to - from) + text.slice(to));
    return query === undefined ? [] : [{ kind: 'selectInto', targets, strict, query, location: this.location(part) }];
  }

  private intoAt({ first, after }: Part): number {
    const { ctx } = this;
    if (['import', 'create'].includes(wordAt(ctx, first) ?? '')) return -1;
    const found = findToken(ctx, first, (index) => index >= after
      || (wordAt(ctx, index) === 'into' && !['insert', 'merge', '.', 'as'].includes(wordAt(ctx, index - 1) ?? '')));
    return found < after ? found : -1;
  }
}

function constantMessage(expression: Expression): { message?: string } {
  return expression.kind === 'constant' && typeof expression.value === 'string' ? { message: expression.value } : {};
}
