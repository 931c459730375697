import type { Call, Context } from '../../library.js';
import type { ClassValue, ExternalValue, InstanceValue, LibraryValue, Value } from '../../values.js';
import { isNothing, nullValue } from '../../values.js';
import { built } from '../django/instances.js';
import type { DjangoModel } from '../django/model.js';
import { assign } from '../django/rows.js';
import { input } from '../frameworks/request.js';
import { libraryData, libraryValue } from '../sqlalchemy/given.js';
import { closedNames, declaredNames, listedNames, modelOf } from './serializer-meta.js';
import { keyOf, methodsOf, withArguments } from './serializer-state.js';
import { REST } from './views.js';

/** What a form's own class may do to what was sent. */
const CHECKS = /^(?:__init__|clean|clean_\w+|_post_clean)$/;

/** Whether a class is a form of a model's fields. */
export function isModelForm({ module, path }: ExternalValue): boolean {
  return module === 'django.forms' && path.at(-1) === 'ModelForm';
}

/** The base of a form, for an instance of the project's class. */
export function formValue(instance: InstanceValue): LibraryValue {
  return libraryValue(REST, 'form', instance);
}

/** `NoteForm(request.POST, instance=note)`: an `__init__` of the project's runs, too. */
export function formOf(owner: ClassValue, call: Call, ctx: Context): Value {
  const { arguments: { named, open }, location } = call;
  const fields = new Map<string, Value>([['#key', { kind: 'constant', value: `${location.file}:${location.start}` }]]);
  const instance = named.get('instance');
  if (instance) fields.set('#instance', instance);
  else if (open) fields.set('#instance', ctx.input('form.instance', 'unknown', { key: `${location.file}:${location.start}.instance` }));
  const self = ctx.allocate({ kind: 'instance', class: owner, fields });
  if (methodsOf(owner, ctx).some((name) => name === '__init__')) ctx.callMethod(self, '__init__', call);
  return self;
}

/** `form.instance`: the row that the form was given. */
export function formMember(object: LibraryValue, name: string, ctx: Context): Value | undefined {
  return name === 'instance' ? libraryData<InstanceValue>(object, REST, 'form', ctx)?.fields.get('#instance') : undefined;
}

/**
 * A method of a form that the project's class leaves to the package: `save()` writes what was sent to the row that the form was given, or to a new one.
 * @see Django documentation, "Creating forms from models"
 */
export function formMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value | undefined {
  const form = libraryData<InstanceValue>(object, REST, 'form', ctx);
  if (form === undefined) return undefined;
  if (name === '__init__') return nullValue;
  // Of a form that nobody is known to make, who calls it puts in what it lacks.
  const model = name === 'save' && form.fields.has('#key') ? modelOf(form, ctx) : undefined;
  return model?.owner && saved(form, model, call, ctx);
}

function saved(form: InstanceValue, model: DjangoModel, call: Call, ctx: Context): Value | undefined {
  const { positional: [first], named } = call.arguments;
  const commit = ctx.read(named.get('commit') ?? first ?? nullValue);
  const given = form.fields.get('#instance');
  const known = given && ctx.read(given);
  const values = sentTo(form, model, ctx);
  if (known !== undefined && !isNothing(known) && known.kind !== 'row' && known.kind !== 'instance') return undefined;
  const row = known === undefined || isNothing(known) ? built(model, withArguments(call, [], values), ctx) : given!;
  if (known?.kind === 'row') for (const [name, value] of values) assign(known, name, value, call.location, ctx);
  if (known?.kind === 'instance' && given?.kind === 'reference') ctx.write(given, { ...known, fields: new Map([...known.fields, ...values]) });
  if (commit.kind !== 'constant' || commit.value !== false) ctx.callMethod(row, 'save', withArguments(call, []));
  return row;
}

/** What the caller may send: the fields of the model that `Meta` lists, but rows of others. What the class does to them is not known. */
function sentTo(form: InstanceValue, model: DjangoModel, ctx: Context): Map<string, Value> {
  const closed = new Set(closedNames(form, ctx));
  const names = (listedNames(form, 'fields', ctx) ?? [...model.spec.fields.keys()]).filter((name) => !closed.has(name));
  const declared = declaredNames(form.class, ctx);
  const isChecked = methodsOf(form.class, ctx).some((name) => CHECKS.test(name));
  return new Map(names.flatMap((name): [string, Value][] => {
    const field = model.spec.fields.get(name);
    if (field === undefined || field.named.has('primary_key') || field.type === 'ManyToManyField') return [];
    return [[name, input(`form.cleaned_data.${name}`, `${keyOf(form)}.cleaned_data.${name}`, isChecked || declared.includes(name) ? 'unknown' : 'untrusted')]];
  }));
}
