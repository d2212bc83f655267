/** One kept object, as it lies in the store. */
export interface StoredObject {
  readonly key: string;
  readonly body: Uint8Array;
  /** Names lower case, values ASCII: what S3 takes as user metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is known of an object without reading its body. */
export interface ObjectHead {
  readonly metadata: Readonly<Record<string, string>>;
  /** Changes with every write; names the version that a replacement must meet. */
  readonly etag: string;
}

/** Where the bodies lie. Every call throws when the store cannot be reached, or when `signal` aborts it. */
export interface ObjectStore {
  head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined>;
  /**
   * Writes the object if the store still holds what the caller saw: nothing (`undefined`) or the version `etag`.
   * A store that ignores conditional writes always answers `written`.
   */
  put(object: StoredObject, etag: string | undefined, signal?: AbortSignal): Promise<'written' | 'changed'>;
  get(key: string, signal?: AbortSignal): Promise<StoredObject | undefined>;
}
