import { isOfAny, type Call, type Context } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { fieldsOf } from '../objects.js';
import { exportedPath } from '../sql-client.js';
import { FRAMEWORKS } from './name.js';
import { noteRoute, TOOL_INPUT, type Route } from './routes.js';
import { schemaOfShape } from './schemas.js';

/** Packages of servers of the Model Context Protocol, whose tools an agent calls with what it likes. */
const SERVERS = ['@modelcontextprotocol/sdk', '@modelcontextprotocol/server', 'mcp-handler', '@vercel/mcp-adapter', 'fastmcp'];
/** Packages by which a language model calls functions, with what it likes. */
const MODELS = ['ai', '@openai/agents', '@langchain/core', 'langchain', '@mastra/core'];

/** The modules of both. */
export const toolModules = [...SERVERS, ...MODELS];

const MADE = /^(?:McpServer|Server|FastMCP)$/;
const LISTENS = /^(?:tool|registerTool|addTool|prompt|registerPrompt|addPrompt|resource|registerResource|setRequestHandler)$/;
const TOOLS = /^(?:tool|dynamicTool|createTool|DynamicStructuredTool|DynamicTool)$/;
/** What reads what a tool is called with, and what runs it, in what describes it. */
const SCHEMAS = ['inputSchema', 'parameters', 'schema'];
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
function noteRuns({ arguments: { positional } }: Call, ctx: Context): void {
  const given = positional.map((argument) => ctx.read(argument));
  const described = given.flatMap((argument) => (argument.kind === 'object' ? [fieldsOf(argument, ctx).given] : []));
  const named = described.flat().find(({ key }) => SCHEMAS.includes(key))?.value;
  const schema = named === undefined ? shapeAmong(given, ctx) : schemaOfShape(named, ctx);
  const route: Route = { style: 'callable', before: [], ...(schema && { valid: new Map([[TOOL_INPUT, schema]]) }) };
  const runs = [...given, ...described.flat().flatMap(({ key, value }) => (RUNS.includes(key) ? [ctx.read(value)] : []))];
  for (const fn of runs) if (fn.kind === 'function') noteRoute(fn, route, ctx);
}

/** `server.tool('notes', { id: z.string() }, fn)`. */
function shapeAmong(given: readonly Value[], ctx: Context): Value | undefined {
  const shape = given.find((each) => each.kind === 'object' && each.entries.length > 0 && each.entries.every((entry) => entry.kind !== 'property' || ctx.read(entry.value).kind === 'library'));
  return shape && schemaOfShape(shape, ctx);
}
