import type { Expression } from '../../facts/expression.js';
import type { Location } from '../../facts/location.js';
import type { VariablePath } from '../../facts/operation.js';
import { coerce } from './evaluate.js';
import { choice, constant } from './values.js';

/** What a variable holds; entries are replaced, never changed. */
interface Variable {
  /** As declared, lower case. */
  readonly type: string;
  readonly value: Expression;
  /** Of a record: its fields in order. */
  readonly fields?: ReadonlyMap<string, Expression>;
}

/** The state of all variables in sight, to go back to. */
export type Saved = readonly ReadonlyMap<string, Variable>[];

/** A name that no program can have. More than none is all that is known of the number. */
const ROW_COUNT = 'number of rows';

/** The variables of one block, inside those of the blocks around it. */
export class Frame {
  private variables = new Map<string, Variable>();

  constructor(private readonly parent?: Frame, private readonly label?: string) {}

  /** Declares a variable of this block. */
  declare(name: string, type: string, value: Expression): void {
    this.variables.set(name, { type, value: coerce(value, type) });
  }

  /** Whether the name is a variable in sight. */
  has(name: string): boolean {
    return this.owner(name) !== undefined;
  }

  /** Whether the variable takes whole rows. */
  isRecord(name: string): boolean {
    const type = this.owner(name)?.variables.get(name)?.type ?? 'record';
    return type === 'record' || type.endsWith('%rowtype') || this.owner(name)?.variables.get(name)?.fields !== undefined;
  }

  /** The value of `v`, `record.field`, `label.v` or `label.record.field`; undefined when it is no variable. */
  lookup(path: readonly string[], at: Location): Expression | undefined {
    const [first, ...rest] = path;
    const variable = first === undefined ? undefined : this.owner(first)?.variables.get(first);
    if (variable && rest.length === 0) {
      return variable.fields ? { kind: 'row', items: [...variable.fields.values()], location: at } : variable.value;
    }
    if (variable && rest.length === 1) return variable.fields?.get(rest[0]!) ?? unknownValue(path.join('.'), at);
    const labelled = first === undefined || rest.length === 0 ? undefined : this.labelled(first);
    return labelled?.lookup(rest, at);
  }

  /** Gives a variable, or a field of a record, a value. An unknown variable is declared here. */
  assign(path: VariablePath, value: Expression): void {
    const [first, field] = path.length > 1 && !this.has(path[0]!) && this.labelled(path[0]!) ? path.slice(1) : path;
    if (first === undefined) return;
    const owner = this.owner(first) ?? this;
    const variable = owner.variables.get(first) ?? { type: 'record', value };
    if (field === undefined) owner.variables.set(first, { type: variable.type, value: coerce(value, variable.type) });
    else owner.variables.set(first, { ...variable, fields: new Map(variable.fields).set(field, value) });
  }

  /** What the last statement was: whether it found rows, and their number. */
  setFound(found: Expression, at: Location): void {
    this.assign(['found'], found);
    const number = (value: number): Expression => constant(value, at);
    this.assign([ROW_COUNT], found.kind === 'parameter' ? unknownValue(ROW_COUNT, at) : { kind: 'case', branches: [{ when: found, then: number(1) }], otherwise: number(0), location: at });
  }

  /** What GET DIAGNOSTICS gives for ROW_COUNT. */
  rowCount(at: Location): Expression {
    return this.lookup([ROW_COUNT], at) ?? unknownValue(ROW_COUNT, at);
  }

  /** Gives a record all of its fields. */
  assignRecord(name: string, fields: ReadonlyMap<string, Expression>): void {
    const owner = this.owner(name) ?? this;
    const variable = owner.variables.get(name);
    const [first] = fields.values();
    owner.variables.set(name, { type: variable?.type ?? 'record', value: first ?? constant(null, { file: '', start: 0, end: 0 }), fields });
  }

  /** Names of all variables in sight. */
  names(): ReadonlySet<string> {
    const names = new Set(this.parent?.names());
    for (const name of this.variables.keys()) names.add(name);
    return names;
  }

  /** Labels that may qualify a variable. */
  labels(): ReadonlySet<string> {
    const labels = new Set(this.parent?.labels());
    if (this.label !== undefined) labels.add(this.label);
    return labels;
  }

  /** The state of this block and the ones around it. */
  save(): Saved {
    return [new Map(this.variables), ...(this.parent?.save() ?? [])];
  }

  /** Goes back to a saved state. */
  restore(saved: Saved): void {
    const [own, ...outer] = saved;
    this.variables = new Map(own);
    this.parent?.restore(outer);
  }

  /**
   * The state after an undecided choice: what differs becomes `CASE WHEN guard THEN ... ELSE ... END`.
   * @param alternatives the states of the alternatives that go on, with their conditions; the last one stands for ELSE
   */
  merge(alternatives: readonly { readonly guard: Expression; readonly saved: Saved }[]): void {
    const last = alternatives.at(-1);
    if (!last) return;
    let merged = last.saved;
    for (const { guard, saved } of alternatives.slice(0, -1).reverse()) {
      merged = merged.map((state, index) => mergeStates(guard, saved[index]!, state));
    }
    this.restore(merged);
  }

  private owner(name: string): Frame | undefined {
    return this.variables.has(name) ? this : this.parent?.owner(name);
  }

  private labelled(label: string): Frame | undefined {
    return this.label === label ? this : this.parent?.labelled(label);
  }
}

function mergeStates(guard: Expression, yes: ReadonlyMap<string, Variable>, no: ReadonlyMap<string, Variable>): ReadonlyMap<string, Variable> {
  const merged = new Map(no);
  for (const [name, variable] of yes) {
    const other = no.get(name);
    if (!other || other === variable) {
      merged.set(name, variable);
      continue;
    }
    const value = choice(guard, variable.value, other.value, guard.location);
    const names = new Set([...(variable.fields?.keys() ?? []), ...(other.fields?.keys() ?? [])]);
    const fields = new Map([...names].map((field): [string, Expression] => {
      const [a, b] = [variable.fields?.get(field), other.fields?.get(field)];
      return [field, choice(guard, a ?? unknownValue(field, guard.location), b ?? unknownValue(field, guard.location), guard.location)];
    }));
    merged.set(name, { type: variable.type, value, ...(names.size > 0 ? { fields } : {}) });
  }
  return merged;
}

/** A value that only the data or the environment know. */
export function unknownValue(name: string, location: Location): Expression {
  return { kind: 'parameter', name, location };
}
