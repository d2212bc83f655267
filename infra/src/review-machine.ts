import { readFileSync } from 'node:fs';

/** What the file leaves open. */
export interface ReviewMachine {
  /** Of the function that does every task. */
  readonly functionArn: string;
  /** How long a person has to decide. */
  readonly deadlineSeconds: number;
}

/**
 * The review of dead letters, in the Amazon States Language.
 *
 * The file's `${…}` are filled in here, where Terraform would take them for its own.
 */
export function reviewDefinition({ functionArn, deadlineSeconds }: ReviewMachine): string {
  const file = readFileSync(new URL('review-machine.asl.json', import.meta.url), 'utf8');
  const filled = file
    .replaceAll('${function}', () => functionArn)
    .replaceAll('"${deadlineSeconds}"', String(deadlineSeconds));
  return JSON.stringify(JSON.parse(filled));
}
