/** What a service refuses with, as the SDK throws it. */
export class ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  readonly $fault: 'client' | 'server';
  /** The item that a condition failed on, in DynamoDB's own notation. */
  readonly Item?: Readonly<Record<string, object>>;

  constructor(
    name: string,
    status: number,
    more: { readonly message?: string; readonly Item?: Readonly<Record<string, object>> } = {},
  ) {
    super(more.message ?? name);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
    this.$fault = status >= 500 ? 'server' : 'client';
    if (more.Item) this.Item = more.Item;
  }
}

/** A class of the SDK's, such as `NoSuchKey`: what its instances are is told by their name alone. */
export const errorClass = (name: string): object =>
  Object.defineProperty(class extends ServiceError {}, Symbol.hasInstance, {
    value: (error: unknown) =>
      error instanceof ServiceError && (name.endsWith('ServiceException') || error.name === name),
  });

/** Nobody answered, as Node says it. */
export const networkError = (code: 'ECONNREFUSED' | 'ECONNRESET'): Error =>
  Object.assign(new Error(`connect ${code}`), { code });

/** Nobody answered in time, as the SDK's HTTP handler says it. */
export const timeoutError = (millis: number): Error =>
  Object.assign(new Error(`no answer within ${millis} ms`), { name: 'TimeoutError' });
