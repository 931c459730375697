import type { Machine } from './machine.js';
import { inUnit, Unit } from './unit.js';

/** Makes what is made once: the same whichever file asks for it first, and its rows are none of the query before. */
export function apart<T>(m: Machine, work: () => T): T {
  let result: T | undefined;
  const unit = m.unit === m.base ? m.base : new Unit(m.base);
  const { lastRecord } = m;
  m.lastRecord = undefined;
  inUnit(m, unit, () => m.budget.unmetered(() => m.atRoot(() => m.collect(() => {
    result = work();
  }))));
  m.lastRecord = lastRecord;
  return result!;
}
