import type { CodeExpression, CodeStatement } from '../facts/code.js';

/** Packages whose calls make values of what they are given, and do nothing else: descriptions of data. */
const DESCRIBING = /^(?:zod(?:\/.*)?|yup|valibot|@sinclair\/typebox)$/;

/** Whether a module does nothing when it is loaded but to give names to functions and values: nobody sees it who does not import it. */
export function isQuiet(body: readonly CodeStatement[]): boolean {
  const describing = new Set(body.flatMap((each) => (each.kind === 'import' && DESCRIBING.test(each.module) ? each.bindings.map(({ local }) => local) : [])));
  return body.every((statement) => isDefinition(statement, describing));
}

function isDefinition(statement: CodeStatement, describing: ReadonlySet<string>): boolean {
  switch (statement.kind) {
    case 'import': case 'type': return true;
    case 'expression': return statement.expression.kind === 'literal';
    case 'export': return statement.value === undefined || isValue(statement.value.expression, describing);
    case 'function': return (statement.function.decorators ?? []).length === 0;
    case 'declare': return statement.target.kind === 'name' && (statement.value === undefined || isValue(statement.value, describing));
    default: return false;
  }
}

function isValue(value: CodeExpression, describing: ReadonlySet<string>): boolean {
  return value.kind === 'functionValue' || value.kind === 'name' || isData(value, describing);
}

/** Data that is written out, or described. */
function isData(value: CodeExpression, describing: ReadonlySet<string>): boolean {
  switch (value.kind) {
    case 'literal': return true;
    case 'object': return value.entries.every((entry) => entry.kind === 'property' && typeof entry.key === 'string' && isData(entry.value, describing));
    case 'list': return value.items.every((item) => item === undefined || (!item.spread && isData(item.value, describing)));
    case 'call': return isDescribed(value.callee, describing) && value.arguments.every((each) => each.spread === undefined && isData(each.value, describing));
    default: return false;
  }
}

/** `z.string().max`: a method of what such a package has made. */
function isDescribed(callee: CodeExpression, describing: ReadonlySet<string>): boolean {
  if (callee.kind === 'name') return describing.has(callee.name);
  if (callee.kind === 'call') return isData(callee, describing);
  return callee.kind === 'member' && isDescribed(callee.object, describing);
}
