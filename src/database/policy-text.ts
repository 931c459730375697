import type { Expression } from '../facts/expression.js';
import { walkTree } from '../link/replay/tree.js';
import { parseSqlText } from '../parse/sql/index.js';

/** Calls that PostgreSQL writes back in another form than they were written in. */
const REWRITTEN = /^(now|current_timestamp|extract|date_part|timezone|trim|btrim|ltrim|rtrim|substring|substr|position|overlay|normalize|current_user|session_user|user|current_role)$/;

/** Types whose constants are stored as values, not as they were written (an interval of 24 hours as `24:00:00`). */
const READ_AS_VALUE = /^(date|time|timetz|timestamp|timestamptz|interval|json|jsonb|jsonpath|inet|cidr|macaddr8?|bytea|bit|varbit|money|xml|tsquery|tsvector|int\d|numeric|float\d|\w*range|point|regclass|regproc|regtype)$/;

/**
 * Whether an expression of a policy says something else in the database than where it was written. PostgreSQL keeps what an expression means and
 * writes it back in its own way (pg_get_expr): with casts, aliases and names of tables, IN and BETWEEN taken apart. So what both are made of is compared:
 * columns, tables, calls, constants, operators.
 * @returns undefined when that does not tell
 */
export function saysElse(written: Expression, stored: string): boolean | undefined {
  const { statements, notices } = parseSqlText(`select ${stored}`, (start, end) => ({ file: '', start, end }));
  const [operation] = statements[0]?.operations ?? [];
  const target = operation?.kind === 'query' && operation.query.kind === 'select' ? operation.query.targets[0] : undefined;
  if (target === undefined || notices.length > 0) return undefined;
  const [ours, theirs] = [partsOf(written), partsOf(target.expression)];
  if (ours === undefined || theirs === undefined) return undefined;
  if (ours !== theirs) return true;
  // Made of the same, but put together in another way?
  const [built, stands] = [shapeOf(written), shapeOf(target.expression)];
  return built !== undefined && stands !== undefined && built !== stands;
}

/** How an expression is put together, the sides of AND, OR and = in no order; undefined where PostgreSQL may rebuild it. */
function shapeOf(expression: Expression): string | undefined {
  const all = (parts: readonly Expression[], join: (shapes: readonly string[]) => string): string | undefined => {
    const shapes = parts.map(shapeOf);
    return shapes.includes(undefined) ? undefined : join(shapes as string[]);
  };
  switch (expression.kind) {
    case 'column': return expression.path.at(-1)!;
    case 'constant': return `'${String(expression.value).toLowerCase()}'`;
    case 'cast': return shapeOf(expression.operand);
    case 'call': return REWRITTEN.test(expression.name.at(-1)!.toLowerCase()) ? undefined : all(expression.arguments, (shapes) => `${expression.name.at(-1)!.toLowerCase()}(${shapes.join(', ')})`);
    case 'and': case 'or': return all(expression.operands, (shapes) => `${expression.kind}(${[...shapes].sort().join(', ')})`);
    case 'not': return all([expression.operand], ([shape]) => `not(${shape!})`);
    case 'nullTest': return all([expression.operand], ([shape]) => `null(${shape!}, ${String(expression.negated)})`);
    case 'operator': {
      const { left, right, operator } = expression;
      if (left === undefined || right === undefined || operatorsOf(operator).length > 1) return undefined;
      return all([left, right], (shapes) => `${operatorsOf(operator)[0]!}(${(/^(=|<>|!=)$/.test(operator) ? [...shapes].sort() : shapes).join(', ')})`);
    }
    default: return undefined;
  }
}

/** Everything an expression is made of, in no order; undefined when PostgreSQL may write some of it in another way. */
function partsOf(expression: Expression): string | undefined {
  const parts: string[] = [];
  let telling = true;
  walkTree(expression, (each) => {
    const node = each as Expression | { readonly kind: 'table'; readonly name: { readonly name: string } };
    switch (node.kind) {
      case 'column': parts.push(`column ${node.path.at(-1)!}`); break;
      case 'table': parts.push(`table ${node.name.name}`); break;
      case 'constant':
        // The values of other types are written as these write them.
        if (node.value === null || (typeof node.value === 'string' && /^\s*[{[(]/.test(node.value))) telling = false;
        parts.push(`constant ${String(node.value).toLowerCase()}`);
        break;
      case 'call': {
        const name = node.name.at(-1)!.toLowerCase();
        if (!REWRITTEN.test(name)) parts.push(`call ${name}`);
        break;
      }
      case 'operator': parts.push(...operatorsOf(node.operator)); break;
      case 'inList': parts.push(node.negated ? '<>' : '='); break;
      case 'quantified': parts.push(node.operator); break;
      case 'and': case 'or': parts.push(...node.operands.slice(1).map(() => node.kind)); break;
      case 'not': parts.push('not'); break;
      case 'nullTest': parts.push(node.negated ? 'is not null' : 'is null'); break;
      case 'booleanTest': parts.push(`is ${node.test}`); break;
      case 'cast':
        if (READ_AS_VALUE.test(node.type.name) && node.operand.kind === 'constant' && typeof node.operand.value === 'string') telling = false;
        break;
      case 'distinct': parts.push('distinct', ...(node.negated ? ['not'] : [])); break;
      case 'subquery': parts.push(node.form); break;
      case 'star': case 'hole': case 'parameter': case 'other': case 'row': telling = false; break;
      default:
    }
  });
  return telling ? parts.sort().join('\n') : undefined;
}

function operatorsOf(operator: string): readonly string[] {
  switch (operator) {
    case '!=': return ['<>'];
    case 'between': return ['>=', '<=', 'and'];
    case 'not between': return ['<', '>', 'or'];
    default: return [operator];
  }
}
