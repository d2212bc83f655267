// Loaded before a function's bundle: its calls to AWS are answered at once and never leave the process, so that what
// stays in memory is the function's and its SDK's, and no server's.
import { EventEmitter } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { Duplex, Readable } from 'node:stream';
import { SECRET } from './deliveries.ts';

/** An entry of SQS's `SendMessageBatch`, as it was sent. */
export interface SentEntry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageAttributes: { readonly seal: { readonly StringValue: string } };
}

type Input = Readonly<Record<string, unknown>>;

/** What was put on a queue, up to a thousand; whoever reads it empties it. */
export const sent: SentEntry[] = [];
const MAX_SENT = 1_000;

/** Calls by operation; whoever reads them empties them. */
export const calls = new Map<string, number>();

const KEYRING = JSON.stringify({
  current: 'k1',
  keys: { k1: { key: Buffer.alloc(32, 7).toString('base64') } },
});

/** For each operation that a good event needs. */
const ANSWERS: Readonly<Record<string, (input: Input) => object>> = {
  GetSecretValue: ({ SecretId: Name, VersionStage = 'AWSCURRENT' }) => ({
    ...{ ARN: 'arn', Name, VersionId: 'v1', VersionStages: [VersionStage] },
    SecretString: String(Name).endsWith('sealing') ? KEYRING : SECRET,
  }),
  SendMessageBatch: ({ Entries }) => {
    const entries = Entries as readonly SentEntry[];
    if (sent.length < MAX_SENT) sent.push(...entries);
    return { Successful: entries.map(({ Id }) => ({ Id, MessageId: `message-${Id}` })), Failed: [] };
  },
  GetParameter: ({ Name }) => ({ Parameter: { Name, Value: '{"circuits":{}}', Version: 1 } }),
  PutItem: () => ({}),
  GetItem: () => ({}),
  UpdateItem: () => ({}),
  BatchGetItem: ({ RequestItems = {} }) => ({
    Responses: Object.fromEntries(Object.keys(RequestItems as object).map((table) => [table, []])),
    UnprocessedKeys: {},
  }),
  PutEvents: ({ Entries }) => ({
    FailedEntryCount: 0,
    Entries: (Entries as readonly object[]).map(() => ({ EventId: 'event' })),
  }),
};

interface Head {
  readonly headers?: Readonly<Record<string, string>> | readonly string[];
}

function operationOf({ headers = {} }: Head): string {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers).flat();
  const target: unknown = pairs[pairs.findIndex((name) => /^x-amz-target$/i.test(String(name))) + 1];
  return String(target).split('.').at(-1) ?? '';
}

function answerTo(operation: string, body: string): Buffer {
  calls.set(operation, (calls.get(operation) ?? 0) + 1);
  const answer = ANSWERS[operation];
  if (answer === undefined) throw new Error(`nobody answers ${operation}`);
  return Buffer.from(JSON.stringify(answer(JSON.parse(body) as Input)));
}

function responseOf(text: Buffer): IncomingMessage {
  const response = Readable.from([text], { objectMode: false });
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'content-length': String(text.length) };
  return Object.assign(response, { statusCode: 200, headers }) as unknown as IncomingMessage;
}

/** What the SDK asks a socket for, before it stops to wait for a connection. */
const CONNECTED = Object.assign(new EventEmitter(), { connecting: false, setKeepAlive: () => undefined });

/** As much of a request as the SDK uses. */
class AnsweredRequest extends EventEmitter {
  readonly #operation: string;
  #body = '';

  constructor(head: Head) {
    super();
    this.#operation = operationOf(head);
  }

  write(chunk: string | Uint8Array): boolean {
    this.#body += Buffer.from(chunk as Uint8Array).toString();
    return true;
  }

  end(chunk?: string | Uint8Array): this {
    if (chunk !== undefined) this.write(chunk);
    setImmediate(() => {
      this.emit('socket', CONNECTED);
      this.emit('response', responseOf(answerTo(this.#operation, this.#body)));
      this.emit('close');
    });
    return this;
  }

  setTimeout = () => this;
  setHeader = () => this;
  destroy = () => this;
}

function request(head: Head, answered?: (response: IncomingMessage) => void): ClientRequest {
  const made = new AnsweredRequest(head);
  if (answered !== undefined) made.once('response', answered);
  return made as unknown as ClientRequest;
}

/** As much of a socket as our own calls use, which write each request at once. */
class AnsweredSocket extends Duplex {
  override _read(): void {
    // What there is to read is pushed.
  }

  override _write(request: Buffer, _encoding: BufferEncoding, written: () => void): void {
    const [head = '', body = ''] = request.toString().split('\r\n\r\n');
    const [, operation = ''] = /^x-amz-target: \w+\.(\w+)\r?$/m.exec(head) ?? [];
    const text = answerTo(operation, body);
    setImmediate(() =>
      this.push(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text.toString()}`),
    );
    written();
  }

  ref = () => this;
  unref = () => this;
}

http.request = request as typeof http.request;
net.connect = (() => new AnsweredSocket()) as unknown as typeof net.connect;
syncBuiltinESMExports();
