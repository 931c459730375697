import type { Catalog } from './catalog/types.js';
import type { SecondSource } from './drift.js';
import { mergeDeclared } from './models.js';
import type { History } from './order.js';
import type { Declarations } from './second-source.js';

/** A history and the database it leaves behind. */
interface Built {
  readonly history: History;
  readonly catalog: Catalog;
}

/**
 * Gives every declaration of a schema to the one database it describes, and completes that database by it: the database of its
 * folder; else the one with which it shares the most tables, unless that one has models of its own.
 * @returns the second sources of each database, in the order of `built`, and the declarations that describe none
 */
export function attachDeclarations(built: readonly Built[], declarations: readonly Declarations[]): { seconds: SecondSource[][]; alone: Declarations[] } {
  const taken = built.map((): Declarations[] => []);
  const open: Declarations[] = [];
  for (const declaration of declarations) {
    const own = best(declaration, built, ({ history }) => declaration.group !== undefined && history.groups.includes(declaration.group), declaration.isModels ? 0 : 1);
    if (own === undefined) open.push(declaration);
    else taken[own]!.push(declaration);
  }
  const alone: Declarations[] = [];
  for (const declaration of open) {
    const hasModels = (index: number) => declaration.isModels && taken[index]!.some(({ isModels, group }) => isModels && group !== declaration.group);
    const other = best(declaration, built, (each, index) => !hasModels(index) && describesSame(declaration, each.catalog), 1);
    if (other === undefined) alone.push(declaration);
    else taken[other]!.push(declaration);
  }
  const seconds = built.map(({ catalog }, index) => taken[index]!.map((declaration): SecondSource => {
    const second = { catalog: declaration.catalog(), label: declaration.label, keys: declaration.keys };
    mergeDeclared(catalog, second.catalog);
    return second;
  }));
  return { seconds, alone };
}

/** The position of the fitting database that shares the most tables, and at least so many; the first among equals. */
function best(declaration: Declarations, built: readonly Built[], fits: (each: Built, index: number) => boolean, minimum: number): number | undefined {
  let found: { index: number; shared: number } | undefined;
  for (const [index, each] of built.entries()) {
    if (!fits(each, index)) continue;
    const shared = sharedTables(declaration, each.catalog);
    if (shared >= minimum && (!found || shared > found.shared)) found = { index, shared };
  }
  return found?.index;
}

/** They share tables; most of those of the smaller one. */
function describesSame(declaration: Declarations, catalog: Catalog): boolean {
  return sharedTables(declaration, catalog) * 2 >= Math.min(declaration.catalog().tables.size, catalog.tables.size);
}

function sharedTables(declaration: Declarations, catalog: Catalog): number {
  return [...declaration.catalog().tables.keys()].filter((name) => catalog.tables.has(name)).length;
}
