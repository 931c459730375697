import { migrationFiles } from './store.js';
import type { CodeCall, CodeClass, CodeStatement, IfStatement, LoopStatement, SwitchStatement, TryStatement } from '../../facts/code.js';
import { parameterNames } from '../parameters.js';
import { answers, guards } from './answered.js';
import { holdsOneOf } from './assume.js';
import { itemsOf } from './comprehensions.js';
import { declaredClasses } from './declared-classes.js';
import { DominatedRows } from './dominated.js';
import { emptied } from './emptied.js';
import { leavesNothing } from './exhausted.js';
import { noteExpected } from './expected.js';
import { endsPath, exits, isEndless, isLeft } from './ends.js';
import { awaited, conditionOf, deleted, evaluate } from './expressions.js';
import { orReassigned } from './later.js';
import type { Effect } from './library.js';
import type { Machine } from './machine.js';
import { checkedIfGiven, fallenBackIn, leftIfMissing, onlyIfMissing } from './missing.js';
import { narrowNames } from './narrowed-names.js';
import { bind } from './patterns.js';
import { refuses } from './platform.js';
import { asserted, isToldByType } from './told.js';
import { Scope } from './scope.js';
import { UNCHANGED, type Snapshot } from './state.js';
import type { Condition, Value } from './values.js';
import { forTypes } from './type-checking.js';
import { runUnawaited } from './unawaited.js';
import { conditionValues, nullValue, undefinedValue, unknownValue } from './values.js';

const MOST_TURNS = 400;

/** Runs statements in order. @returns whether the path goes on after them */
export function runAll(m: Machine, body: readonly CodeStatement[], scope: Scope, isStart = true): boolean {
  if (isStart) hoist(m, body, scope);
  for (const [index, statement] of body.entries()) {
    if (statement.kind === 'if') {
      const { goesOn, isLast } = runIf(m, statement, scope, () => runAll(m, body.slice(index + 1), scope, false));
      if (!goesOn || isLast) return goesOn;
    } else if (!run(m, statement, scope)) return false;
  }
  return true;
}

/** Functions and classes can be used before the line that declares them. */
function hoist(m: Machine, body: readonly CodeStatement[], scope: Scope): void {
  for (const each of body) {
    if (each.kind === 'import') for (const { imported, local } of each.bindings) scope.bindImport(local, { module: each.module, imported, ...(each.level !== undefined && { level: each.level }) });
    if (each.kind === 'function' && each.function.name !== undefined) {
      const made: Value = { kind: 'function', function: each.function, scope };
      m.unit.noteFunction(made);
      m.declare(scope, each.function.name, made);
    }
    if (each.kind === 'class') declareClass(m, each.class, scope);
  }
}

function declareClass(m: Machine, code: CodeClass, scope: Scope): void {
  if (code.name !== undefined) m.declare(scope, code.name, { kind: 'classValue', class: code, scope });
}

