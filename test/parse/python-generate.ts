/** A small random generator: the same seed gives the same programs. */
export function generateProgram(seed: number): string {
  let state = seed >>> 0;
  const random = (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return (state >>> 8) % below;
  };
  const pick = <T>(all: readonly T[]): T => all[random(all.length)]!;
  const some = (least: number, most: number, make: () => string, join = ', ') => Array.from({ length: least + random(most - least + 1) }, make).join(join);
  const name = () => pick(['a', 'b', 'row', 'é', 'match', 'case', 'type', 'print_', 'x1', '_']);

  const text = () => pick(['', 'x', 'é😀', ' ', '\\n', '\\\\', '\\x41', '\\u00e9', '\\U0001F600', '\\7', '\\d', '%s', ':id', '#', '\\\'', '\\"']);
  const braces = () => pick(['{{', '}}', '{{}}']);
  const string = (depth: number): string => {
    const quote = pick(["'", '"', "'''", '"""']);
    const long = quote.length === 3;
    const prefix = pick(['', '', '', 'r', 'u', 'R']);
    if (depth <= 0 || random(3) > 0) return `${prefix}${quote}${some(0, 3, text, '').replace(/\\\\$/, '')}${long && random(2) ? '\n z' : ''}${quote}`;
    const inner = quote.startsWith("'") ? pick(['a', 'b.c', 'd["k"]', 'f(1)']) : pick(['a', 'b.c', "d['k']", 'f(x, *y)']);
    const hole = () => `{${pick(['', ' '])}${inner}${pick(['', '!r', ':>10', ':{w}', '='])}}`;
    const plain = () => pick(['', 'x', 'é😀', ' select ', '%s']);
    return `f${quote}${some(1, 3, () => pick([plain, hole, braces])(), '')}${quote}`;
  };

  const target = (depth: number): string => depth <= 0 ? name() : pick([
    name, name, () => `${name()}.b`, () => `${name()}[${expression(depth - 1)}]`, () => `(${target(depth - 1)}, ${target(depth - 1)})`, () => `[${target(depth - 1)}, *${name()}]`,
  ])();
  const parameters = () => pick(['', 'a', 'a, b=1', 'a, /, b', '*a', 'a, *, b', 'a, *b, c=2, **d', '**d', 'a, /, *, b=3']);
  const clause = (depth: number) => `for ${pick([name(), 'k, v', '(k, v)'])} in ${operand(depth)}${random(2) ? ` if ${operand(depth)}` : ''}`;
  const argument = (depth: number) => pick([() => expression(depth), () => `*${operand(depth)}`, () => `(a := ${expression(depth)})`])();
  const keyword = (depth: number) => pick([() => `k${random(1000)}=${expression(depth)}`, () => `**${operand(depth)}`])();
  const slice = (depth: number) => pick([() => expression(depth), () => ':', () => `${expression(depth)}:`, () => `:${expression(depth)}:${expression(depth)}`, () => `::${expression(depth)}`])();

  const atom = (depth: number) => pick([name, name, () => string(depth), () => String(random(100)), () => pick(['0x1F', '1_000', '2.5', '1e3', '3.', '.5', 'None', 'True', '...', "b'\\x00a'"])])();
  const operand = (depth: number): string => depth <= 0 ? atom(0) : pick<() => string>([
    () => atom(depth), () => `(${expression(depth - 1)})`, () => `${operand(depth - 1).replace(/^[\d.].*/, 'n')}.attr`,
    () => `${name()}(${[some(0, 2, () => argument(depth - 1)), some(0, 2, () => keyword(depth - 1))].filter(Boolean).join(', ')})`,
    () => `${name()}[${some(1, 2, () => slice(depth - 1))}]`, () => `[${some(0, 3, () => argument(depth - 1))}]`, () => `(${expression(depth - 1)},)`,
    () => `{${some(1, 2, () => `${expression(depth - 1)}: ${expression(depth - 1)}`)}, **${name()}}`, () => `{${some(1, 3, () => expression(depth - 1))}}`,
    () => `[${expression(depth - 1)} ${clause(depth - 1)}]`, () => `{${expression(depth - 1)}: 1 ${clause(depth - 1)}}`, () => `${name()}(${expression(depth - 1)} ${clause(depth - 1)})`,
    () => `(${string(depth)} ${string(0)}\n${string(0)})`,
  ])();
  const expression = (depth: number): string => depth <= 0 ? operand(0) : pick<() => string>([
    () => operand(depth), () => operand(depth),
    () => `${operand(depth - 1)} ${pick(['+', '-', '*', '**', '/', '//', '%', '@', '|', '&', '^', '<<', '>>'])} ${operand(depth - 1)} ${pick(['+', '*', '**', '|', '-'])} ${operand(depth - 1)}`,
    () => `${operand(depth - 1)} ${pick(['and', 'or'])} not ${operand(depth - 1)} ${pick(['and', 'or', '<', 'in', 'is not'])} ${operand(depth - 1)}`,
    () => `${operand(depth - 1)} ${pick(['<', '==', '!=', 'not in', 'is'])} ${operand(depth - 1)} ${pick(['<=', 'in', 'is not'])} ${operand(depth - 1)}`,
    () => `${operand(depth - 1)} if ${operand(depth - 1)} else ${expression(depth - 1)}`, () => `lambda ${parameters()}: ${operand(depth - 1)}`,
    () => `${pick(['-', '~', 'not '])}${operand(depth - 1)}`,
  ])();

  const block = (depth: number, indent: string) => some(1, 3, () => statement(depth - 1, `${indent}    `), '');
  const simple = (): string => pick<() => string>([
    () => `${target(2)} = ${expression(2)}`, () => `${name()} = ${name()} = ${expression(2)}`, () => `${name()}: ${pick(['int', 'Optional[str]', '"T"'])} = ${expression(1)}`,
    () => `${name()} ${pick(['+=', '|=', '//='])} ${expression(2)}`, () => expression(3), () => `a, *b = ${expression(1)}, *${name()}`, () => 'pass',
    () => `assert ${expression(1)}, ${expression(1)}`, () => `del ${name()}, ${name()}.x`, () => `import ${pick(['os', 'a.b', 'a.b as c', 'x, y as z'])}`,
    () => `from ${pick(['.', '..m', 'm.n'])} import ${pick(['a', 'a as b, c', '(a,\n  b as c,)'])}`, () => `raise ${name()} from ${name()}`, () => `${name()}(${string(1)}); ${name()}`,
  ])();
  const statement = (depth: number, indent: string): string => {
    if (depth <= 0 || random(2)) return `${indent}${simple()}${pick(['', '', '  # note', ' \\\n\n'.slice(0, 0)])}\n`;
    const body = () => block(depth, indent);
    return pick<() => string>([
      () => `${indent}if ${expression(1)}:\n${body()}${random(2) ? `${indent}elif ${expression(1)}:\n${body()}` : ''}${random(2) ? `${indent}else:\n${body()}` : ''}`,
      () => `${indent}for ${pick([name(), 'i, (k, v)'])} in ${pick(['', `*${name()}, `])}${expression(1)}:\n${body()}`, () => `${indent}while ${expression(1)}:\n${body()}${indent}else:\n${body()}`,
      () => `${indent}with ${some(1, 2, () => `${operand(1)}${pick(['', ' as c', ' as (a, b)', ' as d.e'])}`)}:\n${body()}`,
      () => `${indent}with (${some(1, 2, () => `f()${pick([' as c', ' as (a, b)', ' as d[0]'])}`, `,\n${indent}`)},):\n${body()}`,
      () => `${indent}try:\n${body()}${indent}except ${pick(['A', '(A, b.C)'])}${pick(['', ' as e'])}:\n${body()}${random(2) ? `${indent}finally:\n${body()}` : ''}`,
      () => `${random(2) ? `${indent}@${pick(['a', 'b.c(1)', 'd[0].e', '(yield_)'])}\n` : ''}${indent}def ${name()}(${parameters()})${pick(['', ' -> int', ' -> "T | None"'])}:\n${body()}${random(3) ? '' : `${indent}    yield ${expression(1)}\n`}`,
      () => `${indent}class ${pick(['A', 'B(C, metaclass=D)', 'E(F[G], *h)'])}:\n${body()}`,
      () => `${indent}match ${pick([operand(1), 'a, b', 'not a', '-x'])}:\n${some(1, 3, () => `${indent}    case ${pick(['1', '"a" | None', 'A.B', '[a, *b]', 'P(x=1, y=z)', '{"k": v, **r}', '(c | d) as e', 'f, g', 'str() as s', 'n'].slice(0, 9))}${pick(['', ` if ${operand(1)}`])}:\n${block(depth, `${indent}    `)}`, '')}`,
    ])();
  };
  return some(3, 8, () => statement(3, ''), '');
}
