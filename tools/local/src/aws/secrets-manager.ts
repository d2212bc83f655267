import type {
  CreateSecretRequest,
  DeleteSecretRequest,
  DescribeSecretRequest,
  GetSecretValueRequest,
  ListSecretsRequest,
  ListSecretVersionIdsRequest,
  PutSecretValueRequest,
  RotateSecretRequest,
  UpdateSecretVersionStageRequest,
} from '@aws-sdk/client-secrets-manager';
import { randomBytes, randomUUID } from 'node:crypto';
import { arn } from './identity.ts';
import { AwsError } from './json-target-server.ts';
import type { Actions } from './json-target-server.ts';
import { createRotations, describedRotation } from './secret-rotation.ts';
import type { Rotation, RotationDeps } from './secret-rotation.ts';

/** Binary values stay base64, as they travel. */
interface SecretText {
  readonly SecretString?: string;
  readonly SecretBinary?: string;
}

interface SecretVersion {
  readonly id: string;
  /** A rotation makes a version before anybody has given it a value. */
  value: SecretText | undefined;
  readonly createdEpochSeconds: number;
  readonly stages: Set<string>;
}

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly createdEpochSeconds: number;
  readonly versions: Map<string, SecretVersion>;
  changedEpochSeconds: number;
  rotation?: Rotation;
  deletedEpochSeconds?: number;
}

/** As it travels in JSON, a binary value is base64 text. */
type Wire<T> = Omit<T, 'SecretBinary'> & { readonly SecretBinary?: string };

/** Secrets Manager in memory: values in versions, versions under staging labels, as rotation needs them. */
export function secretsManagerActions(deps: RotationDeps & { readonly now: () => Date }): Actions {
  const secrets = new Map<string, Secret>();
  const rotations = createRotations(deps);
  const epochSeconds = (): number => deps.now().getTime() / 1000;

  const found = (id: string | undefined): Secret => {
    const secret = [...secrets.values()].find(
      ({ name, arn }) => id !== undefined && (id === name || id === arn || arn.slice(0, -7) === id),
    );
    if (!secret)
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  };
  const live = (id: string | undefined): Secret => {
    const secret = found(id);
    if (secret.deletedEpochSeconds === undefined) return secret;
    throw new AwsError(
      'InvalidRequestException',
      'You can’t perform this operation on the secret because it was marked for deletion.',
    );
  };

  return {
    CreateSecret: (input: Wire<CreateSecretRequest>) => {
      const name = input.Name;
      if (!name) throw new AwsError('InvalidParameterException', 'Name is required.');
      if (secrets.has(name)) {
        throw new AwsError(
          'ResourceExistsException',
          `The operation failed because the secret ${name} already exists.`,
        );
      }
      const secret: Secret = {
        arn: arn('secretsmanager', `secret:${name}-${randomBytes(3).toString('hex')}`),
        name,
        description: input.Description,
        createdEpochSeconds: epochSeconds(),
        changedEpochSeconds: epochSeconds(),
        versions: new Map(),
      };
      secrets.set(name, secret);
      const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
      const version = hasValue ? addVersion(secret, input, ['AWSCURRENT'], epochSeconds()) : undefined;
      return { ARN: secret.arn, Name: name, VersionId: version?.id };
    },
    PutSecretValue: (input: Wire<PutSecretValueRequest>) => {
      const secret = live(input.SecretId);
      const version = addVersion(secret, input, input.VersionStages ?? ['AWSCURRENT'], epochSeconds());
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        VersionStages: [...version.stages],
      };
    },
    GetSecretValue: (input: GetSecretValueRequest) => {
      const secret = live(input.SecretId);
      const version = versionOf(secret, input);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        VersionStages: [...version.stages],
        CreatedDate: version.createdEpochSeconds,
        ...version.value,
      };
    },
    UpdateSecretVersionStage: (input: UpdateSecretVersionStageRequest) => {
      const secret = live(input.SecretId);
      moveStage(secret, input);
      secret.changedEpochSeconds = epochSeconds();
      return { ARN: secret.arn, Name: secret.name };
    },
    RotateSecret: (input: RotateSecretRequest) => {
      const secret = live(input.SecretId);
      secret.rotation = rotations.configured(secret.rotation, input);
      const version =
        input.RotateImmediately === false
          ? undefined
          : pendingVersion(secret, input, rotations, epochSeconds());
      return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
    },
    ListSecretVersionIds: (input: ListSecretVersionIdsRequest) => {
      const secret = live(input.SecretId);
      const listed = [...secret.versions.values()].filter(
        ({ stages }) => input.IncludeDeprecated === true || stages.size > 0,
      );
      return {
        ARN: secret.arn,
        Name: secret.name,
        Versions: listed.map(({ id, stages, createdEpochSeconds }) => ({
          VersionId: id,
          VersionStages: [...stages],
          CreatedDate: createdEpochSeconds,
        })),
      };
    },
    DescribeSecret: (input: DescribeSecretRequest) => described(found(input.SecretId)),
    ListSecrets: (input: ListSecretsRequest) => {
      const wanted =
        input.Filters?.filter(({ Key }) => Key === 'name').flatMap(({ Values }) => Values ?? []) ?? [];
      const matches = (name: string): boolean =>
        wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix));
      const listed = [...secrets.values()].filter(
        (s) => s.deletedEpochSeconds === undefined && matches(s.name),
      );
      return {
        SecretList: listed.map((secret) => ({
          ...described(secret),
          SecretVersionsToStages: described(secret).VersionIdsToStages,
        })),
      };
    },
    DeleteSecret: (input: DeleteSecretRequest) => {
      const secret = found(input.SecretId);
      secret.deletedEpochSeconds = epochSeconds();
      if (input.ForceDeleteWithoutRecovery) secrets.delete(secret.name);
      return { ARN: secret.arn, Name: secret.name, DeletionDate: secret.deletedEpochSeconds };
    },
  };
}

