import type { CodeCall, CodeExpression, CodeFunction } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import { askAbilities, noteAbility } from './abilities.js';
import { holdsOneOf } from './assume.js';
import { catchesOn, catchesPromise, caught, firstArgument, tried } from './caught.js';
import { callBuiltin, callBuiltinFunction, promised } from './builtins.js';
import { dottedPath, nameOfCallee } from './call-names.js';
import { ancestry, construct, constructorFor, hasDecorator, libraryOfInstance } from './classes.js';
import { withoutCached } from './cached.js';
import { checkDecided, isAnswer } from './decided.js';
import { decorated, wrapperArguments } from './decorators.js';
import { awaited, evaluate, spreadItems } from './expressions.js';
import { noteExpected } from './expected.js';
import type { Arguments, Call, Library } from './library.js';
import { gated } from './gates.js';
import { handedBack } from './generics.js';
import { mayQuery } from './handed.js';
import { nameSpread, perhaps, spreadNamed } from './keyword-arguments.js';
import { alwaysThrows, endsPath } from './ends.js';
import { verifies } from './secrets.js';
import { isSuper, superLibrary, superMember, superValue } from './inheritance.js';
import type { Machine } from './machine.js';
import { holdChecks } from './checks.js';
import { callModule, importedByPath, importsByPath } from './imports.js';
import { entityLibrary, memberOf, receivers, useRows } from './members.js';
import { checkedUnlessMissing, missingAt } from './missing.js';
import { completed, partialOf } from './partials.js';
import { handedTo, handing } from './sessions.js';
import { bind } from './patterns.js';
import { ordinaryReturns } from './platform.js';
import { dumpedRecord } from './records.js';
import { Scope } from './scope.js';
import { joined } from './state.js';
import { isGivenBuilder, keepBuilders } from './steps.js';
import { runAll } from './statements.js';
import { resultAtEnd } from './stubs.js';
import { presumedAt, presumedFor } from './presumed.js';
import { typedReceiver } from './type-provider.js';
import { declaredInstead, parameterValue } from './types.js';
import { unknownCall } from './unknown-calls.js';
import type { FunctionValue, UnionValue, Value } from './values.js';
import { neverReturns, rejects, undefinedValue, unknownValue } from './values.js';
import { noteWrapper } from './wrappers.js';

/** `callee(...)`, `object.method(...)`, `new C(...)` as written. */
export function evaluateCall(m: Machine, node: CodeCall, scope: Scope): Value {
  const { callee } = node;
  if (callee.kind === 'this') return unknownValue('a call of this');
  if (callee.kind === 'name' && m.language === 'javascript' && importsByPath(callee.name)) return importedByPath(m, node, scope);
  const path = dottedPath(callee);
  const { scopedCallbacks } = m.program.config.queries;
  const callback = path !== undefined && scopedCallbacks.length > 0 && scopedCallbacks.some((name) => name === path || path.endsWith(`.${name}`)) ? path : undefined;
  const given = (place: Location): Call => (callback === undefined ? callOf(m, node, scope, place) : handing(callOf(m, node, scope, place)));
  const run = (): Value => {
    if (callee.kind === 'member' && m.language === 'javascript' && catchesPromise(node)) return caught(m, node, callee, scope);
    if (callee.kind === 'member') {
      const newest = m.newestResult;
      const object = receiver(m, catchesOn(node) ? tried(m, callee.object, scope) : evaluate(m, callee.object, scope), callee.object);
      const made = given(callee.propertyLocation);
      const call = callee.object.kind === 'call' && callee.property === 'then' ? { ...made, arguments: { ...made.arguments, newest } } : made;
      const presumed = presumedFor(m, m.read(object), callee.property, call);
      return marked(m, path, callMethod(m, presumed === undefined ? object : marked(m, dottedPath(callee.object), presumed), callee.property, call, callee.optional));
    }
    if (callee.kind === 'name' && scope.find(callee.name) === undefined && m.program.resolver.starred(m, scope.file, callee.name) === undefined) {
      const call = given(callee.location);
      return callBuiltinFunction(m, callee.name, call) ?? callUndeclared(m, callee.name, call) ?? unknownCall(m, m.input(callee.name, 'unknown'), call);
    }
    if (callee.kind === 'super') return superCall(m, node, scope);
    const target = receiver(m, evaluate(m, callee, scope), callee);
    if (isSuper(m.read(target))) return target;
    return marked(m, path, callValue(m, target, given(callee.location)));
  };
  return callback === undefined ? run() : m.inCallback(callback, run);
}