function run(m: Machine, node: CodeStatement, scope: Scope): boolean {
  if (m.budget.exhausted) return true;
  switch (node.kind) {
    case 'expression':
      m.unit.idle.note(node.expression);
      return runUnawaited(m, node.expression, scope) || (!endsPath(evaluate(m, node.expression, scope)) && !exits(node.expression));
    case 'declare': return declare(m, node, scope);
    case 'if': return runIf(m, node, scope).goesOn;
    case 'loop': return runLoop(m, node, scope);
    case 'switch': return runSwitch(m, node, scope);
    case 'try': return runTry(m, node, scope);
    case 'with': return runWith(m, node, scope);
    case 'return': {
      const value = node.value === undefined ? (m.language === 'python' ? nullValue : undefinedValue) : evaluate(m, node.value, scope);
      const frame = m.frames.at(-1);
      if (endsPath(value, frame?.function?.async)) return false;
      const given = asserted(m, frame?.awaits === true && node.value !== undefined ? awaited(m, value, node.value.location) : value, frame?.function?.returns, scope);
      if (frame?.function?.returns !== undefined) noteExpected(m, given, { type: frame.function.returns, scope });
      frame?.returns.push({ value: given, snapshot: m.state.since(frame.state), refuses: refuses(m, given) });
      return false;
    }
    case 'throw':
      if (node.value) evaluate(m, node.value, scope);
      m.emit({ kind: 'raise', level: 'exception', location: node.location });
      return false;
    case 'break': case 'continue': {
      const loop = node.label === undefined ? m.frames.at(-1)?.loops.at(-1) : m.frames.at(-1)?.loops.find(({ label }) => label === node.label);
      (node.kind === 'break' ? loop?.leaves : loop?.continues)?.push(m.state.since(loop!.state));
      return false;
    }
    case 'assert': return runBranches(m, conditionOf(m, evaluate(m, node.test, scope)), () => true, () => {
      m.emit({ kind: 'raise', level: 'exception', location: node.location });
      return false;
    }, node.location);
    case 'block': return runAll(m, node.body, m.language === 'python' ? scope : new Scope(scope.file, scope));
    case 'delete': node.targets.forEach((each) => deleted(m, each, scope)); return true;
    case 'enum': {
      const entries = node.members.map(({ name, value }) => ({ kind: 'property', key: name, value: value ? evaluate(m, value, scope) : unknownValue('an enum member'), maybe: false, location: node.location }) as const);
      m.declare(scope, node.name, m.allocate({ kind: 'object', entries, location: node.location }));
      return true;
    }
    case 'class': return runClass(m, node.class, scope);
    case 'export':
      if (node.value) m.declare(scope, `export ${node.value.exported}`, evaluate(m, node.value.expression, scope));
      return true;
    case 'unknown': return runAll(m, node.body, scope);
    case 'function': case 'import': case 'type': return true;
  }
}

function declare(m: Machine, node: Extract<CodeStatement, { kind: 'declare' }>, scope: Scope): boolean {
  const given = node.value === undefined ? undefinedValue : evaluate(m, node.value, scope);
  // By the time others read a variable of a module, it may have been set.
  const value = scope.parent === undefined && node.target.kind === 'name' ? orReassigned(m, node.target.name, node.type, given, scope) : given;
  if (endsPath(value)) return false;
  if (node.form === 'assign' && node.value === undefined) return true;
  const typed = node.type !== undefined && isToldByType(m.read(value)) ? m.typed({ type: node.type, scope }) : undefined;
  const target = node.form === 'var' ? scope.functionScope : scope;
  const isNew = node.form !== 'assign' || (node.target.kind === 'name' && declaresHere(scope, node.target.name));
  if (node.type !== undefined) noteExpected(m, value, { type: node.type, scope });
  // What is only declared is what its type says.
  const isDeclared = node.value?.kind === 'other' && node.value.name === 'declare';
  bind(m, node.target, typed !== undefined && (isDeclared || m.read(typed).kind === 'library') ? typed : value, node.form === 'assign' ? scope.functionScope : target, isNew);
  return true;
}

function runWith(m: Machine, node: Extract<CodeStatement, { kind: 'with' }>, scope: Scope): boolean {
  const contexts: Value[] = [];
  for (const { context, target } of node.items) {
    const given = evaluate(m, context, scope);
    contexts.push(given);
    const value = entered(m, given, context.location);
    if (target) bind(m, target, value, scope, m.language === 'javascript' || target.kind !== 'name' || declaresHere(scope, target.name));
  }
  const goesOn = runAll(m, node.body, scope);
  for (const value of contexts.reverse()) left(m, value, node.location);
  return goesOn;
}

/** Python's names are those of the function, made by their first assignment. */
function declaresHere(scope: Scope, name: string): boolean {
  return scope.functionScope.own(name) === undefined && typeof scope.own(name) !== 'number';
}

/** What `with x as y` binds: what the library says, else the value itself. */
function entered(m: Machine, value: Value, location: CodeStatement['location']): Value {
  const inner = m.read(value);
  if (inner.kind !== 'library' && inner.kind !== 'external') return value;
  return m.libraryBehind(inner)?.operator?.('with', value, undefined, location, m) ?? value;
}

/** What leaving a `with` block does. */
function left(m: Machine, value: Value, location: CodeStatement['location']): void {
  const inner = m.read(value);
  if (inner.kind === 'library') m.libraryNamed(inner.library)?.operator?.('exit', value, undefined, location, m);
}

