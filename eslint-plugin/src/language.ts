import { commentsOf, lineStartsOf } from 'tenantlint/editor';
import { TextWithComments, type CommentNode, type RootNode } from './source-code.js';

/** What ESLint hands over to be parsed. */
export interface File {
  readonly body: string | Uint8Array;
}

/** A language as ESLint takes it. */
export type TextLanguage = ReturnType<typeof textLanguage>;

/**
 * A language of ESLint whose text tenantlint reads itself: any text parses, what is wrong in it takes away no finding of the rest.
 * @param name decides what a comment is
 */
export function textLanguage(name: 'sql' | 'prisma' | 'python') {
  return {
    fileType: 'text' as const,
    lineStart: 1 as const,
    columnStart: 1 as const,
    nodeTypeKey: 'type',
    visitorKeys: { File: [] },
    validateLanguageOptions(options: object): void {
      const [key] = Object.keys(options);
      if (key !== undefined) throw new Error(`Unknown language option "${key}": tenantlint/${name} has none`);
    },
    parse(file: File): { ok: true; ast: RootNode } {
      const text = textOf(file);
      const lines = lineStartsOf(text);
      const position = (offset: number) => {
        const line = lines.findLastIndex((start) => start <= offset);
        return { line: line + 1, column: offset - lines[line]! + 1 };
      };
      const place = (start: number, end: number) => ({ range: [start, end] as [number, number], loc: { start: position(start), end: position(end) } });
      const comments = commentsOf(text, name).map((comment): CommentNode => ({ type: 'Comment', ...comment, ...place(comment.start, comment.end) }));
      return { ok: true, ast: { type: 'File', comments, ...place(0, text.length) } };
    },
    createSourceCode(file: File, { ast }: { ast: RootNode }): TextWithComments {
      return new TextWithComments({ text: textOf(file), ast });
    },
  };
}

function textOf({ body }: File): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}