/** What something is asked of, as far as its own code, its type or what is asked tells. */
function receiver(m: Machine, value: Value, node: CodeExpression): Value {
  const typed = typedReceiver(m, value, node.location);
  const presumed = presumedAt(m, typed, node.location);
  return presumed === typed ? typed : marked(m, dottedPath(node), presumed);
}

/** A function that a framework makes known without an import: `getQuery(event)` in a server route of Nuxt. */
function callUndeclared(m: Machine, name: string, call: Call): Value | undefined {
  const module = `global:${m.language}`;
  return m.libraryOf(module)?.call?.({ kind: 'external', module, path: [name] }, call, m);
}

/** What can be marked: see `marked`. */
const MARKED: ReadonlySet<Value['kind']> = new Set(['library', 'input', 'unknown', 'external']);

/** Whatever a configured client expression gives is scoped or not to be trusted; what a configured source gives is the caller's. */
export function marked(m: Machine, path: string | undefined, value: Value): Value {
  if (path === undefined || !MARKED.has(value.kind)) return value;
  const { scopedClients, unscopedClients } = m.program.config.queries;
  if (value.kind !== 'library') return isUntrustedSource(m, path) ? untrusted(path, value) : value;
  const is = (names: readonly string[]) => names.some((name) => name === path || name === `${path}()`);
  return is(unscopedClients) ? { ...value, access: 'unscoped' } : is(scopedClients) ? { ...value, access: 'scoped' } : value;
}

/** Whether a path is, or begins with, one of `queries.untrustedSources`. */
export function isUntrustedSource(m: Machine, path: string): boolean {
  return m.program.config.queries.untrustedSources.some((source) => path === source || path.startsWith(`${source}.`) || source === `${path}()`);
}

function untrusted(path: string, value: Value): Value {
  if (value.kind === 'input') return { ...value, trust: 'untrusted' };
  return value.kind === 'unknown' || value.kind === 'external' ? { kind: 'input', key: path, name: path, trust: 'untrusted', maybe: false } : value;
}

function superCall(m: Machine, node: CodeCall, scope: Scope): Value {
  const call = callOf(m, node, scope, node.callee.location);
  const self = scope.find('this');
  const value: Value | undefined = typeof self === 'number' ? m.state.slot(self) : undefined;
  const target = scope.find('super');
  const base = typeof target === 'number' ? m.state.slot(target) : undefined;
  if (value === undefined || base?.kind !== 'classValue') return undefinedValue;
  const constructor = constructorFor(ancestry(m, base), value);
  return constructor === undefined ? undefinedValue : enterScope(m, constructor, call.arguments, call.location);
}

