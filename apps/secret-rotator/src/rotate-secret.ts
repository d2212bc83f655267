import { RotationError } from './rotation-error.ts';
import type { DescribedSecret, SecretVersions } from './secret-versions.ts';

/** In the order in which Secrets Manager asks for them. */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type Step = (typeof STEPS)[number];

/** What Secrets Manager asks for. */
export interface RotationRequest {
  readonly step: Step;
  readonly secretId: string;
  /** Of the version that is to become the current one. */
  readonly versionId: string;
}

/** The value in use. */
export interface CurrentValue {
  readonly text: string;
  /** Until then functions may have read the value before. */
  readonly since: Date;
}

/** How the values of one kind of secret follow each other. */
export interface Rotation {
  /**
   * The value after the current one. What it replaces must go on working.
   *
   * @throws RotationError when the current value leads nowhere
   */
  next(current: CurrentValue): Promise<string>;
  /** @throws when the value does not work, or is not one that follows the current one */
  check(pending: string, current: string): Promise<void>;
}

/** What rotating needs from the outside world. */
export interface RotateDeps {
  readonly versions: SecretVersions;
  /** Undefined for a secret that is none of ours to rotate. */
  rotationOf(name: string): Rotation | undefined;
}

/** `done-before`: this step, or the whole rotation, had been done already; nothing was changed. */
export interface Rotated {
  readonly name: string;
  readonly result: 'done' | 'done-before' | 'nothing-to-do';
}

/**
 * Does one of the four steps. Each may come again, and none before its turn does harm: the current value changes with
 * the last step only, and then only to a value that has just been checked.
 *
 * @throws RotationError, or whatever Genesys Cloud and Secrets Manager say
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export async function rotateSecret(request: RotationRequest, deps: RotateDeps): Promise<Rotated> {
  const secret = await deps.versions.describe(request.secretId);
  const { name } = secret;
  const rotation = deps.rotationOf(name);
  if (!rotation) throw new RotationError(`${name} is none of the secrets that are rotated here`);
  if (isFinished(secret, request)) return { name, result: 'done-before' };
  const current = currentOf(secret);
  return { name, result: await doStep(request, { ...deps, rotation, secret, current }) };
}

/** @throws RotationError for a version that no rotation is about */
function isFinished({ name, labels }: DescribedSecret, { versionId }: RotationRequest): boolean {
  const own = labels.get(versionId);
  if (own?.includes('AWSCURRENT')) return true;
  if (own?.includes('AWSPENDING')) return false;
  throw new RotationError(
    `${name} has no pending version ${versionId}: start a rotation with RotateSecret, which makes one`,
  );
}

function currentOf({ name, labels }: DescribedSecret): string {
  const found = [...labels].find(([, own]) => own.includes('AWSCURRENT'));
  if (!found) throw new RotationError(`${name} has no current value to go on from: store a first one`);
  return found[0];
}

interface Context extends RotateDeps {
  readonly rotation: Rotation;
  readonly secret: DescribedSecret;
  /** The id of the current version. */
  readonly current: string;
}

async function doStep(request: RotationRequest, context: Context): Promise<Rotated['result']> {
  switch (request.step) {
    case 'createSecret':
      return create(request, context);
    case 'setSecret':
      // Who uses the value has made it (Genesys Cloud), or learns of it by reading it (the keyring).
      await pendingText(request, context);
      return 'nothing-to-do';
    case 'testSecret':
      await check(request, context);
      return 'done';
    case 'finishSecret':
      await check(request, context);
      await context.versions.promote(request.secretId, request.versionId, context.current);
      return 'done';
  }
}

async function create(
  { secretId, versionId }: RotationRequest,
  { versions, rotation, secret: { name, rotatedAt }, current }: Context,
): Promise<Rotated['result']> {
  if ((await versions.read(secretId, versionId)) !== undefined) return 'done-before';
  const present = await versions.read(secretId, current);
  if (!present) throw new RotationError(`${name} has no text to go on from: store a first value`);
  // Its version was made before the rotation that put it into use had ended.
  const since = new Date(Math.max(present.createdAt.getTime(), rotatedAt?.getTime() ?? 0));
  await versions.putPending(secretId, versionId, await rotation.next({ text: present.text, since }));
  return 'done';
}

/** Also before the last step: it may be called without the one before it. */
async function check(request: RotationRequest, context: Context): Promise<void> {
  const pending = await pendingText(request, context);
  const present = await context.versions.read(request.secretId, context.current);
  await context.rotation.check(pending, present?.text ?? '');
}

async function pendingText(
  { secretId, versionId, step }: RotationRequest,
  { versions, secret: { name } }: Context,
): Promise<string> {
  const pending = await versions.read(secretId, versionId);
  if (pending) return pending.text;
  throw new RotationError(`${step} of ${name} was called before createSecret: the pending version is empty`);
}
