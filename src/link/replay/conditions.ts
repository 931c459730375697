import type { Block, ExceptionHandler, Step } from '../../facts/operation.js';

/** PL/pgSQL's names of the errors that the replay can tell (PostgreSQL manual, appendix A). */
const codes = new Map<string, string>(Object.entries({
  duplicate_column: '42701', duplicate_object: '42710', duplicate_table: '42P07', duplicate_schema: '42P06', duplicate_function: '42723',
  duplicate_alias: '42712', undefined_column: '42703', undefined_table: '42P01', undefined_object: '42704', undefined_function: '42883',
  undefined_parameter: '42P02', ambiguous_column: '42702', ambiguous_function: '42725', ambiguous_alias: '42P09', syntax_error: '42601',
  syntax_error_or_access_rule_violation: '42000', insufficient_privilege: '42501', wrong_object_type: '42809', invalid_object_definition: '42P17',
  invalid_table_definition: '42P16', invalid_column_reference: '42P10', invalid_foreign_key: '42830', datatype_mismatch: '42804', grouping_error: '42803',
  cannot_coerce: '42846', invalid_schema_name: '3F000', invalid_schema_definition: '42P15', feature_not_supported: '0A000', dependent_objects_still_exist: '2BP01',
  active_sql_transaction: '25001', no_active_sql_transaction: '25P01', invalid_transaction_state: '25000', object_not_in_prerequisite_state: '55000',
  raise_exception: 'P0001', no_data_found: 'P0002', too_many_rows: 'P0003', assert_failure: 'P0004', plpgsql_error: 'P0000', invalid_parameter_value: '22023',
}));

/** Whether a handler's conditions catch an error; OTHERS leaves out failed assertions and cancelled queries. */
export function handles(handler: ExceptionHandler, code: string): boolean {
  return handler.conditions.some((condition) => {
    if (condition === 'others') return code !== 'P0004' && code !== '57014';
    const wanted = /^sqlstate\s+'?(\w{5})'?$/.exec(condition)?.[1]?.toUpperCase() ?? codes.get(condition);
    if (wanted === undefined) return false;
    return wanted === code || (wanted.endsWith('000') && code.startsWith(wanted.slice(0, 2)));
  });
}

/** The handler of a block that catches an error. */
export function handlerFor(block: Block, code: string): ExceptionHandler | undefined {
  return block.handlers.find((handler) => handles(handler, code));
}

/** Whether the handler raises an error itself, whatever happens. */
export function alwaysRaises(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if (step.kind === 'raise') return step.level === 'exception';
    if (step.kind === 'block') return step.handlers.length === 0 && alwaysRaises(step.body);
    if (step.kind === 'if') return step.otherwise.length > 0 && alwaysRaises(step.otherwise) && step.branches.every(({ body }) => alwaysRaises(body));
    return false;
  });
}