/** The call with its arguments evaluated, in order. */
export function callOf(m: Machine, node: CodeCall, scope: Scope, nameLocation: Location): Call {
  const positional: Value[] = [];
  const locations: Location[] = [];
  const named = new Map<string, Value>();
  let open = false;
  const unplaced: { value: Value; maybe: boolean }[] = [];
  const spreads: Value[] = [];
  const first = m.language === 'javascript' ? firstArgument(node) : undefined;
  for (const [index, { value, name, spread }] of node.arguments.entries()) {
    const given = (index === 0 && first ? first : evaluate)(m, value, scope);
    const inner = m.read(given);
    if (spread === 'list' && inner.kind === 'list' && inner.items.every((item) => !item.repeated)) {
      for (const item of inner.items) {
        positional.push(perhaps(item));
        locations.push(value.location);
      }
    } else if (spread === 'map' && inner.kind === 'object' && inner.entries.every((entry) => entry.kind === 'property')) {
      nameSpread(inner.entries, named);
    } else if (spread !== undefined) {
      open = true;
      if (spread === 'map') spreads.push(...spreadNamed(inner, given, named));
      unplaced.push(...(spread === 'list' ? spreadItems(m, given).map((item) => ({ value: item.value, maybe: item.maybe || item.repeated })) : []));
    }
    else if (name !== undefined) named.set(name, given);
    else {
      positional.push(given);
      locations.push(value.location);
    }
  }
  return {
    arguments: { positional, named, open, locations, ...(open && { unplaced }), ...(spreads.length > 0 && { spread: spreads }) }, isNew: node.isNew, location: node.location, nameLocation, ...nameOfCallee(node.callee),
    typeArguments: node.typeArguments.map((type) => ({ type, scope })),
  };
}

/** `object.name(...)`. */
export function callMethod(m: Machine, object: Value, name: string, call: Call, optional = false): Value {
  const inner = m.read(object);
  const through = name === 'pipe' ? piping(m, call) : undefined;
  if (through !== undefined) return through(object, call, m) ?? unknownValue('what is given through functions');
  if (inner.kind === 'union') {
    const there = receivers(inner.options);
    const results = eachApart(m, there, (value) => foundInNone(m, value, name) ?? callMethod(m, value, name, call));
    return joined(optional && there.length < inner.options.length ? [...results, { value: undefinedValue, facts: [] }] : results);
  }
  if (isSuper(inner)) return callSuper(m, inner, name, call);
  if (inner.kind === 'library' || inner.kind === 'external') {
    const found = m.libraryBehind(inner)?.method?.(inner, name, call, m);
    if (found !== undefined) return found;
    if (name === 'bind' && inner.kind === 'library') return inner;
    if (/^(then|catch|finally)$/.test(name)) return promised(m, awaited(m, inner, call.location), call, name);
  }
  if (inner.kind === 'instance' || inner.kind === 'classValue') return callInstanceMethod(m, object, inner, name, call);
  const ofEntity = entityMethod(m, inner, name, call);
  if (ofEntity !== undefined) return ofEntity;
  const builtin = (inner.kind === 'input' ? dumpedRecord(m, object, name, call) : undefined) ?? callBuiltin(m, object, name, call);
  if (builtin !== undefined) return builtin;
  if (inner.kind === 'field') return unknownCall(m, { ...inner, path: [...inner.path, name] }, call);
  return callValue(m, memberOf(m, object, name, call.nameLocation), call);
}

/** What the library of an entity makes of a method of its rows. */
function entityMethod(m: Machine, value: Value, name: string, call: Call): Value | undefined {
  if (value.kind === 'row' && value.result.entity !== undefined) return m.libraryNamed(value.result.entity.library)?.rowMethod?.(value, name, call, m);
  return value.kind === 'rowList' ? entityLibrary(m, value)?.rowsMethod?.(value, name, call, m) : undefined;
}

