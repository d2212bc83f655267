import type { Logger, Metrics } from '@aftercall/telemetry';
import { rotateSecret, type RotateDeps, type RotationRequest, STEPS } from './rotate-secret.ts';
import { RotationError } from './rotation-error.ts';

export interface HandlerDeps extends RotateDeps {
  readonly log: Logger;
  readonly metrics: Metrics;
  now(): Date;
}

/**
 * One step of one secret's rotation. When it throws, Secrets Manager leaves the current value as it is, and begins the
 * rotation anew later.
 */
export function createHandler(deps: HandlerDeps) {
  return async (event: unknown): Promise<void> => {
    const startedAt = deps.now();
    const fields = namesIn(event);
    try {
      const { name, result } = await rotateSecret(requestIn(event), deps);
      const durationMs = deps.now().getTime() - startedAt.getTime();
      deps.log.info({ ...fields, name, result, durationMs }, 'rotation');
    } catch (error) {
      deps.log.error({ ...fields, result: 'failed', err: error }, 'rotation');
      throw error;
    } finally {
      deps.metrics.flush();
    }
  };
}

/** @throws RotationError for what no Secrets Manager sends */
function requestIn(event: unknown): RotationRequest {
  const { step, secretId, versionId } = namesIn(event);
  const known = STEPS.find((one) => one === step);
  if (!known) throw new RotationError(`Step must be one of ${STEPS.join(', ')}`);
  if (secretId === undefined || versionId === undefined)
    throw new RotationError('SecretId and ClientRequestToken must be texts');
  return { step: known, secretId, versionId };
}

function namesIn(event: unknown) {
  const { Step, SecretId, ClientRequestToken }: Readonly<Record<string, unknown>> =
    typeof event === 'object' ? { ...event } : {};
  return { step: textOf(Step), secretId: textOf(SecretId), versionId: textOf(ClientRequestToken) };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
