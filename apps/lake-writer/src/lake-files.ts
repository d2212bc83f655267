/** A file of the lake as it was read. */
export interface LakeFile {
  readonly bytes: Uint8Array;
  /** Changes with every write; what a conditional put names. */
  readonly etag: string;
}

/** What of S3 the lake's files need. */
export interface LakeFiles {
  /** The file, or undefined when there is none. */
  get(key: string): Promise<LakeFile | undefined>;
  /**
   * Writes the file if it is still the one that was read, `undefined` for none.
   *
   * @returns `changed`, with nothing written, when somebody else has written it meanwhile
   */
  put(key: string, bytes: Uint8Array, read: LakeFile | undefined): Promise<'written' | 'changed'>;
}
