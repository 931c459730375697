import type { Call, Context, Library } from '../../library.js';
import type { ExternalValue, Fact, FunctionValue, LibraryValue, Value } from '../../values.js';
import { isDecoratedBy } from '../searched.js';
import { declaredTypeOf, lambdaType } from '../frameworks/serverless.js';
import { exportedPath, property } from '../sql-client.js';
import { byClock, partOf, scheduled } from './clock.js';

const NAME = 'schedulers';
const NEST = '@nestjs/schedule';
/** What a clock calls serves all tenants: nobody asks for anything. */
const ALL_TENANTS: Fact = { kind: 'platform', certain: true };
const TRUE: Value = { kind: 'constant', value: true };

/**
 * Packages that call functions by the clock: node-cron, cron, node-schedule, croner, Inngest (functions with a `cron`), Trigger.dev (`schedules.task`), NestJS (`@Cron()`), Firebase (`onSchedule`, `onRun`), Azure
 * (`app.timer`), AWS Lambda (by the type of the function).
 * What only a clock leads to is the system's.
 */
export const schedulersLibrary: Library = {
  name: NAME,
  incidental: true,
  modules: ['node-cron', 'cron', 'node-schedule', 'croner', 'inngest', '@trigger.dev/sdk', NEST],
  call: (callee, call, ctx) => (callee.kind === 'external' ? called(callee, call, ctx) : undefined),
  method: (object, name, call, ctx) => (object.kind === 'external' ? called({ ...object, path: [...object.path, name] }, call, ctx) : byInngest(name, call, ctx)),
  granted: (fn, ctx) => (isScheduled(fn, ctx) ? [{ kind: 'union', options: [{ value: TRUE, facts: [ALL_TENANTS] }] }] : []),
};

function called(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).slice(-2).join('.');
  switch (callee.module) {
    case 'inngest': return call.isNew ? { kind: 'library', library: NAME, type: 'client', data: undefined } satisfies LibraryValue : undefined;
    case 'node-cron': return /(?:^|\.)schedule$/.test(name) ? byClock(call.arguments.positional.slice(1), ctx) : undefined;
    case 'node-schedule': return /(?:^|\.)scheduleJob$/.test(name) ? byClock(call.arguments.positional.slice(1), ctx) : undefined;
    case 'cron': case 'croner': return /^(?:CronJob|Cron|default)?(?:\.from)?$/.test(name) ? byClock(call.arguments.positional.flatMap((each) => partOf(each, 'onTick', ctx)), ctx) : undefined;
    default: return callee.module.startsWith('@trigger.dev/') && name === 'schedules.task' ? byClock(call.arguments.positional.flatMap((each) => partOf(each, 'run', ctx)), ctx) : undefined;
  }
}

/** `inngest.createFunction({ id }, { cron: '0 * * * *' }, handler)`: only with a `cron`, and no event besides. */
function byInngest(name: string, call: Call, ctx: Context): Value | undefined {
  if (name !== 'createFunction') return undefined;
  const triggers = call.arguments.positional.flatMap((each) => triggersOf(each, ctx));
  return triggers.length > 0 && triggers.every((each) => each) ? byClock(call.arguments.positional, ctx) : undefined;
}

/** The triggers among the options of a function: whether each is a clock. */
function triggersOf(options: Value, ctx: Context): boolean[] {
  const inner = ctx.read(options);
  if (inner.kind === 'list') return inner.items.flatMap(({ value }) => triggersOf(value, ctx));
  if (inner.kind !== 'object') return [];
  if (property(inner.entries, 'cron') !== undefined) return [true];
  if (property(inner.entries, 'event') !== undefined) return [false];
  const listed = property(inner.entries, 'triggers');
  return listed === undefined ? [] : triggersOf(listed, ctx);
}

/** `export default { async scheduled(event, env, ctx) {} }` (Cloudflare Workers, "Scheduled Handler"). */
function isScheduledWorker({ function: code, scope: { file } }: FunctionValue, ctx: Context): boolean {
  return code.name === 'scheduled' && ctx.modules.get(file)?.body.some((each) => each.kind === 'export' && each.value?.exported === 'default' && each.value.expression.kind === 'object'
    && each.value.expression.entries.some(({ value }) => value.kind === 'functionValue' && value.function === code)) === true;
}

/** Given to a clock, `@Cron('0 3 * * *')`, `const handler: ScheduledHandler`, `(event: ScheduledEvent)`. */
function isScheduled(fn: FunctionValue, ctx: Context): boolean {
  const { owner, function: code, scope } = fn;
  if (ctx.language === 'javascript' && (declaredTypeOf(fn, ctx) === 'ScheduledHandler' || lambdaType(code.parameters[0]?.type, fn) === 'ScheduledEvent' || isScheduledWorker(fn, ctx))) return true;
  return scheduled(ctx).has(code) || (owner !== undefined && isDecoratedBy(code.decorators, scope, (module, name) => module === NEST && /^(?:Cron|Interval|Timeout)$/.test(name), ctx));
}
