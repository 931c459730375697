/** A part of a file that is a program, the rest blanked at equal length so that every offset stays true. */
export interface Script {
  readonly text: string;
  readonly extension: string;
}

/** The beginning of a script that has no end. */
export interface OpenScript {
  readonly openAt: number;
}

const BLOCK = /<script\b((?:"[^"]*"|'[^']*'|[^<>"'])*)>(?:([^]*?)<\/script\s*>|[^]*$)/gi;
const MOST_INDENT = 100;
const COMMENT = /<!--(?:[^]*?-->|[^]*$)/g;
const FRONTMATTER = /^([^\S\n]*---[ \t]*\r?\n)([^]*?)^---[ \t]*$/m;

/**
 * The programs of a file: the script blocks of a Vue or Svelte component, the frontmatter and the script blocks of an Astro page,
 * and the file itself for any other extension.
 */
export function scriptsOf(text: string, extension: string): (Script | OpenScript)[] {
  switch (extension) {
    case 'vue': case 'svelte': return blocks(text);
    case 'astro': {
      const front = frontmatter(text);
      return [...front, ...blocks(front.length === 0 ? text : text.replace(FRONTMATTER, blank))];
    }
    default: return [{ text, extension }];
  }
}

function blocks(text: string): (Script | OpenScript)[] {
  const markup = text.replace(COMMENT, blank);
  return [...markup.matchAll(BLOCK)].flatMap((match): (Script | OpenScript)[] => {
    const [whole, attributes = '', body] = match;
    // Without an end it is no block; nor is what follows, so that many cost no more than one. Within a line it may be a part of a text.
    if (body === undefined) return /(?:^|\n)[^\S\n]*$/.test(text.slice(Math.max(0, match.index - MOST_INDENT), match.index)) ? [{ openAt: match.index }] : [];
    const language = /\blang\s*=\s*["']?(\w+)/i.exec(attributes)?.[1] ?? 'js';
    const type = /\btype\s*=\s*["']?([^"'\s>]+)/i.exec(attributes)?.[1];
    if (/\bsrc\s*=/.test(attributes) || (type !== undefined && !/^(?:module|(?:text|application)\/(?:java|type)script)$/.test(type))) return [];
    const start = match.index + whole.lastIndexOf(body, whole.length - '</script'.length);
    return [{ text: only(text, start, start + body.length), extension: { typescript: 'ts', javascript: 'js' }[language] ?? language }];
  });
}

function frontmatter(text: string): Script[] {
  const found = FRONTMATTER.exec(text);
  if (!found || text.slice(0, found.index).trim() !== '') return [];
  const start = found.index + found[1]!.length;
  return [{ text: only(text, start, start + found[2]!.length), extension: 'ts' }];
}

function only(text: string, start: number, end: number): string {
  return blank(text.slice(0, start)) + text.slice(start, end) + blank(text.slice(end));
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
