export type LakeFileFault =
  /** It cannot be read, or what was read cannot have been written by us. */
  | 'corrupt'
  /** Written by a newer version of this code, which must read it. */
  | 'newer-schema'
  /** Its columns are not ours: writing it anew would lose some. */
  | 'other-columns';

/** A file of the lake that must not be written over: merging into it would lose what is in it. */
export class LakeFileError extends Error {
  override readonly name = 'LakeFileError';
  readonly code: LakeFileFault;

  constructor(code: LakeFileFault, message: string, { cause }: { cause?: unknown } = {}) {
    super(message, { cause });
    this.code = code;
  }
}
