import { ConfigCommentParser, Directive, TextSourceCodeBase, VisitNodeStep } from '@eslint/plugin-kit';
import type { TextComment } from 'tenantlint/editor';

interface Place {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** A comment as ESLint's directives need it. */
export interface CommentNode extends TextComment {
  readonly type: 'Comment';
  readonly range: [number, number];
  readonly loc: Place;
}

/** The whole of a file: tenantlint reads the text itself, so there is but one node. */
export interface RootNode {
  readonly type: 'File';
  readonly range: [number, number];
  readonly loc: Place;
  readonly comments: readonly CommentNode[];
}

/** The kinds of comment that are ESLint's own. */
const CONFIG_COMMENT = /^\s*eslint(?:-enable|-disable(?:(?:-next)?-line)?)?(?:\s|$)/u;
const parser = new ConfigCommentParser();

type DisableType = 'disable' | 'enable' | 'disable-line' | 'disable-next-line';
interface Problem {
  readonly ruleId: null;
  readonly message: string;
  readonly loc: Place;
}

/** A text with comments, whatever its language: what ESLint needs for reports and directives. */
export class TextWithComments extends TextSourceCodeBase {
  declare readonly ast: RootNode;
  readonly comments: readonly CommentNode[];

  constructor({ text, ast }: { text: string; ast: RootNode }) {
    super({ text, ast, lineEndingPattern: /\r\n|[\r\n]/u });
    this.comments = ast.comments;
  }

  /** The comments that configure ESLint. */
  getInlineConfigNodes(): CommentNode[] {
    return this.comments.filter(({ value }) => CONFIG_COMMENT.test(value));
  }

  /** `eslint-disable` and its kin. */
  getDisableDirectives(): { problems: Problem[]; directives: Directive[] } {
    const problems: Problem[] = [];
    const directives = this.getInlineConfigNodes().flatMap((node) => {
      const parsed = parser.parseDirective(node.value);
      const type = /^eslint-(disable|enable|disable-line|disable-next-line)$/.exec(parsed?.label ?? '')?.[1];
      if (parsed === undefined || type === undefined) return [];
      if (type === 'disable-line' && node.loc.start.line !== node.loc.end.line) {
        problems.push({ ruleId: null, message: `${parsed.label} comment should not span multiple lines.`, loc: node.loc });
        return [];
      }
      return [new Directive({ type: type as DisableType, node, value: parsed.value, justification: parsed.justification ?? '' })];
    });
    return { problems, directives };
  }

  /** `eslint rule: "off"` in a comment. */
  applyInlineConfig(): { problems: Problem[]; configs: { config: { rules: object }; loc: Place }[] } {
    const problems: Problem[] = [];
    const configs = this.getInlineConfigNodes().flatMap(({ value, loc }) => {
      const parsed = parser.parseDirective(value);
      if (parsed?.label !== 'eslint') return [];
      const result = parser.parseJSONLikeConfig(parsed.value);
      if (result.ok) return [{ config: { rules: result.config }, loc }];
      problems.push({ ruleId: null, message: result.error.message, loc });
      return [];
    });
    return { problems, configs };
  }

  /** Nothing stands around the root, nor around a comment. */
  override getParent(): undefined {
    return undefined;
  }

  /** The one node: entered and left. */
  override *traverse(): Iterable<VisitNodeStep> {
    for (const phase of [1, 2] as const) yield new VisitNodeStep({ target: this.ast, phase, args: [this.ast] });
  }
}
