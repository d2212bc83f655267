import {
  createSetAside,
  dynamodbIndexStore,
  s3ObjectStore,
  SET_ASIDE_RETENTION_SECONDS,
} from '@aftercall/set-aside';
import type { SetAside } from '@aftercall/set-aside';
import type { StageAccess } from './stage-access.ts';

/** The stage's set-aside store, through the clients that are open already. */
export function openSetAside({ clients, resources }: StageAccess, now: () => Date): SetAside {
  return createSetAside({
    objects: s3ObjectStore(clients.s3, resources.setAsideBucket),
    index: dynamodbIndexStore(clients.documents, resources.setAsideTable),
    now,
    retentionSeconds: SET_ASIDE_RETENTION_SECONDS,
  });
}
