import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The page of a rule, read as a test. */
export interface Page {
  readonly ruleId: string;
  /** `<!-- rules: only -->`: only the page's own rule runs. */
  readonly onlyOwnRule: boolean;
  readonly cases: readonly Case[];
}

export type Section = 'Reported' | 'Not reported' | 'Known limits';

export interface Case {
  readonly section: Section;
  readonly title: string;
  /** Path → text; shared files first. */
  readonly files: ReadonlyMap<string, string>;
  readonly expected: readonly Marker[];
  readonly limits: readonly Marker[];
  /** `<!-- postgres: ... -->` comments, in order. */
  readonly claims: readonly string[];
}

/** `finding: rule-id "part of the message"` or `limit: rule-id`. */
export interface Marker {
  readonly ruleId: string;
  readonly part: string;
  readonly file: string;
  readonly line: number;
}

const SECTIONS: readonly string[] = ['Reported', 'Not reported', 'Known limits'];
const DEFAULT_FILE: Readonly<Record<string, string>> = {
  sql: 'migrations/0001_case.sql', prisma: 'prisma/schema.prisma', ts: 'src/case.ts', py: 'src/case.py',
  jsonc: 'tenantlint.config.json', json: 'tenantlint.config.json',
};
const FOLDER = join(import.meta.dirname, '../fixtures/rules');

/** The ids of all pages, sorted. */
export function pageIds(): string[] {
  return readdirSync(FOLDER).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3)).sort();
}

/** Reads a rule's page. @throws Error that names the line, for a page that breaks the form */
export function readPage(ruleId: string): Page {
  return parsePage(ruleId, readFileSync(join(FOLDER, `${ruleId}.md`), 'utf8'));
}

interface Draft {
  readonly section: Section;
  readonly title: string;
  readonly files: Map<string, string>;
  readonly claims: string[];
}

/** Parses the Markdown of a page. @throws Error that names the line, for a page that breaks the form */
export function parsePage(ruleId: string, text: string): Page {
  const lines = text.split('\n');
  const shared = new Map<string, string>();
  const sharedClaims: string[] = [];
  const drafts: Draft[] = [];
  let section: Section | undefined;
  let name: string | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const fail = (words: string): never => {
      throw new Error(`${ruleId}.md:${index + 1}: ${words}`);
    };
    const heading = /^(##+)\s+(.*?)\s*$/.exec(line);
    const fence = /^(`{3,})(\w*)\s*$/.exec(line);
    const target = section === undefined ? { files: shared, claims: sharedClaims } : drafts.at(-1);
    const claim = /^<!--\s*postgres:\s*(.*?)\s*-->\s*$/.exec(line);
    if (heading?.[1] === '##') {
      if (SECTIONS.includes(heading[2]!)) section = heading[2] as Section;
      else if (section !== undefined) fail(`unknown section "${heading[2]}"`);
    } else if (heading?.[1] === '###' && section !== undefined) {
      drafts.push({ section, title: heading[2]!, files: new Map(), claims: [] });
    } else if (claim !== null) {
      (target ?? fail('a claim outside of a case')).claims.push(claim[1]!);
    } else if (/^`[^`]+`:$/.test(line.trim())) {
      name = line.trim().slice(1, -2);
    } else if (fence !== null) {
      const end = lines.indexOf(fence[1]!, index + 1);
      if (end < 0) fail('a block that is not closed');
      const code = lines.slice(index + 1, end).map((each) => `${each}\n`).join('');
      const file = name ?? DEFAULT_FILE[fence[2]!];
      if (target === undefined || (section !== undefined && drafts.at(-1)?.section !== section)) fail('a block outside of a case');
      if (file !== undefined) {
        if (target!.files.has(file)) fail(`"${file}" appears twice in one case`);
        target!.files.set(file, code);
      } else if (fence[2] !== 'text' && fence[2] !== '') fail(`no file name for a block of "${fence[2]}"`);
      name = undefined;
      index = end;
    }
  }
  return { ruleId, onlyOwnRule: /^<!--\s*rules:\s*only\s*-->$/m.test(text), cases: drafts.map((draft) => toCase(draft, shared, sharedClaims)) };
}

function toCase({ section, title, files: own, claims }: Draft, shared: ReadonlyMap<string, string>, sharedClaims: readonly string[]): Case {
  const files = new Map([...shared, ...own]);
  const all = [...files].flatMap(([file, text]) => markersOf(file, text));
  const only = (word: string): Marker[] => all.filter((each) => each.word === word).map(({ ruleId, part, file, line }) => ({ ruleId, part, file, line }));
  return { section, title, files, expected: only('finding'), limits: only('limit'), claims: [...sharedClaims, ...claims] };
}

/** Markers of a file. One on a line of its own speaks of the next line that holds more than a comment. */
function markersOf(file: string, text: string): (Marker & { word: string })[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => [...line.matchAll(/(?:--|\/\/|#|\/\*)\s*(finding|limit):\s*([a-z-]+)(?:\s+"((?:[^"\\]|\\.)*)")?/g)].map((match) => {
    const alone = isComment(line.slice(0, match.index + 2));
    let target = index;
    if (alone) do target++; while (target < lines.length && isComment(lines[target]!));
    return { word: match[1]!, ruleId: match[2]!, part: (match[3] ?? '').replace(/\\(.)/g, '$1'), file, line: target + 1 };
  }));
}

function isComment(line: string): boolean {
  return /^\s*($|--(?!>)|\/\/|#|\/\*)/.test(line);
}

/**
 * Writes files into a new temporary folder for the time of some work.
 * @param files path → text
 */
export async function withProject<T>(files: ReadonlyMap<string, string | Buffer>, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantlint-'));
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