function addVersion(
  secret: Secret,
  input: {
    ClientRequestToken?: string | undefined;
    SecretString?: string | undefined;
    SecretBinary?: string | undefined;
  },
  stages: readonly string[],
  createdEpochSeconds: number,
): SecretVersion {
  const value = {
    ...(input.SecretString !== undefined && { SecretString: input.SecretString }),
    ...(input.SecretBinary !== undefined && { SecretBinary: input.SecretBinary }),
  };
  if (Object.keys(value).length !== 1) {
    throw new AwsError('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
  }
  const id = input.ClientRequestToken ?? randomUUID();
  const present = secret.versions.get(id);
  if (present?.value) {
    // A repeated request with the same token is answered as the first one was.
    if (JSON.stringify(present.value) === JSON.stringify(value)) return present;
    throw new AwsError(
      'ResourceExistsException',
      'A version with this ClientRequestToken holds another value.',
    );
  }
  const version: SecretVersion = present ?? { id, value, createdEpochSeconds, stages: new Set() };
  version.value = value;
  secret.versions.set(id, version);
  secret.changedEpochSeconds = createdEpochSeconds;
  for (const stage of stages) attach(secret, stage, version);
  // The first version of a secret is its current one, whatever it was labelled with.
  if (secret.versions.size === 1) version.stages.add('AWSCURRENT');
  return version;
}

/**
 * The empty version that a rotation is to fill, with the rotation under way.
 *
 * @throws AwsError when one before it has not ended, which is tried again
 */
function pendingVersion(
  secret: Secret,
  { ClientRequestToken: id = randomUUID() }: RotateSecretRequest,
  rotations: ReturnType<typeof createRotations>,
  createdEpochSeconds: number,
): SecretVersion {
  const isCurrent = (version: SecretVersion): boolean => version.stages.has('AWSCURRENT');
  const rotate = (version: SecretVersion): void =>
    rotations.start(secret, { versionId: version.id, isDone: () => isCurrent(version) });
  const unfinished = holderOf(secret, 'AWSPENDING');
  if (unfinished && !isCurrent(unfinished)) {
    rotate(unfinished);
    throw new AwsError(
      'InvalidRequestException',
      'A previous rotation isn’t complete. That rotation will be reattempted.',
    );
  }
  const version: SecretVersion = { id, value: undefined, createdEpochSeconds, stages: new Set() };
  secret.versions.set(id, version);
  attach(secret, 'AWSPENDING', version);
  rotate(version);
  return version;
}

/** A label is on one version at a time; what loses AWSCURRENT becomes AWSPREVIOUS. */
function attach(secret: Secret, stage: string, version: SecretVersion): void {
  const holder = holderOf(secret, stage);
  if (holder === version) return;
  holder?.stages.delete(stage);
  version.stages.add(stage);
  if (stage !== 'AWSCURRENT' || !holder) return;
  version.stages.delete('AWSPREVIOUS');
  attach(secret, 'AWSPREVIOUS', holder);
}

function holderOf(secret: Secret, stage: string): SecretVersion | undefined {
  return [...secret.versions.values()].find(({ stages }) => stages.has(stage));
}

function versionOf(secret: Secret, input: GetSecretValueRequest): SecretVersion {
  const stage = input.VersionStage ?? 'AWSCURRENT';
  const byId = input.VersionId === undefined ? undefined : secret.versions.get(input.VersionId);
  const version = input.VersionId === undefined ? holderOf(secret, stage) : byId;
  const wanted = input.VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${input.VersionId}`;
  if (!version?.value) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${wanted}`,
    );
  }
  if (
    input.VersionId !== undefined &&
    input.VersionStage !== undefined &&
    !version.stages.has(input.VersionStage)
  ) {
    throw new AwsError(
      'InvalidRequestException',
      'VersionId and VersionStage do not refer to the same version.',
    );
  }
  return version;
}

function moveStage(secret: Secret, input: UpdateSecretVersionStageRequest): void {
  const stage = input.VersionStage ?? '';
  if (!stage) throw new AwsError('InvalidParameterException', 'VersionStage is required.');
  const holder = holderOf(secret, stage);
  const target = input.MoveToVersionId === undefined ? undefined : secret.versions.get(input.MoveToVersionId);
  if (input.MoveToVersionId !== undefined && !target) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the version ${input.MoveToVersionId}`,
    );
  }
  if (holder && holder !== target && input.RemoveFromVersionId !== holder.id) {
    throw new AwsError(
      'InvalidParameterException',
      `The staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (target) return attach(secret, stage, target);
  if (stage === 'AWSCURRENT')
    throw new AwsError('InvalidParameterException', 'AWSCURRENT can be moved, not removed.');
  holder?.stages.delete(stage);
}

function described(secret: Secret) {
  const labelled = [...secret.versions.values()].filter(({ stages }) => stages.size > 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    CreatedDate: secret.createdEpochSeconds,
    LastChangedDate: secret.changedEpochSeconds,
    DeletedDate: secret.deletedEpochSeconds,
    ...describedRotation(secret.rotation),
    VersionIdsToStages: Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]])),
  };
}
