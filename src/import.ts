/** How modules are imported that are not part of the program. A script whose compiled code was kept cannot do that itself: it is given who can. */
export const modules = { import: (specifier: string): Promise<unknown> => import(specifier) };
