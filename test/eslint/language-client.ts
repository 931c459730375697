import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

/** A squiggle as editors get it: lines and characters count from 0. */
export interface Diagnostic {
  readonly range: { readonly start: Position; readonly end: Position };
  readonly severity: number;
  readonly code?: string;
  readonly message: string;
}

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Edit {
  readonly documentChanges: readonly { readonly edits: readonly { readonly range: Diagnostic['range']; readonly newText: string }[] }[];
}

const SERVER = join(dirname(createRequire(import.meta.url).resolve('vscode-langservers-extracted/package.json')), 'bin/vscode-eslint-language-server');

/** What VS Code's ESLint extension sends when the user has set nothing but the languages. */
const SETTINGS = {
  validate: 'on', packageManager: 'npm', useESLintClass: true, experimental: {}, useFlatConfig: true, workingDirectory: { mode: 'location' }, nodePath: null, run: 'onType', quiet: false,
  onIgnoredFiles: 'off', format: false, rulesCustomizations: [], options: {}, problems: { shortenToSingleLine: false }, codeActionOnSave: { enable: false, mode: 'all' },
  codeAction: { disableRuleComment: { enable: false, location: 'separateLine' }, showDocumentation: { enable: false } },
};

/** An editor with VS Code's ESLint server behind it, which it talks to in the language server protocol. */
export class Editor {
  private readonly server: ChildProcessByStdio<Writable, Readable, null>;
  private readonly waiting = new Map<number, { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }>();
  private unread = Buffer.alloc(0);
  private lastId = 0;
  private version = 0;
  private readonly texts = new Map<string, string>();
  private applied: ((edit: Edit) => void) | undefined;

  private constructor(private readonly folder: string) {
    this.server = spawn(process.execPath, [SERVER, '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    this.server.stdout.on('data', (bytes: Buffer) => this.receive(bytes));
    this.server.on('exit', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('the server ended'));
    });
  }

  /** Opens a folder. */
  static async open(folder: string): Promise<Editor> {
    const editor = new Editor(folder);
    const uri = pathToFileURL(folder).href;
    await editor.request('initialize', {
      processId: process.pid, rootUri: uri, workspaceFolders: [{ uri, name: 'project' }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true, applyEdit: true, workspaceEdit: { documentChanges: true } },
        textDocument: { diagnostic: {}, codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } } },
      },
    });
    editor.notify('initialized', {});
    return editor;
  }

  /** Closes the editor; its server ends. */
  async close(): Promise<void> {
    await this.request('shutdown', null);
    this.notify('exit', null);
  }

  /** Types a text into a file, without saving it. @returns what is underlined then */
  async type(file: string, text: string): Promise<readonly Diagnostic[]> {
    const uri = this.uri(file);
    const version = ++this.version;
    if (this.texts.has(file)) this.notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text }] });
    else this.notify('textDocument/didOpen', { textDocument: { uri, version, languageId: languageOf(file), text } });
    this.texts.set(file, text);
    const { items } = await this.request('textDocument/diagnostic', { textDocument: { uri } }) as { readonly items: readonly Diagnostic[] };
    return items;
  }

  /** What the light bulb at a squiggle offers. */
  async offers(file: string, diagnostic: Diagnostic): Promise<readonly { readonly title: string; readonly apply: () => Promise<string> }[]> {
    const actions = await this.request('textDocument/codeAction', {
      textDocument: { uri: this.uri(file) }, range: diagnostic.range, context: { diagnostics: [diagnostic], only: ['quickfix'] },
    }) as { readonly title: string; readonly command: { readonly command: string; readonly arguments: readonly unknown[] } }[];
    return actions.map(({ title, command }) => ({ title, apply: () => this.applyCommand(file, command) }));
  }

  private async applyCommand(file: string, command: object): Promise<string> {
    const edit = new Promise<Edit>((resolve) => (this.applied = resolve));
    await this.request('workspace/executeCommand', command);
    const edits = (await edit).documentChanges.flatMap((change) => change.edits);
    return edits.reduceRight((text, { range, newText }) => text.slice(0, offsetOf(text, range.start)) + newText + text.slice(offsetOf(text, range.end)), this.texts.get(file)!);
  }

  private uri(file: string): string {
    return pathToFileURL(join(this.folder, file)).href;
  }

  private request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.send({ id, method, params });
    return answer;
  }

  private notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  private send(message: Message): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  private receive(bytes: Buffer): void {
    this.unread = Buffer.concat([this.unread, bytes]);
    for (;;) {
      const head = this.unread.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(this.unread.subarray(0, Math.max(head, 0)).toString())?.[1]);
      if (head < 0 || this.unread.length < head + 4 + length) return;
      const body = this.unread.subarray(head + 4, head + 4 + length).toString();
      this.unread = this.unread.subarray(head + 4 + length);
      this.take(JSON.parse(body) as Message);
    }
  }

  private take({ id, method, params, result, error }: Message): void {
    if (method !== undefined) {
      if (id !== undefined) this.send({ id, result: this.answer(method, params) });
      return;
    }
    const waiting = this.waiting.get(id as number);
    this.waiting.delete(id as number);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }

  /** What a server may ask of an editor. */
  private answer(method: string, params: unknown): unknown {
    if (method === 'workspace/configuration') {
      const settings = { ...SETTINGS, workspaceFolder: { uri: pathToFileURL(this.folder).href, name: 'project' } };
      return (params as { items: unknown[] }).items.map(() => settings);
    }
    if (method === 'workspace/applyEdit') {
      this.applied?.((params as { edit: Edit }).edit);
      return { applied: true };
    }
    return null;
  }
}

function offsetOf(text: string, { line, character }: Position): number {
  const lines = text.split('\n');
  return lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
}

function languageOf(file: string): string {
  const extension = file.slice(file.lastIndexOf('.') + 1);
  return ({ js: 'javascript', ts: 'typescript', py: 'python' } as Record<string, string>)[extension] ?? extension;
}
