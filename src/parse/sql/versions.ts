import type { Need } from '../../facts/version.js';
import type { TreeNode } from './engine.js';
import { list, option, strings } from './tree.js';

/** Built-in functions by the version that brought them (release notes of PostgreSQL 15 to 18). */
const FUNCTIONS: Readonly<Record<number, readonly string[]>> = {
  15: ['regexp_count', 'regexp_instr', 'regexp_like', 'regexp_substr'],
  16: ['any_value', 'array_sample', 'array_shuffle', 'date_add', 'date_subtract', 'erf', 'erfc', 'pg_input_error_info', 'pg_input_is_valid', 'random_normal'],
  17: ['to_bin', 'to_oct', 'unicode_assigned', 'uuid_extract_timestamp', 'uuid_extract_version', 'xmltext'],
  18: ['array_reverse', 'array_sort', 'casefold', 'crc32', 'crc32c', 'gamma', 'lgamma', 'uuidv4', 'uuidv7'],
};
const VERSION_OF = new Map(Object.entries(FUNCTIONS).flatMap(([version, names]) => names.map((name) => [name, Number(version)] as const)));

/** Settings that an older server does not know: dumps of a newer one begin with them. */
const SETTINGS: ReadonlyMap<string, number> = new Map([['transaction_timeout', 17]]);

/** What may need more than the oldest version; a text without any of it is not looked through. */
const WORTH_A_LOOK = new RegExp([
  '\\b(?:merge|maintain|expression|enforced|overlaps|period|generated|json|json_?\\w+|security_invoker|publication|inherit|storage|local)\\b',
  '\\bset\\s+(?:null|default)\\s*\\(', '\\bnot\\s+null\\b', '\\(\\s*(?:select|values|with|\\()', `\\b(?:${[...VERSION_OF.keys(), ...SETTINGS.keys()].join('|')})\\b`,
  '\\brandom\\s*\\(\\s*[^\\s)]', '\\breturning\\s+with\\b', '\\bstatistics\\s+on\\b', '\\bsystem_user\\b',
].join('|'), 'i');

type Rule = (node: TreeNode) => Need | false | undefined;

const syntax = (version: number, feature: string): Need => ({ version, feature, code: '42601' });
const always = (version: number, feature: string): Rule => () => syntax(version, feature);
/** Written with nothing but values between its parentheses, an older server looks for a function of that name. */
const call = (version: number, feature: string): Rule => () => ({ version, feature, code: '42883' });