function runClass(m: Machine, code: CodeClass, scope: Scope): boolean {
  const value: Value = { kind: 'classValue', class: code, scope };
  const { file } = scope;
  m.traces.touch(file);
  m.methods.set(file, [...m.methods.get(file) ?? [], ...code.methods.filter(({ name }) => name !== undefined).map((method) => ({ method, owner: value }))]);
  runAll(m, code.rest, new Scope(scope.file, scope));
  const declared = declaredClasses(m);
  declared.set(file, [...declared.get(file) ?? [], value]);
  m.classDeclared(value);
  for (const { isStatic, value: given } of code.fields) if (isStatic && m.language === 'javascript' && given?.kind === 'call' && givesFunction(given)) evaluate(m, given, scope);
  // A module of Nest says how clients are made: `@Module({ imports: [KyselyModule.forRoot({ plugins })] })`.
  for (const each of code.decorators) if (each.kind === 'call' && each.callee.kind === 'name' && each.callee.name === 'Module') evaluate(m, each, scope);
  return true;
}

/** `static worker = new Worker('mail', withLogging(async (job) => { ... }))`: what is made when the class is may call what it is given. */
function givesFunction({ arguments: given }: CodeCall): boolean {
  return given.some(({ value }) => value.kind === 'functionValue' || (value.kind === 'call' && givesFunction(value)));
}

/** `isLast`: what follows has been run too, in the branch that does not leave. */
interface Ran {
  readonly goesOn: boolean;
  readonly isLast: boolean;
}

const POSTGRES = /(?:^|[_.])(?:pg|postgres|postgresql)(?:[_.]|$)/i;
const OTHER_DATABASE = /(?:^|[_.])(?:sqlite3?|mysql|mariadb|mssql|oracle)(?:[_.]|$)/i;

/** In a Python migration: a setting by whose name the program asks which database it runs on. It is PostgreSQL. */
function asksForPostgres(m: Machine, test: IfStatement['test']): boolean | undefined {
  if (!migrationFiles(m).has(m.file) || m.language !== 'python') return undefined;
  if (test.kind === 'unary' && test.operator === 'not') {
    const inner = asksForPostgres(m, test.operand);
    return inner === undefined ? undefined : !inner;
  }
  const name = test.kind === 'member' ? test.property : test.kind === 'name' && test.name.includes('_') ? test.name : undefined;
  if (name === undefined) return undefined;
  return POSTGRES.test(name) ? true : OTHER_DATABASE.test(name) ? false : undefined;
}

function runIf(m: Machine, node: IfStatement, scope: Scope, rest?: () => boolean): Ran {
  const apart = m.language === 'python' ? forTypes(node) : undefined;
  if (apart !== undefined) {
    hoist(m, apart.types.filter(({ kind }) => kind === 'import'), scope);
    return { goesOn: runAll(m, apart.runs, scope), isLast: false };
  }
  const isPostgres = asksForPostgres(m, node.test);
  if (isPostgres !== undefined) return { goesOn: runAll(m, isPostgres ? node.then : node.otherwise, scope), isLast: false };
  const test = evaluate(m, node.test, scope);
  const condition = conditionOf(m, test);
  const rows = new DominatedRows(m, node.test, scope);
  const block = (body: readonly CodeStatement[], outcome: boolean) => () => {
    narrowNames(m, node.test, outcome, scope);
    rows.enter(body);
    return runAll(m, body, m.language === 'python' ? scope : new Scope(scope.file, scope));
  };
  const otherwise = block(node.otherwise, false);
  if (leavesNothing(m, node, scope)) {
    const goesOn = m.assume(condition, true) && block(node.then, true)();
    rows.check();
    return { goesOn, isLast: false };
  }
  const ran = runEither(m, condition, block(node.then, true), () => {
    emptied(m, node, test, scope);
    return otherwise();
  }, node.location, rest);
  rows.check();
  return ran;
}

