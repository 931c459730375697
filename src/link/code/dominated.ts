import type { CodeExpression, CodeStatement, DeclareStatement, IfStatement } from '../../facts/code.js';
import type { Location } from '../../facts/location.js';
import { nodes } from '../queries/nodes.js';
import type { Machine } from './machine.js';
import { boundNames } from './mentions.js';
import type { Scope } from './scope.js';
import { undefinedValue, type Fact, type Value } from './values.js';

type NameNode = Extract<CodeExpression, { kind: 'name' }>;

/**
 * What the condition of a branch has checked of rows that are spoken of nowhere else: `if (note.orgId === orgId) { use(note) }`.
 * Such a check stands before every use of the row, though the code goes on without it.
 */
export class DominatedRows {
  private readonly outside: Machine['state'];
  private readonly held = new Map<readonly { readonly location: Location }[], readonly Fact[]>();

  constructor(private readonly m: Machine, private readonly test: CodeExpression, private readonly scope: Scope) {
    this.outside = m.state;
  }

  /** A branch begins: what holds now and did not before is the condition's. Where nothing is done nothing is dominated. */
  enter(branch: readonly { readonly location: Location }[]): void {
    if (branch.length > 0) this.held.set(branch, this.m.state.since(this.outside).facts);
  }

  /** After the branches: their checks count for the rows' queries. */
  check(): void {
    const body = this.m.frames.at(-1)?.function?.body;
    for (const [branch, facts] of this.held) {
      const checks = facts.filter((fact) => fact.kind === 'holds' && fact.about !== undefined);
      if (checks.length === 0 || body === undefined) continue;
      const rows = rowsOnlyIn([this.test, ...branch].map(({ location }) => location), this.test, body, this.m, this.scope);
      for (const fact of checks) if (fact.kind === 'holds' && rows.has(fact.about!.result)) this.m.check(fact, true);
    }
  }
}

/** The rows that names in the test hold and that the function speaks of in these places only. */
function rowsOnlyIn(places: readonly Location[], test: CodeExpression, body: readonly CodeStatement[], m: Machine, scope: Scope): ReadonlySet<number> {
  const all = nodes(body);
  const named = new Map(namesIn(test).map((node) => [node.name, node]));
  return new Set([...named.values()].flatMap((node) => {
    const declarations = all.filter((each): each is DeclareStatement => each.kind === 'declare' && boundNames((each as DeclareStatement).target).includes(node.name));
    const [first] = declarations;
    if (declarations.length !== 1 || !isFetched(first!, m, scope)) return [];
    const allowed = [...places, first!.target.location, ...all.flatMap(bareTest)];
    const mentions = namesIn(all).filter(({ name }) => name === node.name);
    return mentions.every(({ location }) => allowed.some((place) => place.start <= location.start && location.end <= place.end)) ? rowsOf(valueOf(m, node.name, scope), m) : [];
  }));
}

/** Where an `if` asks only whether a value is there: `if (note)`, `if (!note)`, `if (note !== null)`. */
function bareTest(node: { readonly kind: string }): Location[] {
  if (node.kind !== 'if') return [];
  const { test } = node as IfStatement;
  const inner = test.kind === 'unary' ? test.operand : test.kind === 'binary' && test.right.kind === 'literal' && test.right.value === null ? test.left : test;
  return inner.kind === 'name' ? [inner.location] : [];
}

function namesIn(value: unknown): NameNode[] {
  return nodes(value).filter((each): each is NameNode => each.kind === 'name');
}

/** The declaration calls for its value: it is no part of rows that are known by another name. */
function isFetched({ value }: DeclareStatement, m: Machine, scope: Scope): boolean {
  const call = value?.kind === 'await' ? value.operand : value;
  return call?.kind === 'call' && namesIn(call).every((node) => !['row', 'rowList', 'list', 'union'].includes(m.read(valueOf(m, node.name, scope)).kind));
}

function valueOf(m: Machine, name: string, scope: Scope): Value {
  const slot = scope.find(name);
  return typeof slot === 'number' ? m.state.slot(slot) ?? undefinedValue : undefinedValue;
}

function rowsOf(value: Value, m: Machine): number[] {
  const inner = m.read(value);
  if (inner.kind === 'union') return inner.options.flatMap((option) => rowsOf(option.value, m));
  // What is left of a row is a part of it: the rest has names of its own.
  return inner.kind === 'row' && inner.without === undefined ? [inner.result.id] : [];
}