/** What each kind of node (or field of a known type) needs. */
const RULES: ReadonlyMap<string, readonly Rule[]> = new Map(Object.entries<readonly Rule[]>({
  MergeStmt: [
    always(15, 'MERGE'),
    (node) => (list(node['returningList']).length > 0 || node['returningClause'] !== undefined) && syntax(17, 'MERGE ... RETURNING'),
  ],
  MergeWhenClause: [(node) => node['matchKind'] === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE' && syntax(17, 'WHEN NOT MATCHED BY SOURCE')],
  Constraint: [
    (node) => list(node['fk_del_set_cols']).length > 0 && syntax(15, 'ON DELETE SET NULL or SET DEFAULT with columns'),
    (node) => node['contype'] === 'CONSTR_GENERATED' && node['generated_kind'] === 'v' && syntax(18, 'A virtual generated column'),
    (node) => node['contype'] === 'CONSTR_NOTNULL' && (list(node['keys']).length > 0 || node['is_no_inherit'] === true) && syntax(18, 'NOT NULL as a constraint of its own'),
    (node) => ['CONSTR_CHECK', 'CONSTR_FOREIGN'].includes(String(node['contype'])) && node['is_enforced'] !== true && syntax(18, 'NOT ENFORCED'),
    (node) => node['contype'] === 'CONSTR_ATTR_NOT_ENFORCED' && syntax(18, 'NOT ENFORCED'),
    (node) => node['without_overlaps'] === true && syntax(18, 'WITHOUT OVERLAPS'),
    (node) => node['fk_with_period'] === true && syntax(18, 'PERIOD'),
  ],
  ViewStmt: [(node) => option(node['options'], 'security_invoker') !== undefined && securityInvoker()],
  AlterTableCmd: [
    (node) => node['subtype'] === 'AT_SetRelOptions' && option(node['def']?.['List']?.['items'], 'security_invoker') !== undefined && securityInvoker(),
    (node) => node['subtype'] === 'AT_SetExpression' && syntax(17, 'SET EXPRESSION'),
  ],
  pubtable: [(node) => (node['whereClause'] !== undefined || list(node['columns']).length > 0) && syntax(15, 'A publication of some rows or columns')],
  PublicationObjSpec: [(node) => /TABLES_IN/.test(String(node['pubobjtype'])) && syntax(15, 'A publication of the tables in a schema')],
  RangeSubselect: [(node) => node['alias'] === undefined && syntax(16, 'A sub-select in FROM without an alias')],
  JsonObjectConstructor: [always(16, 'JSON_OBJECT')],
  JsonArrayConstructor: [call(16, 'JSON_ARRAY')],
  JsonArrayQueryConstructor: [always(16, 'JSON_ARRAY of a query')],
  JsonObjectAgg: [always(16, 'JSON_OBJECTAGG')],
  JsonArrayAgg: [call(16, 'JSON_ARRAYAGG')],
  JsonIsPredicate: [always(16, 'IS JSON')],
  JsonFuncExpr: [call(17, 'JSON_EXISTS, JSON_VALUE or JSON_QUERY')],
  JsonScalarExpr: [call(17, 'JSON_SCALAR')],
  JsonSerializeExpr: [call(17, 'JSON_SERIALIZE')],
  JsonTable: [always(17, 'JSON_TABLE')],
  CreateStatsStmt: [(node) => list(node['defnames']).length === 0 && syntax(16, 'CREATE STATISTICS without a name')],
  AccessPriv: [(node) => node['priv_name'] === 'maintain' && syntax(17, 'The privilege MAINTAIN')],
  GrantRoleStmt: [(node) => ['inherit', 'set'].some((name) => option(node['opt'], name) !== undefined) && syntax(16, 'GRANT ... WITH INHERIT or SET')],
  VariableSetStmt: [(node) => setting(String(node['name']))],
  returningClause: [(node) => list(node['options']).length > 0 && syntax(18, 'RETURNING WITH')],
  FuncCall: [builtIn],
}));

function securityInvoker(): Need {
  return { version: 15, feature: 'security_invoker', code: '22023' };
}

function setting(name: string): Need | false {
  const version = SETTINGS.get(name);
  return version !== undefined && { version, feature: `The setting ${name}`, code: '42704' };
}

function builtIn(node: TreeNode): Need | false {
  const parts = strings(node['funcname']);
  const name = parts.at(-1) ?? '';
  if (parts.length > 1 && parts[0] !== 'pg_catalog') return false;
  if (name === 'timezone' && node['funcformat'] === 'COERCE_SQL_SYNTAX' && list(node['args']).length === 1) return syntax(17, 'AT LOCAL');
  if (name === 'random' && list(node['args']).length === 2) return { version: 17, feature: 'random(min, max)', code: '42883', function: name };
  if (name === 'system_user' && node['funcformat'] === 'COERCE_SQL_SYNTAX') return { version: 16, feature: 'SYSTEM_USER', code: '42703' };
  const version = VERSION_OF.get(name);
  return version !== undefined && { version, feature: `${name}()`, code: '42883', function: name };
}

/**
 * What a statement uses that not every supported version of PostgreSQL has; syntax that the grammar does not tell from older syntax is left out.
 * What the facts themselves tell (NULLS NOT DISTINCT, names of NOT NULL constraints) is judged where they are applied.
 * OLD and NEW in RETURNING are left out: in a trigger they are its rows.
 * @param statement as the grammar gives it
 * @param text its source
 */
export function needsOf(statement: TreeNode, text: string): Need[] {
  const found: Need[] = [];
  if (WORTH_A_LOOK.test(text)) look(statement, found);
  return found;
}

function look(node: TreeNode, found: Need[]): void {
  for (const [tag, child] of Object.entries(node)) {
    if (typeof child !== 'object' || child === null) continue;
    for (const rule of RULES.get(tag) ?? []) {
      const need = rule(child as TreeNode);
      if (need && !found.some(({ feature }) => feature === need.feature)) found.push(need);
    }
    look(child as TreeNode, found);
  }
}
