import type { Socket } from 'node:net';
import { createAnswerReader, type HttpAnswer, type ReadAnswer } from './http-answer.ts';

/** A request that somebody waits for. */
export interface Call {
  readonly head: string;
  readonly body: string | Uint8Array;
  /** Hears of the first byte of the answer. */
  begun(): void;
  resolve(answer: HttpAnswer): void;
  reject(error: Error): void;
}

/** Serves one call at a time. */
export interface Connection {
  send(call: Call): void;
  isServing(call: Call): boolean;
  /** Closes it; the call that it serves fails with the error. */
  drop(error: Error): void;
}

/** Whoever has the connections. */
export interface ConnectionOwner {
  /** The connection has served its call and can serve another. */
  free(connection: Connection): void;
  /** The connection is closed; may be told more than once. */
  gone(connection: Connection): void;
  /** The connection has served calls before, and broke before a byte came in answer to this one. */
  unanswered(call: Call): void;
}

/** Speaks HTTP over a socket. Whatever is odd about an answer ends the connection: nobody knows what its next bytes belong to. */
export function createConnection(socket: Socket, owner: ConnectionOwner, maxBodyBytes: number): Connection {
  let call: Call | undefined;
  let read = createAnswerReader(maxBodyBytes);
  let isReused = false;
  let isAnswering = false;

  const end = (): Call | undefined => {
    const unserved = call;
    call = undefined;
    socket.destroy();
    owner.gone(connection);
    return unserved;
  };
  const fail = (error: Error) => {
    const unserved = end();
    if (unserved && isReused && !isAnswering) owner.unanswered(unserved);
    else unserved?.reject(error);
  };
  const answered = ({ isLast, ...answer }: ReadAnswer) => {
    const served = call;
    // An answer that comes before all of the request has left says that the server reads no further.
    if (isLast || socket.writableLength > 0) end();
    else {
      [call, read, isReused, isAnswering] = [undefined, createAnswerReader(maxBodyBytes), true, false];
      socket.unref();
      owner.free(connection);
    }
    served?.resolve(answer);
  };
  socket.on('data', (bytes: Buffer) => {
    if (!call) return void end();
    if (!isAnswering) call.begun();
    isAnswering = true;
    try {
      const answer = read(bytes);
      if (answer) answered(answer);
    } catch (error) {
      fail(toError(error));
    }
  });
  socket.on('error', fail);
  for (const event of ['end', 'close']) socket.on(event, () => fail(hungUp()));

  const connection: Connection = {
    send(next) {
      call = next;
      write(socket, next);
    },
    isServing: (one) => call === one,
    drop: (error) => end()?.reject(error),
  };
  return connection;
}

/** In one system call, and bytes as they are: they may be many. Somebody waits for the answer from now on. */
function write(socket: Socket, { head, body }: Call): void {
  socket.ref();
  if (typeof body === 'string') return void socket.write(`${head}${body}`);
  socket.cork();
  socket.write(head);
  socket.write(body);
  socket.uncork();
}

/** In Node's own words. */
const hungUp = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
