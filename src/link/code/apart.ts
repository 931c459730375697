import type { Machine } from './machine.js';
import { inUnit, Unit } from './unit.js';

/** Makes what is made once: the same whichever file asks for it first, its rows are none of the query before, and what it asks on its way is asked of nobody else. */
export function apart<T>(m: Machine, work: () => T): T {
  let result: T | undefined;
  const unit = m.unit === m.base ? m.base : new Unit(m.base);
  const { lastRecord } = m;
  m.lastRecord = undefined;
  m.traces.once(() => inUnit(m, unit, () => m.budget.unmetered(() => m.atRoot(() => m.root.forgetting(() => m.collect(() => {
    result = work();
  }))))));
  m.lastRecord = lastRecord;
  return result!;
}