/** Runs two branches, each on a path of its own, and goes on as those that live have left things. */
export function runBranches(m: Machine, condition: Condition, then: () => boolean, otherwise: () => boolean, location: CodeStatement['location']): boolean {
  return runEither(m, condition, then, otherwise, location).goesOn;
}

/**
 * `rest`: what follows. Where one branch leaves (`return`, `continue`) because of what the database holds, it is a part of the other;
 * what the program's settings say is taken for the usual case.
 */
function runEither(m: Machine, condition: Condition, then: () => boolean, otherwise: () => boolean, location: CodeStatement['location'], rest?: () => boolean): Ran {
  const returns = m.frames.at(-1)?.returns ?? [];
  const before = returns.length;
  const how = isConstant(m, condition) ? 'certain' : undefined;
  const yes = m.path(() => m.assume(condition, true) && then(), how);
  const between = returns.length;
  const no = m.path(() => m.assume(condition, false) && otherwise(), how);
  leftIfMissing(m, condition, returns.slice(before, between), returns.slice(between));
  const certain = certainty(m, condition);
  m.settle([yes, no].flatMap(({ live, snapshot }) => (live ? [fallenBackIn(m, condition, snapshot === yes.snapshot, snapshot)] : [])));
  if (yes.live && no.live) {
    checkedIfGiven(m, condition, yes.snapshot, no.snapshot);
    // `if (!isOwner) await assertMember()`: one of both holds.
    if (looksUp([...yes.effects, ...no.effects])) holdsOneOf(m, [yes.snapshot.facts, no.snapshot.facts], true);
  } else {
    noteGuards(m, yes.live ? yes.snapshot : no.snapshot, yes.live ? returns.length > between : between > before);
    if (yes.live !== no.live) onlyIfMissing(m, condition, yes.live);
  }
  const leaves = rest !== undefined && certain === undefined && yes.live !== no.live && readsRows(m, condition) && !raises(yes.live ? no.effects : yes.effects);
  let goesOn = yes.live || no.live;
  const after = leaves ? m.collect(() => { goesOn = rest(); }) : [];
  const [first, second] = yes.live ? [[...yes.effects, ...after], no.effects] : [yes.effects, [...no.effects, ...after]];
  if (first.length + second.length > 0) {
    if (certain === undefined) m.emit({ kind: 'branch', condition: asItIs(m, condition), then: first, otherwise: second, location });
    else m.emitAll(certain ? first : second);
  }
  return { goesOn, isLast: leaves };
}

/** What holds where a path goes on that others were left for by `return`. */
function noteGuards(m: Machine, { facts }: Snapshot, hasReturned: boolean): void {
  if (hasReturned) for (const fact of facts) guards(m).add(fact);
}

/** A condition with the lists and objects it names as they are now: they may change, or go out of sight, before it is read. */
function asItIs(m: Machine, condition: Condition): Condition {
  const held = (value: Value): Value => {
    const inner = m.read(value);
    if (inner.kind === 'condition') return { ...inner, condition: asItIs(m, inner.condition) };
    return inner.kind === 'list' ? { ...inner, items: inner.items.map((item) => ({ ...item, value: m.read(item.value) })) } : value.kind === 'reference' && inner.kind === 'instance' ? value : inner;
  };
  switch (condition.operator) {
    case 'truthy': case 'nullish': return { ...condition, value: held(condition.value) };
    case 'not': return { ...condition, operand: asItIs(m, condition.operand) };
    case 'and': case 'or': return { ...condition, operands: condition.operands.map((operand) => asItIs(m, operand)) };
    default: return { ...condition, left: held(condition.left), right: held(condition.right) };
  }
}

/** Whether a condition asks for rows: of tables, or of the catalog. */
function readsRows(m: Machine, condition: Condition): boolean {
  return conditionValues(condition).some((value) => readsRow(m, value));
}

function readsRow(m: Machine, value: Value): boolean {
  const inner = m.read(value);
  switch (inner.kind) {
    case 'row': case 'rowList': case 'field': return true;
    case 'condition': return readsRows(m, inner.condition);
    case 'list': return inner.items.some((item) => readsRow(m, item.value));
    case 'union': return inner.options.some((option) => readsRow(m, option.value));
    default: return false;
  }
}

