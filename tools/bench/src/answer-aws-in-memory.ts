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

/** An entry of EventBridge's `PutEvents`, as it was sent. */
export interface PublishedEntry {
  readonly DetailType: string;
  readonly Source: string;
  readonly Detail: string;
}

/** What was put on a queue, up to a thousand; whoever reads it empties it. */
export const sent: SentEntry[] = [];
/** What the bus was told, likewise. */
export const published: PublishedEntry[] = [];
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
  PutEvents: ({ Entries }) => {
    const entries = Entries as readonly PublishedEntry[];
    if (published.length < MAX_SENT) published.push(...entries);
    return { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: 'event' })) };
  },
};

/** What S3 holds: the compliance rules, and nothing else ever. */
const RULES = JSON.stringify({
  defaultDueWithinSeconds: 3_600,
  rules: [
    { name: 'cards', match: { code: ['PCI_CARD_SPOKEN'] }, route: { team: 'fraud', dueWithinSeconds: 900 } },
  ],
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

function objectAnswer(method: string, path: string): Answer {
  if (method === 'PUT') return { status: 200, text: '' };
  if (method === 'GET' && path.startsWith('/rules/')) return { status: 200, text: RULES };
  return { status: 404, text: method === 'GET' ? '<Error><Code>NoSuchKey</Code></Error>' : '' };
}

interface Head {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>> | readonly string[];
}

function operationOf({ headers = {} }: Head): string {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers).flat();
  const named = pairs.findIndex((name) => /^x-amz-target$/i.test(String(name)));
  const target = named < 0 ? '' : String(pairs[named + 1]);
  return target.slice(target.indexOf('.') + 1);
}

function answerTo(operation: string, body: string): Answer {
  calls.set(operation, (calls.get(operation) ?? 0) + 1);
  const answer = ANSWERS[operation];
  if (answer === undefined) throw new Error(`nobody answers ${operation}`);
  return { status: 200, text: JSON.stringify(answer(JSON.parse(body) as Input)) };
}

function responseOf({ status, text }: Answer): IncomingMessage {
  const bytes = Buffer.from(text);
  const response = Readable.from([bytes], { objectMode: false });
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': String(bytes.length),
    etag: '"1"',
  };
  return Object.assign(response, { statusCode: status, headers }) as unknown as IncomingMessage;
}

/** What the SDK asks a socket for, before it stops to wait for a connection. */
const CONNECTED = Object.assign(new EventEmitter(), { connecting: false, setKeepAlive: () => undefined });

/** As much of a request as the SDK uses. */
class AnsweredRequest extends EventEmitter {
  readonly #head: Head;
  #body = '';

  constructor(head: Head) {
    super();
    this.#head = head;
  }

  write(chunk: string | Uint8Array): boolean {
    this.#body += Buffer.from(chunk as Uint8Array).toString();
    return true;
  }

  end(chunk?: string | Uint8Array): this {
    if (chunk !== undefined) this.write(chunk);
    setImmediate(() => {
      this.emit('socket', CONNECTED);
      this.emit('response', responseOf(this.#answer()));
      this.emit('close');
    });
    return this;
  }

  #answer(): Answer {
    const operation = operationOf(this.#head);
    const { method = '', path = '' } = this.#head;
    // S3 alone has no operation in its headers.
    return operation === '' ? objectAnswer(method, path) : answerTo(operation, this.#body);
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

function answered(head: string, body: string): Answer {
  const [, operation] = /^x-amz-target: \w+\.(\w+)\r$/m.exec(head) ?? [];
  const [method = '', path = ''] = head.split(' ');
  return operation === undefined ? objectAnswer(method, path) : answerTo(operation, body);
}

/** As much of a socket as our own calls use, which write each request at once, or its head and then its bytes. */
class AnsweredSocket extends Duplex {
  #request = Buffer.alloc(0);

  override _read(): void {
    // What there is to read is pushed.
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, written: () => void): void {
    this.#request = Buffer.concat([this.#request, bytes]);
    const bodyAt = this.#request.indexOf('\r\n\r\n') + 4;
    const head = this.#request.toString('latin1', 0, bodyAt);
    const [, length = 0] = /^content-length: (\d+)\r$/m.exec(head) ?? [];
    if (this.#request.length === bodyAt + Number(length)) {
      const { status, text } = answered(head, this.#request.toString('utf8', bodyAt));
      this.#request = Buffer.alloc(0);
      setImmediate(() =>
        this.push(
          `HTTP/1.1 ${status} As told\r\netag: "1"\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
        ),
      );
    }
    written();
  }

  ref = () => this;
  unref = () => this;
}

http.request = request as typeof http.request;
net.connect = (() => new AnsweredSocket()) as unknown as typeof net.connect;
syncBuiltinESMExports();
