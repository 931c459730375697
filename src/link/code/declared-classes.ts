import { entryOf } from '../../entry.js';
import { isWithin } from '../../facts/location.js';
import type { ModelRelation, ModelTable } from '../../facts/schema.js';
import type { Context } from './library.js';
import { stored } from './store.js';
import type { ClassValue, RowValue } from './values.js';

/** The classes of each file, in the order they were declared. */
export function declaredClasses(m: Pick<Context, 'store'>): Map<string, ClassValue[]> {
  return stored(m, 'declared classes', () => new Map<string, ClassValue[]>());
}

/** The class that a model was declared by. */
export function classOfModel(m: Pick<Context, 'store'>, model: ModelTable | undefined): ClassValue | undefined {
  return model && declaredClasses(m).get(model.location.file)?.find((each) => isWithin(model.location, each.class.location));
}

/** The model that a row, or a related row of it, is of. */
export function modelOfRow(m: Pick<Context, 'models'>, { result: { entity }, path }: RowValue): ModelTable | undefined {
  let model = entity?.model;
  for (const name of model === undefined ? [] : path) {
    const relation: ModelRelation | undefined = entryOf(model?.relations ?? {}, name);
    model = relation && m.models.find((each) => each.modelName === relation.model && each.orm === entity?.model.orm);
  }
  return model;
}
