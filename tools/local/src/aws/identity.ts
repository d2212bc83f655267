/** Where and who everything local is. The account is the one the SQS emulator uses. */
export const REGION = 'eu-west-1';
export const ACCOUNT = '000000000000';
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** An ARN in the local region and account, e.g. `arn('sqs', 'my-queue')`. */
export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

/** The last part of an ARN or path: the name of a queue, bus or function. */
export function nameIn(arnOrName: string): string {
  return arnOrName.split(/[:/]/).at(-1) ?? arnOrName;
}
