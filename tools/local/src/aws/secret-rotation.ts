import type { RotateSecretRequest, RotationRulesType } from '@aws-sdk/client-secrets-manager';
import { AwsError } from './json-target-server.ts';

export interface RotationDeps {
  readonly now: () => Date;
  /** Calls a function as Secrets Manager does. Rejects when it may not, or when the function fails. */
  readonly invokeRotation: (functionArn: string, event: string) => Promise<void>;
  readonly report: (line: string) => void;
}

/** How a secret is rotated. */
export interface Rotation {
  readonly functionArn: string;
  readonly rules: RotationRulesType | undefined;
  lastRotatedEpochSeconds?: number;
}

interface RotatedSecret {
  readonly arn: string;
  readonly name: string;
  readonly rotation?: Rotation;
}

interface Run {
  readonly versionId: string;
  readonly isDone: () => boolean;
}

/** As Secrets Manager calls them, one after the other. */
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/**
 * Rotation as far as a laptop needs it: at once, on request. Schedules are kept and shown, and none of them comes due
 * while a stack runs. AWS tries a failed rotation again by itself; here the next request does.
 */
export function createRotations({ now, invokeRotation, report }: RotationDeps) {
  const rotating = new Set<string>();

  const run = async (secret: RotatedSecret, { versionId, isDone }: Run): Promise<void> => {
    for (const Step of STEPS) {
      const event = { Step, SecretId: secret.arn, ClientRequestToken: versionId };
      try {
        await invokeRotation(secret.rotation?.functionArn ?? '', JSON.stringify(event));
      } catch (error) {
        report(`the rotation of ${secret.name} failed at ${Step}: ${String(error)}`);
        return;
      }
    }
    if (isDone() && secret.rotation) secret.rotation.lastRotatedEpochSeconds = now().getTime() / 1000;
  };

  return {
    /** @throws AwsError when there is no function to rotate with */
    configured: (present: Rotation | undefined, input: RotateSecretRequest): Rotation => {
      const functionArn = input.RotationLambdaARN ?? present?.functionArn;
      if (functionArn === undefined)
        throw new AwsError(
          'InvalidRequestException',
          'No Lambda rotation function ARN is associated with this secret.',
        );
      return { ...present, functionArn, rules: input.RotationRules ?? present?.rules };
    },
    /** Goes through the steps, unless it does so already. */
    start: (secret: RotatedSecret, wanted: Run): void => {
      if (rotating.has(secret.name)) return;
      rotating.add(secret.name);
      void run(secret, wanted).finally(() => rotating.delete(secret.name));
    },
  };
}

/** What `DescribeSecret` says of it. */
export const describedRotation = (rotation: Rotation | undefined) =>
  rotation && {
    RotationEnabled: true,
    RotationLambdaARN: rotation.functionArn,
    RotationRules: rotation.rules,
    LastRotatedDate: rotation.lastRotatedEpochSeconds,
  };
