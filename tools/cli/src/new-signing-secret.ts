import { schemeOf } from '@aftercall/signing';
import type { StageSource } from './stage-access.ts';

const SECRET_BYTES = 32;

/** A signing secret of the form that the scheme wants. */
export function newSigningSecret(
  scheme: StageSource['scheme'],
  randomBytes: (count: number) => Buffer,
): string {
  const bytes = randomBytes(SECRET_BYTES);
  return schemeOf(scheme).kind === 'standard-webhooks'
    ? `whsec_${bytes.toString('base64')}`
    : bytes.toString('hex');
}
