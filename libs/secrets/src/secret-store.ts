/** Secrets Manager's own labels for the versions of a secret. */
export type VersionStage = 'AWSCURRENT' | 'AWSPREVIOUS';

/** Where secrets are kept. */
export interface SecretStore {
  /**
   * The text of one version, exactly as stored; undefined when there is no such secret or no such version.
   * Rejects when the store cannot tell, and when the signal is aborted.
   */
  getSecretValue(name: string, stage: VersionStage, signal?: AbortSignal): Promise<string | undefined>;
}
