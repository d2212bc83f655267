/** The versions of a secret, by the labels that say what each is. */
export interface DescribedSecret {
  readonly name: string;
  /** Version id → its labels, such as `AWSCURRENT`. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** When a rotation last ended; undefined before the first. */
  readonly rotatedAt: Date | undefined;
}

/** A version that has a value. */
export interface SecretVersion {
  readonly text: string;
  readonly createdAt: Date;
}

/** Secrets Manager, as far as a rotation goes. */
export interface SecretVersions {
  describe(secretId: string): Promise<DescribedSecret>;
  /** Undefined for a version that has no value yet. */
  read(secretId: string, versionId: string): Promise<SecretVersion | undefined>;
  /** Gives the pending version its value. */
  putPending(secretId: string, versionId: string, text: string): Promise<void>;
  /** Makes a version the current one in the place of another, and of no third. */
  promote(secretId: string, versionId: string, from: string): Promise<void>;
}
