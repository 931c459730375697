import type { Call, Context } from '../../library.js';
import type { ExternalValue, LibraryValue, Value } from '../../values.js';
import { constantText } from '../objects.js';
import { exportedPath } from '../sql-client.js';
import { FRAMEWORKS } from './name.js';
import { request } from './request.js';
import { noteHandlers } from './routes.js';

/** Packages of servers that keep a connection open: Socket.IO and ws. */
export const socketModules = ['socket.io', 'ws'];

const SERVERS = /^(?:|Server|Namespace|WebSocketServer|WebSocket\.Server)$/;
const SOCKETS = /^(?:Socket|WebSocket)$/;

function server(): LibraryValue {
  return { kind: 'library', library: FRAMEWORKS, type: 'socketServer', data: undefined };
}

function nameOf(value: ExternalValue): string {
  return exportedPath(value).join('.');
}

/** `io: Server`, `socket: Socket`. */
export function socketTyped(type: ExternalValue): Value | undefined {
  if (!socketModules.includes(type.module)) return undefined;
  return SOCKETS.test(nameOf(type)) ? request('socket', 'socket', 'the socket') : SERVERS.test(nameOf(type)) ? server() : undefined;
}

/** `new Server(http)`, `require('socket.io')(http)`, `new WebSocketServer({ port })`. */
export function socketCall(callee: ExternalValue): Value | undefined {
  return socketModules.includes(callee.module) && SERVERS.test(nameOf(callee)) ? server() : undefined;
}

/** `io.on('connection', fn)`, `io.of('/chat')`, `io.use(fn)`: who connects is a socket. */
export function serverMethod(object: LibraryValue, name: string, call: Call, ctx: Context): Value {
  const connects = name === 'on' && /^connect(?:ion)?$/.test(constantText(call.arguments.positional[0], ctx) ?? '');
  if (connects || name === 'use') noteHandlers(call, 'socket', ctx);
  return object;
}

/** `socket.on('message', fn)`: whatever a listener is given was sent. */
export function listened(name: string, call: Call, ctx: Context): boolean {
  const listens = /^(?:on|once|addEventListener)$/.test(name);
  if (listens) noteHandlers(call, 'sent', ctx);
  return listens;
}
