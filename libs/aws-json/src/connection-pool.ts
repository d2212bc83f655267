import type { Socket } from 'node:net';
import { type Call, type Connection, createConnection } from './http-connection.ts';

/** Connections to one server, kept from call to call. */
export interface ConnectionPool {
  /** Sends the call over the connection that was used last, over a new one, or over the next that is free. */
  start(call: Call): void;
  /** Ends a call that nobody waits for any more, wherever it is. */
  stop(call: Call, error: Error): void;
}

/** As many at a time as the SDK. */
const MAX_CONNECTIONS = 50;

/** @param maxBodyBytes of an answer; a larger one is an `AnswerTooLargeError` */
export function createConnectionPool(connect: () => Socket, maxBodyBytes: number): ConnectionPool {
  const open = new Set<Connection>();
  const idle: Connection[] = [];
  const waiting = new Set<Call>();

  const added = (): Connection | undefined => {
    if (open.size >= MAX_CONNECTIONS) return undefined;
    const connection = createConnection(connect(), { free, gone, unanswered }, maxBodyBytes);
    open.add(connection);
    return connection;
  };
  const start = (call: Call) => {
    const connection = idle.pop() ?? added();
    if (connection) connection.send(call);
    else waiting.add(call);
  };
  const startNext = () => {
    const [next] = waiting;
    if (next && waiting.delete(next)) start(next);
  };
  const free = (connection: Connection) => {
    idle.push(connection);
    startNext();
  };
  const gone = (connection: Connection) => {
    if (!open.delete(connection)) return;
    if (idle.includes(connection)) idle.splice(idle.indexOf(connection), 1);
    startNext();
  };
  // The server closes what is idle, and the call met that half-way. The others have been idle for longer.
  const unanswered = (call: Call) => {
    for (const connection of idle.splice(0)) connection.drop(new Error('idle for too long'));
    start(call);
  };
  const stop = (call: Call, error: Error) => {
    waiting.delete(call);
    const serving = [...open].find((connection) => connection.isServing(call));
    if (serving) serving.drop(error);
    else call.reject(error);
  };
  return { start, stop };
}