/** Whether rows are looked for, and none is made that would answer. */
function looksUp(effects: readonly Effect[]): boolean {
  const queries = effects.flatMap((each) => (each.kind === 'query' ? [each.query?.kind] : []));
  return queries.length > 0 && queries.every((kind) => kind === 'select' || kind === 'set');
}

function raises(effects: readonly Effect[]): boolean {
  const last = effects.at(-1);
  return last?.kind === 'raise' && last.level === 'exception';
}

function isConstant(m: Machine, condition: Condition): boolean {
  if (condition.operator === 'not') return isConstant(m, condition.operand);
  return condition.operator === 'truthy' && m.read(condition.value).kind === 'constant';
}

/** Whether a condition is the same on every path. */
function certainty(m: Machine, condition: Condition): boolean | undefined {
  if (condition.operator === 'not') {
    const inner = certainty(m, condition.operand);
    return inner === undefined ? undefined : !inner;
  }
  if (condition.operator !== 'truthy') return undefined;
  const inner = m.read(condition.value);
  // Python's `{}` is false, as `[]` is.
  if (inner.kind === 'object' && m.language === 'python') return inner.entries.length === 0 ? false : inner.entries.some((entry) => entry.kind === 'property' && !entry.maybe) || undefined;
  return inner.kind === 'constant' ? Boolean(inner.value) : ['object', 'function', 'library', 'instance', 'classValue'].includes(inner.kind) ? true : undefined;
}

function runLoop(m: Machine, node: LoopStatement, scope: Scope): boolean {
  const outer = m.language === 'python' ? scope : new Scope(scope.file, scope);
  runAll(m, node.init, outer);
  if (node.form === 'forEach' || node.form === 'forIn') {
    const iterable = evaluate(m, node.iterable!, outer);
    const items = itemsOf(m, iterable);
    const turns = items.slice(0, MOST_TURNS);
    for (const item of turns) {
      const value = node.form === 'forIn' && m.read(iterable).kind !== 'object' ? unknownValue('a key') : item.value;
      if (!turn(m, node, outer, value, item.maybe || item.repeated)) break;
    }
    return runAll(m, node.otherwise, outer);
  }
  if (node.test) evaluate(m, node.test, outer);
  turn(m, node, outer, undefined, node.form !== 'doWhile');
  if (node.update) evaluate(m, node.update, outer);
  return isEndless(node) ? isLeft(node) : runAll(m, node.otherwise, outer);
}

/** One turn of a loop. `repeated`: it may run any number of times, or never. @returns whether another turn may follow */
function turn(m: Machine, node: LoopStatement, scope: Scope, value: Value | undefined, repeated: boolean): boolean {
  const inner = m.language === 'python' ? scope : new Scope(scope.file, scope);
  let goesOn = false;
  let continued: readonly ReturnType<Machine['path']>['snapshot'][] = [];
  let left: readonly ReturnType<Machine['path']>['snapshot'][] = [];
  const path = m.path(() => {
    const frame = m.frames.at(-1) ?? m.moduleFrame;
    const loop = { state: m.state, leaves: [], continues: [], ...(node.label !== undefined && { label: node.label }) };
    frame.loops.push(loop);
    if (value !== undefined && node.target) bind(m, node.target, value, inner, m.language === 'javascript' || node.target.kind !== 'name' || declaresHere(scope, node.target.name));
    goesOn = runAll(m, node.body, inner);
    frame.loops.pop();
    continued = loop.continues;
    left = loop.leaves;
    return goesOn;
  });
  if (path.effects.length > 0) {
    if (repeated) m.emit({ kind: 'loop', body: path.effects, location: node.location });
    else m.emitAll(path.effects);
  }
  const ends = [...(goesOn ? [path.snapshot] : []), ...continued, ...left];
  m.settle(repeated ? [...ends, UNCHANGED] : ends);
  if (repeated && left.length === 0) foundOfEach(m, value, ends);
  return repeated || goesOn || continued.length > 0;
}

