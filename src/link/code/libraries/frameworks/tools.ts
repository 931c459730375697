import { isOfAny, type Call, type Context } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { fieldsOf } from '../objects.js';
import { exportedPath } from '../sql-client.js';
import { FRAMEWORKS } from './name.js';
import { noteHandlers } from './routes.js';

/** Packages of servers of the Model Context Protocol, whose tools an agent calls with what it likes. */
const SERVERS = ['@modelcontextprotocol/sdk', '@modelcontextprotocol/server', 'mcp-handler', '@vercel/mcp-adapter', 'fastmcp'];
/** Packages by which a language model calls functions, with what it likes. */
const MODELS = ['ai', '@openai/agents', '@langchain/core', 'langchain', '@mastra/core'];

/** The modules of both. */
export const toolModules = [...SERVERS, ...MODELS];

const MADE = /^(?:McpServer|Server|FastMCP)$/;
const LISTENS = /^(?:tool|registerTool|addTool|prompt|registerPrompt|addPrompt|resource|registerResource|setRequestHandler)$/;
const TOOLS = /^(?:tool|dynamicTool|createTool|DynamicStructuredTool|DynamicTool)$/;
/** What runs a tool, in what describes it. */
const RUNS = ['execute', 'func', 'load'];

function server(): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type: 'toolServer', data: undefined };
}

function isServer({ module, path }: ExternalValue): boolean {
  return isOfAny(module, SERVERS) && MADE.test(path.at(-1) ?? '');
}

/** `server: McpServer`. */
export function toolTyped(type: ExternalValue): Value | undefined {
  return isServer(type) ? server() : undefined;
}

/** `new McpServer({ name })`, `createMcpHandler((server) => ...)`, `tool({ inputSchema, execute })`. */
export function toolCall(callee: ExternalValue, call: Call, ctx: Context): Value | undefined {
  const name = exportedPath(callee).at(-1) ?? '';
  if (isServer(callee)) return server();
  const [first] = call.arguments.positional;
  if (isOfAny(callee.module, SERVERS)) {
    if (/^create\w*Handler$/.test(name) && first !== undefined) ctx.call(first, { ...call, isNew: false, arguments: { ...call.arguments, positional: [server()], locations: [call.location] } });
    return undefined;
  }
  if (!isOfAny(callee.module, MODELS) || !TOOLS.test(name)) return undefined;
  noteRuns(call, ctx);
  return first;
}

/** `server.registerTool('notes', { inputSchema }, async ({ id }, extra) => ...)`, `server.addTool({ name, execute })`: what a tool is called with was sent; who is signed in comes with it. */
export function toolServerMethod(name: string, call: Call, ctx: Context): Value | undefined {
  if (LISTENS.test(name)) noteRuns(call, ctx);
  return undefined;
}

/** The functions that are given by themselves, and those that run what an object describes. */
function noteRuns(call: Call, ctx: Context): void {
  const runs = call.arguments.positional.flatMap((argument) => {
    const inner = ctx.read(argument);
    if (inner.kind === 'function') return [argument];
    return inner.kind === 'object' ? fieldsOf(inner, ctx).given.flatMap(({ key, value }) => (RUNS.includes(key) ? [value] : [])) : [];
  });
  noteHandlers({ ...call, arguments: { ...call.arguments, positional: runs } }, 'callable', ctx);
}
