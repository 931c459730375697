import type { Expression } from '../../facts/expression.js';
import type { FromItem } from '../../facts/query.js';
import type { Context } from './context.js';
import type { Binding } from './types.js';

/** Tells which expressions are the same to PostgreSQL: equal but for their places, columns compared by what they refer to. */
export class Sameness {
  private readonly items = new Map<FromItem, number>();

  constructor(private readonly context: Context) {}

  /** Two expressions of equal keys are the same. */
  key(expression: Expression): string {
    return JSON.stringify(expression, (name: string, value: unknown) => {
      if (name === 'location') return undefined;
      const binding = isColumn(value) ? this.context.bindings.get(value) : undefined;
      return binding ? this.identity(binding) : value;
    });
  }

  /** The key of a column that is referred to. */
  columnKey(binding: Binding): string {
    return JSON.stringify(this.identity(binding));
  }

  private identity({ item, name }: Binding): object {
    if (!this.items.has(item)) this.items.set(item, this.items.size);
    return { item: this.items.get(item), column: name };
  }
}

/** Whether a node of a query is a column expression. */
export function isColumn(value: unknown): value is Expression & { kind: 'column' } {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'column' && 'path' in value;
}
