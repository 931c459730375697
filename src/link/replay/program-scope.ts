import type { ColumnExpression, Expression, SubqueryExpression } from '../../facts/expression.js';
import type { Query } from '../../facts/query.js';
import { findTable, tableKey } from '../catalog/index.js';
import type { FunctionEntry } from '../catalog/types.js';
import type { Failure } from '../project.js';
import type { Resolution } from '../resolve/types.js';
import { queryCatalog, subqueryValue } from './catalog-query.js';
import type { QueryResult, QueryWorld } from './catalog-types.js';
import type { Scope } from './evaluate.js';
import type { Frame } from './frame.js';
import type { Machine } from './machine.js';
import { mapTree } from './tree.js';
import { array, constant, oid, textOf } from './values.js';

/** What names and sub-queries of a program mean at one point of the replay. Failures of evaluated sub-queries are kept. */
export class ProgramScope implements Scope {
  failure: { readonly failure: Failure; readonly query: Query; readonly resolution: Resolution } | undefined;

  constructor(private readonly machine: Machine, private readonly frame: Frame, private readonly inProgram: boolean) {}

  variable(column: ColumnExpression): Expression | undefined {
    const value = this.frame.lookup(column.path, column.location);
    if (value) this.machine.read.add(value);
    return value;
  }

  subquery(subquery: SubqueryExpression): Expression {
    const { query, resolution } = this.prepare(subquery.query);
    const failure = resolution.failures[0];
    if (failure && !this.failure) this.failure = { failure, query, resolution };
    const prepared = query === subquery.query ? subquery : { ...subquery, query };
    return subqueryValue(prepared, this.world()) ?? prepared;
  }

  /** Resolves a query and puts values in place of the variables it names. */
  prepare(query: Query): { query: Query; resolution: Resolution } {
    const variables = this.frame.names();
    const resolution = this.machine.resolve(query, { inProgram: this.inProgram }, variables, this.frame.labels());
    if (variables.size === 0) return { query, resolution };
    const substituted = mapTree(query, (node) => {
      if (node.kind !== 'column' || resolution.bindings.has(node as ColumnExpression)) return undefined;
      return this.variable(node as ColumnExpression);
    });
    return { query: substituted, resolution };
  }

  /** The types of a query's output columns, as far as they are known. */
  typesOf(query: Query): ReturnType<Machine['typesOf']> {
    return this.machine.typesOf(query);
  }

  /** The rows of a prepared query, when the catalog decides them. */
  rows(query: Query): QueryResult | undefined {
    return queryCatalog(query, this.world());
  }

  world(): QueryWorld {
    const { machine } = this;
    return {
      catalog: machine.catalog,
      scope: this.plain(),
      complete: machine.names.selfContained,
      isSettled: (name) => {
        if (machine.isUncertain(name)) return false;
        const known = findTable(machine.catalog, { name }, machine.session.current.searchPath)
          ?? [...machine.catalog.tables.values()].find((table) => table.name === name);
        return known ? !known.assumed && !known.open : machine.names.declares(name, 'table') || machine.names.selfContained;
      },
    };
  }

  /** The functions of the history that a name may mean. */
  functions(name: string): readonly FunctionEntry[] {
    const { catalog, session } = this.machine;
    if (name.includes('.')) return catalog.functions.get(name) ?? [];
    return session.current.searchPath.flatMap((schema) => catalog.functions.get(`${schema}.${name}`) ?? []);
  }

  /** The scope for queries whose variables are already put in place. */
  private plain(): Scope {
    return {
      variable: () => undefined,
      subquery: (subquery) => subqueryValue(subquery, this.world()) ?? subquery,
      environment: (name, args, call) => this.environment(name, args, call),
      identifier: (kind, text, at) => this.identifier(kind, text, at),
    };
  }

  environment(name: string, args: readonly Expression[], call: Expression): Expression | undefined {
    const { session } = this.machine;
    switch (name) {
      case 'current_schema':
        return constant(session.current.searchPath[0] ?? null, call.location);
      case 'current_schemas':
        return array(session.current.searchPath.map((schema) => constant(schema, call.location)), call.location);
      case 'to_regclass': {
        const text = args[0] && textOf(args[0]);
        if (text === undefined) return undefined;
        return this.relation(text, call, constant(null, call.location));
      }
      case 'to_regtype': {
        const text = args[0] && textOf(args[0]);
        return text === undefined ? undefined : this.type(text, call, constant(null, call.location));
      }
      case 'current_setting': {
        const setting = args[0] && textOf(args[0]);
        const value = setting === undefined ? undefined : session.get(setting);
        return value && constant(value.join(', '), call.location);
      }
      default:
        return undefined;
    }
  }

  identifier(kind: string, text: string, at: Expression): Expression | undefined {
    if (kind === 'regclass') return this.relation(text, at, undefined);
    if (kind === 'regtype') return this.type(text, at, undefined);
    if (kind === 'regnamespace') return this.machine.catalog.schemas.has(text) ? oid('schema', unquote(text), at.location) : undefined;
    return undefined;
  }

  private relation(text: string, at: Expression, missing: Expression | undefined): Expression | undefined {
    const [schema, name] = splitName(text);
    const { machine } = this;
    const table = findTable(machine.catalog, { ...(schema === undefined ? {} : { schema }), name }, machine.session.current.searchPath);
    if (table) return oid('relation', tableKey(table.schema, table.name), at.location);
    const settled = !machine.isUncertain(name) && (machine.names.declares(name, 'table') || machine.names.selfContained);
    return settled ? missing : undefined;
  }

  private type(text: string, at: Expression, missing: Expression | undefined): Expression | undefined {
    const [schema, name] = splitName(text);
    const { machine } = this;
    for (const candidate of schema === undefined ? machine.session.current.searchPath : [schema]) {
      if (machine.catalog.types.has(`${candidate}.${name}`)) return oid('type', `${candidate}.${name}`, at.location);
    }
    return !machine.isUncertain(name) && (machine.names.declares(name, 'type') || machine.names.selfContained) ? missing : undefined;
  }
}

function splitName(text: string): [schema: string | undefined, name: string] {
  const parts = text.match(/"(?:[^"]|"")*"|[^."]+/g) ?? [text];
  const names = parts.map(unquote);
  return [names.length > 1 ? names.at(-2) : undefined, names.at(-1)!];
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replace(/""/g, '"') : name.toLowerCase();
}

