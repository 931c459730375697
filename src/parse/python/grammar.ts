import { createRequire } from 'node:module';
import type { PartialParse, Tree } from '@lezer/common';

/** A node of the parser's tree, with the offsets of the file. Comments and error nodes are left out. */
export interface Node {
  readonly type: string;
  readonly from: number;
  to: number;
  readonly children: Node[];
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

const BLOCKS = /^(?:Body|StatementGroup|(?:Function|Class)Definition|(?:If|While|For|Try|With|Yield)Statement|YieldExpression)$/;
const require = createRequire(import.meta.url);
let parser: { startParse(text: string): PartialParse } | undefined;

/**
 * Parses a text; whatever is wrong with it, there is a tree.
 * @param shift what is added to every offset
 * @param errors takes the places that do not follow the grammar
 */
export function parseTree(text: string, shift: number, errors: Span[]): Node {
  // Loaded on first use: a project without Python does not pay for it. Synchronous, as ESLint's parsers are.
  parser ??= (require('@lezer/python') as { parser: NonNullable<typeof parser> }).parser;
  const root: Node = { type: 'Script', from: shift, to: shift + text.length, children: [] };
  const open: Node[] = [root];
  walk(finish(parser.startParse(text)), {
    enter({ type, from, to }) {
      if (type.isTop) return true;
      if (type.isError) {
        const parent = open.at(-1)!;
        // The grammar asks for a value after every `yield`.
        const isBareYield = from === to && parent.type.startsWith('Yield') && parent.children.length === 1;
        if (!isBareYield) errors.push({ start: from + shift, end: to + shift });
        return false;
      }
      if (type.name === 'Comment') return false;
      const node: Node = { type: type.name, from: from + shift, to: to + shift, children: [] };
      open.at(-1)!.children.push(node);
      open.push(node);
      return true;
    },
    leave({ type }) {
      if (type.isTop || type.isError || type.name === 'Comment') return;
      const node = open.pop()!;
      // The grammar counts the line end, and blank lines, to a body and to a bare yield.
      if (BLOCKS.test(node.type)) node.to = node.children.at(-1)?.to ?? node.to;
    },
  });
  return root;
}

/** Visits a tree. The library loses children of trees that are thousands of levels deep, and stumbles over them: a RangeError, too. */
function walk(tree: Tree, visitor: Parameters<Tree['iterate']>[0]): void {
  try {
    tree.iterate(visitor);
  } catch (error) {
    throw error instanceof TypeError ? new RangeError('The tree is too deep', { cause: error }) : error;
  }
}

/**
 * Runs a parse to its end. After 300 reductions that look like one chain without end, the parser would break off what it reads,
 * be it a class of many members; chains that are too deep in fact are a RangeError, and the caller's.
 */
function finish(parse: PartialParse & { bigReductionCount?: number }): Tree {
  for (;;) {
    parse.bigReductionCount = 0;
    const tree = parse.advance();
    if (tree) return tree;
  }
}
