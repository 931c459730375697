import type { Output, Source } from './frame.js';

/** What an item of FROM shows to `*`, to USING and to NATURAL. */
export type Shown = Pick<Source, 'columns' | 'open'> & { readonly sides?: Sides };

interface Sides {
  readonly merged: readonly Output[];
  readonly left: Shown;
  readonly right: Shown;
}

/** What a join shows: merged columns first, then the rest of both sides. Written out when asked for, so that a chain of joins stays cheap. */
export function shownByJoin(sides: Sides): Shown {
  let columns: readonly Output[] | undefined;
  return {
    sides, open: sides.left.open || sides.right.open,
    get columns() { return columns ??= columnsOf(sides); },
  };
}

/** The first column of a name. */
export function shownColumn(shown: Shown, name: string): Output | undefined {
  const open: Shown[] = [shown];
  for (let each = open.pop(); each; each = open.pop()) {
    const found = (each.sides?.merged ?? each.columns).find((output) => output.name === name);
    if (found) return found;
    if (each.sides) open.push(each.sides.right, each.sides.left);
  }
  return undefined;
}

function columnsOf(sides: Sides): readonly Output[] {
  const columns: Output[] = [];
  const merged = new Map<string, number>();
  const show = (output: Output): void => {
    if ((merged.get(output.name) ?? 0) === 0) columns.push(output);
  };
  const open: (Shown | { readonly leave: readonly Output[] })[] = [{ sides, columns: [], open: false }];
  for (let step = open.pop(); step; step = open.pop()) {
    if ('leave' in step) for (const { name } of step.leave) merged.set(name, merged.get(name)! - 1);
    else if (!step.sides) step.columns.forEach(show);
    else {
      step.sides.merged.forEach(show);
      for (const { name } of step.sides.merged) merged.set(name, (merged.get(name) ?? 0) + 1);
      open.push({ leave: step.sides.merged }, step.sides.right, step.sides.left);
    }
  }
  return columns;
}