/** `for (const id of ids) if (!own.has(id)) throw ...`: what every turn has found out of its item is so of each of them, where none ends the loop. */
function foundOfEach(m: Machine, value: Value | undefined, ends: readonly Snapshot[]): void {
  const item = value && m.read(value);
  const [first, ...rest] = ends;
  if (item?.kind !== 'input' || !item.key.includes('[]') || first === undefined) return;
  for (const fact of first.facts) {
    if (fact.kind === 'holds' && rest.every(({ facts }) => facts.includes(fact)) && parameterNames(fact.expression).has(item.key)) m.state.add({ kind: 'holds', expression: fact.expression, ...(fact.given && { given: fact.given }) });
  }
}

function runSwitch(m: Machine, node: SwitchStatement, scope: Scope): boolean {
  const subject = evaluate(m, node.subject, scope);
  const inner = new Scope(scope.file, scope);
  const snapshots: ReturnType<Machine['path']>['snapshot'][] = [];
  const isDefault = ({ tests, pattern }: SwitchStatement['cases'][number]) => tests.length === 0 && pattern === undefined;
  const ordered = [...node.cases.entries()].sort(([, a], [, b]) => Number(isDefault(a)) - Number(isDefault(b)));
  let hasOther = !node.cases.some(isDefault);
  const frame = m.frames.at(-1) ?? m.moduleFrame;
  const loop = { state: m.state, leaves: [] as typeof snapshots, continues: [] as typeof snapshots };
  if (node.fallsThrough) frame.loops.push(loop);
  const effects = m.collect(() => {
    for (const [index, each] of ordered) {
      let isCertain = false;
      const path = m.path(() => {
        const tests = each.tests.map((test): Condition => ({ operator: 'equal', left: subject, right: evaluate(m, test, inner) }));
        isCertain = tests.length > 0 && !each.pattern && !each.guard && !m.path(() => m.assume({ operator: 'or', operands: tests }, false)).live;
        if (tests.length > 0 && !m.assume({ operator: 'or', operands: tests }, true)) return false;
        if (each.pattern) bind(m, each.pattern, subject, inner, true);
        if (each.guard) m.assume(conditionOf(m, evaluate(m, each.guard, inner)), true);
        let live = runAll(m, each.body, inner);
        for (let next = index + 1; node.fallsThrough && live && next < node.cases.length; next++) live = runAll(m, node.cases[next]!.body, inner);
        return live;
      });
      if (path.effects.length > 0) m.emit({ kind: 'branch', condition: undefined, then: path.effects, otherwise: [], location: node.location });
      if (path.live) snapshots.push(path.snapshot);
      // No other case is possible.
      if (isCertain) {
        hasOther = false;
        break;
      }
    }
  });
  if (node.fallsThrough) frame.loops.pop();
  m.emitAll(effects);
  const paths = [...snapshots, ...loop.leaves, ...(hasOther ? [UNCHANGED] : [])];
  m.settle(paths);
  return paths.length > 0;
}

function runTry(m: Machine, node: TryStatement, scope: Scope): boolean {
  const own = (body: readonly CodeStatement[]) => runAll(m, body, m.language === 'python' ? scope : new Scope(scope.file, scope));
  const body = m.path(() => own(node.body) && own(node.otherwise), 'tried');
  const guarded = body.snapshot.facts.filter((fact) => guards(m).has(fact));
  const handlers = node.handlers.map((handler) => m.path(() => {
    if (guarded.length > 0 && answers(m, handler.body, scope)) for (const fact of guarded) m.state.add(fact);
    const inner = m.language === 'python' ? scope : new Scope(scope.file, scope);
    if (handler.target) bind(m, handler.target, unknownValue('an error'), inner, true);
    return runAll(m, handler.body, inner);
  }));
  if (body.effects.length + handlers.reduce((sum, { effects }) => sum + effects.length, 0) > 0) {
    m.emit({ kind: 'try', body: body.effects, handlers: handlers.map(({ effects }) => effects), location: node.location });
  }
  // A handler begins somewhere inside of the body: what the body found out or set need not hold there.
  m.settle([body, ...handlers].filter(({ live }) => live).map(({ snapshot }) => snapshot));
  const live = body.live || handlers.some((handler) => handler.live);
  return own(node.finally) && live;
}
