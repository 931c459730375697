import type { ModelTable } from '../../facts/schema.js';
import type { DatabasePlan } from '../index.js';
import type { Step } from '../types.js';
import { prismaModels } from './prisma.js';
import type { ModelChange, ModelContext, ModelWriter, TextEdit } from './types.js';

/** Loaded when needed: what reads TypeScript is large. */
const WRITERS: Partial<Record<ModelTable['orm'], () => Promise<ModelWriter>>> = {
  prisma: async () => prismaModels,
  drizzle: async () => (await import('./drizzle.js')).drizzleModels,
  typeorm: async () => (await import('./typeorm.js')).typeormModels,
  sqlalchemy: async () => (await import('./sqlalchemy.js')).sqlalchemyModels,
};

export interface ModelEdits {
  readonly edits: readonly TextEdit[];
  /** What was not written, in words. */
  readonly byHand: readonly string[];
}

/** The changes that make the models of a project say what the migrations of a plan do. */
export async function modelEdits(plans: readonly DatabasePlan[], context: ModelContext): Promise<ModelEdits> {
  const changes = plans.flatMap((plan) => changesOf(plan, context));
  const edits: TextEdit[] = [];
  const byHand: string[] = [];
  for (const orm of new Set(changes.map(({ model }) => model.orm))) {
    const own = changes.filter(({ model }) => model.orm === orm);
    const writer = await WRITERS[orm]?.();
    if (!writer) byHand.push(...own.map(({ model, field }) => `${model.location.file}: add ${field} to ${model.modelName}`));
    else {
      const written = writer(own, context);
      edits.push(...written.edits);
      byHand.push(...written.byHand);
    }
  }
  return { edits, byHand };
}

function changesOf({ decisions, migrations, database }: DatabasePlan, { project }: ModelContext): ModelChange[] {
  const steps = migrations.flatMap((migration) => migration.steps);
  const ofPlan = <K extends Step['kind']>(kind: K, plan: unknown) => steps.filter((step): step is Extract<Step, { kind: K }> => step.kind === kind && 'plan' in step && step.plan === plan);
  const modelsOf = (table: { schema: string; name: string }) => project.models.filter((model) => !model.ignored && !model.isView && model.name.name === table.name && (model.name.schema ?? 'public') === table.schema
    && (project.databases.length === 1 || database.catalog.tables.get(`${table.schema}.${table.name}`)?.model?.location.file === model.location.file));
  return decisions.plans.flatMap((plan) => modelsOf(plan.table.table).map((model): ModelChange => {
    const root = plan.root && modelsOf(plan.root.table).find(({ orm }) => orm === model.orm);
    const [index] = ofPlan('createIndex', plan);
    return {
      model, plan, field: fieldName(model, plan.column, project.models), ...(root && { root }), ...(index && { index: index.name }), uniques: ofPlan('replaceUnique', plan),
    };
  }));
}

/** As the model, else another model of its ORM, calls the column; else as most of the model's own columns are called. */
function fieldName(model: ModelTable, column: string, models: readonly ModelTable[]): string {
  const nameIn = ({ fields }: ModelTable) => Object.entries(fields).find(([, name]) => name === column)?.[0];
  const found = nameIn(model) ?? models.filter(({ orm }) => orm === model.orm).map(nameIn).find((name) => name !== undefined);
  if (found !== undefined) return found;
  const renamed = Object.entries(model.fields).some(([field, name]) => field !== name && name.includes('_'));
  return renamed ? column.replace(/(?<!_)_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : column;
}

/** A text with edits of it applied. @throws Error when two overlap */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: inserted } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw new Error(`edits overlap at ${start}`);
    result += text.slice(at, start) + inserted;
    at = end;
  }
  return result + text.slice(at);
}
