import type { FileFacts } from '../facts/file.js';
import type { Location } from '../facts/location.js';
import type { Step } from '../facts/operation.js';

/** Every statement of a file that may stand around a finding: statements, those inside blocks, and model declarations. */
export function enclosingPlaces(facts: FileFacts): Location[] {
  const places: Location[] = facts.models.map((model) => model.location);
  for (const statement of [...facts.statements, ...(facts.down ?? [])]) {
    collect(statement, places);
  }
  return places;
}

function collect(step: Step, places: Location[]): void {
  switch (step.kind) {
    case 'statement':
      places.push(step.location);
      for (const operation of step.operations) {
        if (operation.kind === 'execution') collect(operation.block, places);
        else if (operation.kind === 'createFunction' && operation.body !== undefined) collect(operation.body, places);
      }
      return;
    case 'block':
      collectAll(step.body, places);
      for (const handler of step.handlers) collectAll(handler.body, places);
      return;
    case 'if':
      for (const branch of step.branches) collectAll(branch.body, places);
      collectAll(step.otherwise, places);
      return;
    case 'loop': case 'forRange': case 'forEach': case 'forQuery':
      collectAll(step.body, places);
      return;
    default:
      places.push(step.location);
  }
}

function collectAll(steps: readonly Step[], places: Location[]): void {
  for (const step of steps) collect(step, places);
}
