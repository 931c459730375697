import type { CodeModule, CodeStatement, ModuleImport } from '../facts/code.js';
import { queriesIn, seenIn } from './carried.js';
import { implementationsIn } from './implementations.js';
import { isQuiet } from './quiet.js';
import { skeletonOf } from './skeleton.js';

/** A module with what it imports. */
export function codeModule(file: string, language: CodeModule['language'], body: CodeModule['body']): CodeModule {
  return { file, language, imports: [...importsIn(body)], ...(language === 'javascript' ? { ...seenIn(body), ...implementationsIn(body) } : queriesIn(body)), ...(isQuiet(body) && { quiet: true }), skeleton: skeletonOf(body), body };
}

/** The imports at any depth of statements: languages let functions import, too. */
function* importsIn(body: readonly CodeStatement[]): Generator<ModuleImport> {
  const open: unknown[] = [body];
  while (open.length > 0) {
    const each = open.pop();
    if (typeof each !== 'object' || each === null) continue;
    const statement = each as CodeStatement;
    if (statement.kind === 'import') yield { target: { module: statement.module, ...(statement.level !== undefined && { level: statement.level }) }, names: statement.bindings.map(({ imported }) => imported) };
    else if (statement.kind === 'export' && statement.module !== undefined) yield { target: { module: statement.module }, names: statement.bindings.map(({ local }) => local) };
    else for (const key in each) if (key !== 'location' && key !== 'expression') open.push((each as Record<string, unknown>)[key]);
  }
}
