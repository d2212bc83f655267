/** A secret cannot be had now: answer "try again" (503), for nothing is known about who is right. */
export class SecretUnavailableError extends Error {
  override readonly name = 'SecretUnavailableError';
  readonly secretName: string;

  constructor(secretName: string, reason: string, options?: ErrorOptions) {
    super(`secret ${secretName} is not available: ${reason}`, options);
    this.secretName = secretName;
  }
}
