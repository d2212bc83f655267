/** What has become visible. */
export interface WrittenObject {
  readonly bytes: number;
  /** Of the bytes as they lie there, in hex. */
  readonly sha256: string;
}

/** One object on its way into a bucket. Nobody sees anything of it before `commit`. */
export interface ObjectWriter {
  /** Resolves when more may come. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the object visible, once, in place of an earlier one. */
  commit(): Promise<WrittenObject>;
  /** Leaves nothing behind; no more may come. */
  abort(): Promise<void>;
}
