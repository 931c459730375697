import type { CodeArgument, CodeClass, CodeExpression, CodeFunction, CodeModule, CodeStatement, Parameter, Pattern } from '../../src/facts/code.js';
import type { Location } from '../../src/facts/location.js';

/** The facts of a module in the words of `python-ast.py`; a place that the tree does not keep is `?`. */
export function factsOf(module: CodeModule, text: string): string[] {
  const facts: string[] = [];
  let inText = 0;
  const start = (at: Location) => (inText > 0 ? '~' : String(at.start));
  const end = (at: Location) => (inText > 0 ? '~' : String(at.end));
  const add = (kind: string, at: Location, ...rest: unknown[]) => facts.push([kind, start(at), end(at), ...rest].join(' '));
  const title = (truth: unknown) => (truth ? 'True' : 'False');

  const body = (parent: string, name: string, statements: readonly CodeStatement[]) => {
    for (const [index, one] of statements.entries()) {
      const next = statements[index + 1];
      // `import a.b` is two imports: of `a`, which gets a name, and of `a.b`.
      if (one.kind === 'import' && next?.kind === 'import' && next.bindings.length === 0 && next.location.start === one.location.start) continue;
      if (one.kind !== 'import') facts.push(`statement ${one.kind} ${start(one.location)} in ${parent} ${name}`);
      statement(one);
    }
  };

  const statement = (one: CodeStatement): void => {
    const from = start(one.location);
    switch (one.kind) {
      case 'expression': return expression(one.expression);
      case 'declare': return declare(one);
      case 'if':
        expression(one.test);
        body(from, 'then', one.then);
        return body(from, 'otherwise', one.otherwise);
      case 'loop':
        if (one.test) expression(one.test);
        if (one.target) pattern(one.target);
        if (one.iterable) expression(one.iterable);
        body(from, 'body', one.body);
        return body(from, 'otherwise', one.otherwise);
      default: return compound(one);
    }
  };

  const compound = (one: CodeStatement): void => {
    const from = start(one.location);
    switch (one.kind) {
      case 'switch':
        expression(one.subject);
        for (const each of one.cases) {
          facts.push(`case ${[...new Set(names(each.pattern))].filter((name) => name !== '_').sort().join(',')}${each.guard ? ' guarded' : ''}`);
          if (each.guard) expression(each.guard);
          body(from, 'case', each.body);
        }
        return;
      case 'try':
        body(from, 'body', one.body);
        for (const handler of one.handlers) {
          facts.push(`handler ${handler.types.length} ${handler.target?.kind === 'name' ? handler.target.name : ''}`);
          handler.types.forEach(expression);
          body(from, 'handler', handler.body);
        }
        body(from, 'otherwise', one.otherwise);
        return body(from, 'finally', one.finally);
      case 'with':
        for (const item of one.items) {
          expression(item.context);
          if (item.target) pattern(item.target);
        }
        return body(from, 'body', one.body);
      default: return rest(one);
    }
  };

  const rest = (one: CodeStatement): void => {
    switch (one.kind) {
      case 'return': case 'throw': return one.value && expression(one.value);
      case 'assert':
        expression(one.test);
        return one.message && expression(one.message);
      case 'function': return define(one.function);
      case 'class': return defineClass(one.class);
      case 'import':
        for (const { imported, local } of one.bindings) {
          if (imported === '*' && local !== '*' && one.level === undefined) facts.push(`import ${one.module} as ${local}`);
          else facts.push(`from ${'.'.repeat(one.level ?? 0)}${one.module} ${imported} as ${local}`);
        }
        if (one.bindings.length === 0) facts.push(`import ${one.module} as ${one.module.split('.')[0]}`);
        return;
      case 'delete': return one.targets.forEach(expression);
      case 'type': facts.push(`type ${one.name}`); return;
      case 'unknown': if (one.names) facts.push(`scope ${one.names.join(',')}`);
    }
  };

  const declare = (one: CodeStatement & { kind: 'declare' }) => {
    let targets = 1;
    let { value } = one;
    pattern(one.target);
    while (value?.kind === 'assignment' && value.location.end === one.location.end && !isWalrus(value)) {
      targets += 1;
      pattern(value.target);
      value = value.value;
    }
    if (one.type) add('annotated', one.location);
    else add('assign', one.location, targets);
    if (value) expression(value);
  };
  const isWalrus = (value: CodeExpression & { kind: 'assignment' }) => value.operator !== '=';

  const parameters = (all: readonly Parameter[]) => all.map(({ target, rest, keywordOnly }) => {
    const name = target.kind === 'name' ? target.name : '?';
    return rest === 'list' ? `*${name}` : rest === 'map' ? `**${name}` : keywordOnly ? `=${name}` : name;
  }).join(',');
  const defaults = (all: readonly Parameter[]) => all.forEach((one) => one.default && expression(one.default));

  const define = (one: CodeFunction) => {
    add('function', one.location, `${one.async ? 'async ' : ''}${one.name}`, parameters(one.parameters), one.generator ? 'generator' : '', one.decorators.length);
    one.decorators.forEach(expression);
    defaults(one.parameters);
    body(start(one.location), 'body', one.body);
  };

  const defineClass = (one: CodeClass) => {
    add('class', one.location, one.name, one.bases.length, one.keywords.map(({ name }) => name).join(','), one.decorators.length);
    one.decorators.forEach(expression);
    one.bases.forEach(expression);
    one.keywords.forEach(({ value }) => expression(value));
    const from = start(one.location);
    const seen = new Set<number>();
    for (const field of one.fields) {
      // Several fields of one statement.
      if (seen.has(field.location.start)) continue;
      seen.add(field.location.start);
      const same = one.fields.filter(({ location }) => location.start === field.location.start);
      facts.push(`statement declare ${field.location.start} in ${from} body`);
      for (const { name } of same) facts.push(`name ? ? ${name}`);
      if (field.type) add('annotated', field.location);
      else add('assign', field.location, same.length);
      if (field.value) expression(field.value);
    }
    for (const method of one.methods) {
      facts.push(`statement function ${method.location.start} in ${from} body`);
      define(method);
    }
    body(from, 'body', one.rest);
  };

  const names = (one: Pattern | undefined): string[] => {
    if (!one || one.kind === 'target') return [];
    if (one.kind === 'name') return [one.name];
    if (one.kind === 'list') return one.items.flatMap((item) => names(item?.target));
    return [...one.properties.flatMap(({ target }) => names(target)), ...names(one.rest)];
  };

  const pattern = (one: Pattern): void => {
    if (one.kind === 'name') add('name', one.location, one.name);
    else if (one.kind === 'target') expression(one.expression);
    else if (one.kind === 'list') {
      facts.push(`pattern ${one.items.length} ${one.items.filter((item) => item?.rest).length}`);
      one.items.forEach((item) => item && pattern(item.target));
    }
  };

  const call = (all: readonly CodeArgument[]) => {
    const named = all.filter(({ name, spread }) => name !== undefined || spread === 'map');
    return `${all.length - named.length} ${named.map(({ name }) => name ?? '**').join(',')}`;
  };

  const expression = (one: CodeExpression): void => {
    const at = one.location;
    switch (one.kind) {
      case 'name': add('name', at, one.name); return;
      case 'member':
        add('member', at, one.property);
        return expression(one.object);
      case 'call':
        add('call', at, call(one.arguments));
        expression(one.callee);
        return one.arguments.forEach(({ value }) => expression(value));
      case 'literal': return literal(one);
      case 'template':
        add('template', at, `[${one.parts.flatMap((part) => (part.kind === 'text' ? [python(part.value)] : [])).join(', ')}]`);
        inText += 1;
        for (const part of one.parts) if (part.kind === 'hole') expression(part.expression);
        inText -= 1;
        return;
      case 'binary': {
        const isComparison = /^(?:[=!<>]=|[<>]|is|is not|in|not in)$/.test(one.operator);
        if (isComparison) facts.push(`compare ${one.operator} ${start(one.right.location)}`);
        else add('binary', at, one.operator);
        expression(one.left);
        return expression(one.right);
      }
      case 'logical': {
        expression(one.left);
        const before = one.left.kind === 'logical' ? one.left.right : one.left;
        const isChain = one.right.kind === 'binary' && before.kind === 'binary' && one.right.left === before.right;
        if (isChain && one.right.kind === 'binary') {
          facts.push(`compare ${one.right.operator} ${start(one.right.right.location)}`);
          return expression(one.right.right);
        }
        facts.push(`logical ${one.operator} ${start(one.right.location)}`);
        return expression(one.right);
      }
      default: return operation(one);
    }
  };

  const operation = (one: CodeExpression): void => {
    const at = one.location;
    switch (one.kind) {
      case 'unary':
        add('unary', at, one.operator);
        return expression(one.operand);
      case 'await':
        add('await', at);
        return expression(one.operand);
      case 'yield':
        add('yield', at, ...(one.delegates ? ['from'] : []));
        return one.value && expression(one.value);
      case 'assignment':
        add('assignment', at, one.operator);
        pattern(one.target);
        return expression(one.value);
      case 'index':
        add('index', at);
        expression(one.object);
        return expression(one.index);
      case 'slice':
        facts.push(`slice ${title(one.from)} ${title(one.to)} ${title(one.step)}`);
        return [one.from, one.to, one.step].forEach((part) => part && expression(part));
      default: return collection(one);
    }
  };

  const collection = (one: CodeExpression): void => {
    const at = one.location;
    switch (one.kind) {
      case 'object':
        add('dict', at, one.entries.length);
        for (const entry of one.entries) {
          if (entry.kind === 'property' && typeof entry.key === 'string') facts.push(`string ? ? ${python(entry.key)}`);
          else if (entry.kind === 'property') expression(entry.key as CodeExpression);
          expression(entry.value);
        }
        return;
      case 'list':
        facts.push(`${one.form} ${one.items.length} ${one.items.filter((item) => item?.spread).length}`);
        return one.items.forEach((item) => item && expression(item.value));
      case 'conditional':
        add('conditional', at);
        return [one.test, one.then, one.otherwise].forEach(expression);
      case 'comprehension':
        facts.push(`comprehension ${one.form} ${one.clauses.map(({ conditions }) => conditions.length).join(',')}`);
        if (one.key) expression(one.key);
        expression(one.element);
        for (const clause of one.clauses) {
          pattern(clause.target);
          expression(clause.iterable);
          clause.conditions.forEach(expression);
        }
        return;
      case 'functionValue':
        add('lambda', at, parameters(one.function.parameters));
        defaults(one.function.parameters);
        for (const inner of one.function.body) if (inner.kind === 'return' && inner.value) expression(inner.value);
        return;
      case 'other': if (one.name === 'complex') add('complex', at); else add(`other-${one.name}`, at);
    }
  };

  const literal = (one: CodeExpression & { kind: 'literal' }) => {
    const at = one.location;
    if (one.form === 'string' || one.form === 'bytes') add(one.form, at, python(one.value as string));
    else if (one.form === 'number') {
      const written = text.slice(at.start, at.end);
      if (/^0x/i.test(written) || !/[.eE]/.test(written)) add('integer', at, one.value);
      else add('float', at);
    } else if (one.form === 'bigint') add('integer', at, 'big');
    else if (one.form === 'boolean') add('boolean', at, JSON.stringify(one.value));
    else add(one.form, at);
  };

  body('module', 'body', module.body);
  return facts;
}

/** JSON as Python writes it: ASCII alone. */
function python(text: string): string {
   
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The facts that only one side has, each with `-` (CPython's) or `+`. */
export function differences(theirs: readonly string[], ours: readonly string[]): string[] {
  const left = new Map<string, number>();
  const add = (fact: string, count: number) => left.set(fact, (left.get(fact) ?? 0) + count);
  for (const fact of theirs) add(fact, 1);
  const extra = ours.filter((fact) => {
    if (!((left.get(fact) ?? 0) > 0)) return true;
    add(fact, -1);
    return false;
  });
  const rest = [...left].flatMap(([fact, count]) => Array.from({ length: count }, () => fact));
  const unplaced = (fact: string) => fact.replace(/^(\w+) (?:\d+|~) (?:\d+|~) /, '$1 ? ? ');
  return [
    ...extra.filter((fact) => {
      const at = fact.includes(' ? ? ') ? rest.findIndex((other) => unplaced(other) === fact) : -1;
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    }).map((fact) => `+ ${fact}`),
    ...rest.map((fact) => `- ${fact}`),
  ];
}
