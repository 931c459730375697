import { entryOf } from '../../entry.js';
import type { ColumnExpression, Expression } from '../../facts/expression.js';
import { subqueryValue } from './catalog-query.js';
import type { Bound, Combination, QueryWorld, Source } from './catalog-types.js';
import { evaluate, type Scope } from './evaluate.js';
import { constant, isKnown, truth } from './values.js';

const maximumCombinations = 300_000;

/** Joins the sources, testing every condition as soon as its names are bound. */
export function combine(
  sources: readonly Source[], conditions: readonly Expression[], outerJoins: readonly { alias: string; on: Expression[] }[], world: QueryWorld,
): Combination[] | undefined {
  let combinations: Combination[] = [{ bound: new Map(), open: [] }];
  const waiting = new Set(conditions);
  const aliases = new Set<string>();
  let steps = 0;
  for (const [index, source] of sources.entries()) {
    aliases.add(source.alias);
    const last = index === sources.length - 1;
    const outer = outerJoins.find(({ alias }) => alias === source.alias);
    const ready = outer ? [] : [...waiting].filter((condition) => last || boundBy(condition, aliases, sources));
    for (const condition of ready) waiting.delete(condition);
    const rows = [...source.rows];
    const next: Combination[] = [];
    for (const { bound, open } of combinations) {
      let matched = false;
      for (const row of rows) {
        steps += 1;
        if (steps > maximumCombinations) return undefined;
        const candidate = new Map(bound).set(source.alias, row);
        const kept = test(outer?.on ?? ready, candidate, open, world);
        if (!kept) continue;
        matched = true;
        next.push({ bound: candidate, open: kept });
      }
      if (outer && !matched) next.push({ bound: new Map(bound).set(source.alias, Object.fromEntries(source.columns.map((name) => [name, null]))), open });
    }
    combinations = next;
  }
  if (waiting.size > 0) {
    combinations = combinations.flatMap(({ bound, open }) => {
      const kept = test([...waiting], bound, open, world);
      return kept ? [{ bound, open: kept }] : [];
    });
  }
  return combinations;
}

function boundBy(condition: Expression, aliases: ReadonlySet<string>, sources: readonly Source[]): boolean {
  if (condition.kind !== 'operator' && condition.kind !== 'inList' && condition.kind !== 'nullTest') return false;
  const parts = condition.kind === 'operator' ? [condition.left, condition.right] : condition.kind === 'inList' ? [condition.operand, ...condition.list] : [condition.operand];
  return parts.every((part) => {
    const plain = part?.kind === 'cast' ? part.operand : part;
    if (!plain || plain.kind === 'constant' || (plain.kind === 'array' && isKnown(plain))) return true;
    if (plain.kind !== 'column') return false;
    if (plain.path.length > 1) return aliases.has(plain.path.at(-2)!);
    const owner = sources.find((source) => source.columns.includes(plain.path[0]!));
    return owner !== undefined && aliases.has(owner.alias);
  });
}

/** The conditions that stay undecided; undefined when one is not true. */
function test(conditions: readonly Expression[], bound: Bound, open: readonly Expression[], world: QueryWorld): readonly Expression[] | undefined {
  const scope = rowScope(bound, world);
  let kept = open;
  for (const condition of conditions) {
    const value = evaluate(condition, scope);
    if (isKnown(value)) {
      if (truth(value) !== 'yes') return undefined;
    } else {
      kept = [...kept, value];
    }
  }
  return kept;
}

/** What names mean in one combination of rows. */
export function rowScope(bound: Bound, world: QueryWorld): Scope {
  return new RowScope(bound, world);
}

/** What names mean in one combination of rows. A class, because a query over the catalog makes one for each row there is. */
class RowScope implements Scope {
  constructor(private readonly bound: Bound, private readonly world: QueryWorld) {}

  variable(column: ColumnExpression): Expression | undefined {
    return valueOf(column, this.bound) ?? this.world.scope.variable(column);
  }

  subquery(subquery: Extract<Expression, { kind: 'subquery' }>): Expression {
    return subqueryValue(subquery, { ...this.world, scope: this }) ?? subquery;
  }

  environment(name: string, args: readonly Expression[], call: Expression): Expression | undefined {
    return this.world.scope.environment(name, args, call);
  }

  identifier(kind: string, text: string, at: Expression): Expression | undefined {
    return this.world.scope.identifier(kind, text, at);
  }
}

/** What a column is in a combination of rows. */
export function valueOf(column: ColumnExpression, bound: Bound): Expression | undefined {
  const name = column.path.at(-1)!;
  const alias = column.path.length > 1 ? column.path.at(-2)! : undefined;
  for (const [key, row] of bound) {
    if (alias !== undefined && alias !== key) continue;
    if (!Object.hasOwn(row, name)) continue;
    const value = entryOf(row, name);
    if (value === undefined) return undefined;
    return typeof value === 'object' && value !== null ? value : constant(value, column.location);
  }
  return undefined;
}