/** The library whose functions any value is given through: `effect.pipe(Effect.map(f))`. */
function piping(m: Machine, { arguments: { positional } }: Call): Library['piped'] {
  for (const each of positional) {
    const inner = m.read(each);
    const found = inner.kind === 'library' || inner.kind === 'external' ? m.libraryBehind(inner)?.piped : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is looked for in one of several lists, where this one is empty. */
function foundInNone(m: Machine, value: Value, name: string): Value | undefined {
  const inner = m.read(value);
  if (inner.kind !== 'list' || inner.form === 'map' || inner.items.length > 0) return undefined;
  return name === 'find' ? undefinedValue : name === 'some' || name === 'includes' || name === 'has' ? { kind: 'constant', value: false } : undefined;
}

/** What comes of each of several values. What one of them has shown (a row that was found, or else an error) is not so of the others. */
function eachApart(m: Machine, options: UnionValue['options'], work: (value: Value) => Value): UnionValue['options'] {
  if (options.length < 2) return options.map(({ value, facts }) => ({ value: work(value), facts }));
  const paths = options.map(({ value, facts }) => {
    let result: Value = undefinedValue;
    const path = m.path(() => {
      m.hold(facts);
      holdChecks(m, value);
      result = work(value);
      return !endsPath(result);
    });
    m.emitAll(path.effects);
    return { result, facts: [...facts, ...path.snapshot.facts], ...path };
  });
  const live = paths.filter((path) => path.live);
  m.settle((live.length === 0 ? paths : live).map(({ snapshot }) => snapshot));
  keepBuilders(m, paths);
  return (live.length === 0 ? paths : live).map(({ result, facts }) => ({ value: result, facts }));
}

/** `super().name(...)`: of the next class of the project that has it, else of the package behind. */
function callSuper(m: Machine, value: Value, name: string, call: Call): Value {
  const own = superMember(m, value, name);
  if (own !== undefined) return callValue(m, own, call);
  const base = superLibrary(m, value);
  return base === undefined ? unknownCall(m, m.input(`super().${name}`, 'unknown'), call) : callMethod(m, base, name, call);
}

function callInstanceMethod(m: Machine, object: Value, inner: Extract<Value, { kind: 'instance' | 'classValue' }>, name: string, call: Call): Value {
  const own = memberOf(m, object, name, call.nameLocation);
  if (m.read(own).kind !== 'unknown') return callValue(m, own, call);
  const dumped = dumpedRecord(m, object, name, call);
  if (dumped !== undefined) return dumped;
  const base = libraryOfInstance(m, inner);
  return base?.kind === 'library' || base?.kind === 'external' ? callMethod(m, base, name, call) : unknownCall(m, own, call);
}

/** Calls a value: a function of the project is evaluated, a library is asked. */
export function callValue(m: Machine, callee: Value, call: Call): Value {
  const inner = m.read(callee);
  switch (inner.kind) {
    case 'function': {
      if (m.isLoading) noteAbility(m, inner, call);
      const answer = askAbilities(m, inner, call);
      if (answer !== undefined) return answer;
      const result = callFunction(m, inner, withBound(call.arguments, inner.bound), call.location);
      if (inner.bound === undefined && !endsPath(result)) gated(m, inner.function, call);
      return verifies(m, inner.function, call, result) ?? result;
    }
    case 'classValue': return constructOrAsk(m, inner, call);
    case 'external': case 'library': return callLibrary(m, inner, call);
    case 'namespace': return callModule(m, inner, call);
    case 'union': return joined(inner.options.filter(({ value }) => value.kind !== 'constant').map(({ value, facts }) => ({ value: callValue(m, value, call), facts })));
    default: return unknownCall(m, inner, call);
  }
}

/** A function that can run no query only makes a value: it is followed as far as a small budget goes. */
function callFunction(m: Machine, fn: FunctionValue, given: Arguments, location: Location): Value {
  const known = m.reach && m.unit.memo.call(m, fn, given, location);
  if (known !== undefined) return known;
  if (m.budget.isBrief || mayQuery(m, fn, given)) return noteWrapper(m, enterScope(m, fn, given, location));
  return noteWrapper(m, m.budget.briefly(isGivenBuilder(m, given), () => enterScope(m, fn, given, location)) ?? unknownValue('what a long helper gives'));
}

function withBound(given: Arguments, bound: readonly Value[] | undefined): Arguments {
  return bound === undefined ? given : { ...given, positional: [...bound, ...given.positional], locations: [...bound.map(() => given.locations[0] ?? { file: '', start: 0, end: 0 }), ...given.locations] };
}

function constructOrAsk(m: Machine, value: Extract<Value, { kind: 'classValue' }>, call: Call): Value {
  const base = libraryOfInstance(m, value);
  if (base?.kind === 'library') {
    const made = m.libraryNamed(base.library)?.call?.(base, { ...call, isNew: true }, m);
    if (made !== undefined) return made;
  }
  return construct(m, value, call);
}

function callLibrary(m: Machine, callee: Extract<Value, { kind: 'external' | 'library' }>, call: Call): Value {
  const partial = callee.kind === 'library' ? completed(callee, call) : callee.module === 'functools' && callee.path[0] === 'partial' ? partialOf(call) : undefined;
  if (partial !== undefined) return 'callee' in partial ? callValue(m, partial.callee, partial.call) : partial;
  const library = m.libraryBehind(callee);
  const found = call.template !== undefined ? library?.tag?.(callee, call, m) ?? library?.call?.(callee, call, m) : library?.call?.(callee, call, m);
  if (found !== undefined) return found;
  // `list.find(Boolean)`.
  const builtin = callee.kind === 'external' && !call.isNew && callee.module === `global:${m.language}` && callee.path.length === 1 ? callBuiltinFunction(m, callee.path[0]!, call) : undefined;
  if (builtin !== undefined) return builtin;
  if (callee.kind === 'external' && call.isNew) return { ...callee, instance: true, arguments: call.arguments.positional };
  return unknownCall(m, callee, call);
}

/** Evaluates a function as something outside of the project calls it: with what is known of its parameters' types, by way of its decorators. */
export function enterFunction(m: Machine, fn: FunctionValue): Value {
  return m.inFile(fn.scope.file, () => {
    const given = parameterValues(m, fn);
    const wrapper = decorated(m, fn);
    const plain = (): Value => enterScope(m, fn, plainArguments(m, fn, given), fn.function.location, true);
    if (wrapper === fn) return plain();
    const own = takesSelf(m, fn) ? 1 : 0;
    const before = m.unit.callsOf(fn.function);
    const made = enterScope(m, wrapper, wrapperArguments(fn, wrapper, given.slice(own), fn.function.parameters.slice(own)), wrapper.function.location, true);
    // A decorator that only takes note of the function.
    const result = m.unit.callsOf(fn.function) > before ? made : plain();
    return result;
  });
}

function plainArguments(m: Machine, fn: FunctionValue, given: readonly Value[]): Arguments {
  const { parameters, location } = fn.function;
  const positional = given.filter((_, index) => index >= (takesSelf(m, fn) ? 1 : 0) && parameters[index]!.rest === undefined && parameters[index]!.keywordOnly !== true);
  const named = new Map(parameters.flatMap(({ keywordOnly, target }, index) => (keywordOnly === true && target.kind === 'name' ? [[target.name, given[index]!] as const] : [])));
  const rest = parameters.flatMap(({ rest: form }, index) => (form === 'map' ? [given[index]!] : []));
  return { positional, named, open: parameters.some(({ rest: form }) => form !== undefined), ...(rest.length > 0 && { spread: rest, unplaced: [{ value: unknownValue('the rest of the arguments'), maybe: true }] }), locations: positional.map(() => location) };
}

function parameterValues(m: Machine, fn: FunctionValue): Value[] {
  const known = knownParameters(m, fn);
  return fn.function.parameters.map((parameter, index) => known?.[index] ?? parameterValue(m, parameter, fn));
}

function knownParameters(m: Machine, fn: FunctionValue): readonly (Value | undefined)[] | undefined {
  const decorators = fn.function.decorators.map((each) => ({ value: evaluate(m, each.kind === 'call' ? each.callee : each, fn.scope), node: each }));
  for (const library of m.program.libraries) {
    const found = library.parameters?.(fn, decorators.map(({ value, node }) => ({ value, ...(node.kind === 'call' && { call: callOf(m, node, fn.scope, node.location) }) })), m);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Evaluates the body of a function with arguments. @returns the value of any of its returns */
export function enterScope(m: Machine, fn: FunctionValue, given: Arguments, location: Location, isEntry = false): Value {
  const { function: code } = fn;
  m.traces.enter(code);
  m.unit.noteFunction(fn);
  const recursive = m.frames.filter((frame) => frame.function === code).length > 0;
  if (m.unit.idle.skips(code, location)) return unknownValue('what nobody looks at');
  if (recursive || m.tooDeep || m.budget.exhausted) return unknownValue(recursive ? 'a function that calls itself' : 'too many calls inside of each other');
  m.unit.noteCall(code);
  return m.inFile(fn.scope.file, () => {
    const scope = new Scope(fn.scope.file, fn.scope, true);
    const state = m.state;
    // What is returned is awaited by the function itself, or by whoever enters it.
    const awaits = code.async || isEntry;
    const frame: Machine['frames'][number] = { function: code, awaits, location: isEntry ? code.location : location, state, newest: given.newest ?? m.newestResult, returns: [], loops: [] };
    const body = state.fork();
    m.state = body;
    m.frames.push(frame);
    let isLeft = false;
    try {
      isLeft = m.budget.leaves(m.frames, () => {
        bindSelf(m, fn, given, scope);
        bindParameters(m, code, given, fn, scope);
        // What a generator gives is what it yields.
        if (runAll(m, code.body, scope) && !code.generator) frame.returns.push({ value: m.language === 'python' ? resultAtEnd(m, fn, location) : undefinedValue, snapshot: body.since(state), refuses: true });
      });
    } finally {
      m.frames.pop();
      m.state = state;
    }
    // What was left before its end is entered by itself, too.
    if (isEntry && !isLeft) m.unit.noteEntered(code);
    if (isLeft && !isEntry) {
      // One that a function has made (`withAuth(handler)`) is another one each time: of the others nothing follows.
      if (fn.scope.functionScope.parent === undefined) m.emit({ kind: 'left', stack: [...m.trace.stack, code.location], location });
      if (!m.unit.idle.leave([...m.frames, frame])) m.noteCut([...given.positional, ...given.named.values()]);
    }
    if (isAnswer(m, fn)) checkDecided(m, frame);
    // A generator is gone through to its end.
    const returns = ordinaryReturns(withoutCached(m, code, frame.returns));
    const ends = code.generator || returns.length === 0 ? [body.since(state)] : returns.map(({ snapshot }) => snapshot);
    m.settle(ends, true);
    if (ends.length > 1) holdsOneOf(m, ends.map(({ facts }) => facts));
    checkedUnlessMissing(m, returns);
    const common = new Set(returns.some(({ snapshot }) => snapshot.facts.length > 0) ? m.state.facts : []);
    const values = returns.map((each) => {
      const missing = missingAt(each);
      return { value: each.value, facts: each.snapshot.facts.filter((fact) => !common.has(fact)), ...(missing && { missing }) };
    });
    // A generator gives its values one by one.
    if (code.generator && !hasDecorator(code, 'contextmanager') && !hasDecorator(code, 'asynccontextmanager')) return m.allocate({ kind: 'list', form: 'list', items: values.map(({ value }) => ({ value, maybe: true, repeated: true })), location: code.location });
    const result = isLeft && !isEntry ? unknownValue('a call that was not followed to its end') : values.length === 0 ? nothingOf(code) : handedBack(m, fn, given, joined(values), location);
    if (isEntry) useRows(m, result);
    return result;
  });
}

/** What a function gives of which no path returns: its callers go on unless it is sure that it throws. */
function nothingOf(code: CodeFunction): Value {
  if (!alwaysThrows(code)) return unknownValue('a function of which no path returns');
  return code.async ? rejects : neverReturns;
}

function bindSelf(m: Machine, fn: FunctionValue, given: Arguments, scope: Scope): void {
  // `Base.method(self)`, a method that a decorator has wrapped: what it is called on is the first argument.
  const self = fn.self ?? (m.language === 'python' && fn.owner !== undefined ? given.positional[0] : undefined);
  if (self === undefined || fn.function.form === 'arrow') return;
  m.declare(scope, 'this', self);
  const inner = m.read(self);
  if (m.language === 'python' && fn.owner !== undefined) return m.declare(scope, 'super', superValue(self, fn.owner));
  // `super` is the base of the class that the method stands in, whatever class the instance is of.
  const owner = fn.owner ?? (inner.kind === 'instance' ? inner.class : inner.kind === 'classValue' ? inner : undefined);
  const base = owner?.class.bases[0];
  if (owner !== undefined && base !== undefined) m.declare(scope, 'super', m.read(evaluate(m, base, owner.scope)));
}

/** Whether the first parameter is what the method is called on: in Python it is written. */
export function takesSelf(m: Machine, { self, function: code }: FunctionValue): boolean {
  return m.language === 'python' && self !== undefined && !hasDecorator(code, 'staticmethod');
}

/** What `self` or `cls` is: a method of the class is called on that, whatever it was found on. */
function receiverOf(m: Machine, self: Value, code: CodeFunction): Value {
  const inner = m.read(self);
  return inner.kind === 'instance' && hasDecorator(code, 'classmethod') ? inner.class : self;
}

function bindParameters(m: Machine, code: CodeFunction, given: Arguments, fn: FunctionValue, scope: Scope): void {
  const isPython = m.language === 'python';
  const values = takesSelf(m, fn) ? [receiverOf(m, fn.self!, code), ...given.positional] : given.positional;
  const named = new Map(given.named);
  let index = 0;
  for (const parameter of code.parameters) {
    const name = parameter.target.kind === 'name' ? parameter.target.name : undefined;
    let value: Value | undefined;
    if (parameter.rest === 'list') {
      const items = values.slice(index).map((each) => ({ value: each, maybe: false, repeated: false }));
      value = m.allocate({ kind: 'list', form: isPython ? 'tuple' : 'list', items: [...items, ...unplacedItems(given)], location: parameter.location });
      index = values.length;
    } else if (parameter.rest === 'map') {
      const entries = [...named].map(([key, each]) => ({ kind: 'property', key, value: each, maybe: false, location: parameter.location }) as const);
      const rest = given.spread ?? (given.open ? [unknownValue('unknown keyword arguments')] : []);
      const open = rest.map((each) => ({ kind: 'spread', value: each, maybe: false, location: parameter.location }) as const);
      value = m.allocate({ kind: 'object', entries: [...open, ...entries], location: parameter.location });
    } else {
      value = parameter.keywordOnly === true ? undefined : values[index++];
      if (value === undefined && name !== undefined && named.has(name)) value = named.get(name);
      if (name !== undefined) named.delete(name);
    }
    const missing = value === undefined || (m.read(value).kind === 'constant' && (m.read(value) as { value: unknown }).value === undefined && !isPython);
    if (missing && parameter.default !== undefined) value = evaluate(m, parameter.default, scope);
    // `f(*args, **kwargs)` of a wrapper: whatever its type admits, as when nobody calls it.
    if (value === undefined) value = given.open ? parameterValue(m, parameter, fn) : undefinedValue;
    else if (isPython) value = declaredInstead(m, value, parameter, fn);
    else if (parameter.type !== undefined) noteExpected(m, value, { type: parameter.type, scope: fn.scope });
    bind(m, parameter.target, handedTo(m, fn, value), scope, true);
    if (parameter.field === true && name !== undefined && fn.self?.kind === 'reference') setField(m, fn.self, name, value);
  }
}

/** What `...rest` holds besides of a call of which not all is known. */
function unplacedItems({ open, unplaced, spread }: Arguments): { readonly value: Value; readonly maybe: boolean; readonly repeated: boolean }[] {
  if (!open || (unplaced === undefined && spread !== undefined)) return [];
  return (unplaced ?? [{ value: unknownValue('the rest of the arguments') }]).map(({ value }) => ({ value, maybe: true, repeated: true }));
}

function setField(m: Machine, self: Extract<Value, { kind: 'reference' }>, name: string, value: Value): void {
  const instance = m.read(self);
  if (instance.kind === 'instance') m.write(self, { ...instance, fields: new Map([...instance.fields, [name, value]]) });
}
