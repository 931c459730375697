import type { CodeExpression } from '../../facts/code.js';
import type { Location, Notice } from '../../facts/location.js';
import { parseTree, type Node, type Span } from './grammar.js';
import { noMarks } from './marks.js';
import { scan, type ScanMode } from './scan.js';

/** What is read afterwards is read by recursion. */
const DEEPEST = 2000;
const WIDE = /[^\u0001-\u007f]/;

/** One file while it is read. */
export class Reading {
  readonly marks = noMarks();
  readonly errors: Span[] = [];
  readonly notices: Notice[] = [];
  /** For each function around the place that is read: whether it has a yield. */
  readonly yields: boolean[] = [];
  /** What `Annotated` says besides the type, by the start of the assignment. */
  readonly metadata = new Map<number, readonly CodeExpression[]>();

  /** @param even the text with even line ends */
  constructor(readonly file: string, readonly text: string, readonly even: string) {}

  /** The location of a span of the file. Where something is not closed at its end, the grammar was given more text than there is. */
  at(start: number, end: number): Location {
    const { length } = this.text;
    return { file: this.file, start: Math.min(start, length), end: Math.min(end, length) };
  }

  /** The location of a node. */
  of(node: { readonly from: number; readonly to: number }): Location {
    return this.at(node.from, node.to);
  }

  /** The name or sign that stands at a node; Python compares names in their compatibility form. */
  word(node: Node): string {
    const word = this.text.slice(node.from, node.to);
    return WIDE.test(word) ? word.normalize('NFKC') : word;
  }

  /** Parses a part of the file by itself, as if it stood in brackets: a hole of an f-string, a subject, a pattern, an annotation in quotes. */
  part({ start, end }: Span, mode: ScanMode): Node | undefined {
    const scanned = scan(this.even, start, end, mode, this.marks);
    // On a line of its own, the last bracket is in no comment.
    const tree = parseTree(`(${scanned.text}\n)`, start - 1, this.errors);
    const statement = tree.children[0];
    return statement?.type === 'ExpressionStatement' ? statement.children[0] : undefined;
  }
}

/** A chain that makes a tree deeper than what follows can read is an error like nesting that is too deep for the parser. */
export function checkDepth(depth: number): void {
  if (depth > DEEPEST) throw new RangeError('nested too deeply');
}

/** Cuts a list of nodes at its commas; the commas in front of `in` belong to the target of a comprehension. */
export function splitAtCommas(nodes: readonly Node[]): Node[][] {
  const groups: Node[][] = [[]];
  let inTarget = false;
  for (const node of nodes) {
    if (node.type === 'for') inTarget = true;
    else if (node.type === 'in') inTarget = false;
    if (node.type === ',' && !inTarget) groups.push([]);
    else groups.at(-1)!.push(node);
  }
  return groups.filter((group) => group.length > 0);
}

/** The children without the first and last bracket. */
export function inBrackets(node: Node): Node[] {
  return node.children.filter(({ type }, index) => !(index === 0 && /^[([{]$/.test(type)) && !(index === node.children.length - 1 && /^[)\]}]$/.test(type)));
}
