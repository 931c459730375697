import type { Program } from 'oxc-parser';
import type { CodeStatement } from '../../facts/code.js';
import { importsOfRequired } from './modules.js';
import { lowerStatements } from './statements.js';

/**
 * Lowers a TS-ESTree program to the tree all application languages share. Who parsed it does not matter: oxc, typescript-estree, espree.
 * @param program the tree; its type is oxc's name for TS-ESTree
 * @param text what was parsed, for what trees do not keep: how strings are written
 */
export function lowerProgram(program: Program, text: string, file: string): CodeStatement[] {
  const context = { file, text, required: new Map() };
  const body = lowerStatements(context, program.body);
  return [...importsOfRequired(context), ...body];
}
