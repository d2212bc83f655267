export { createSetAside, SET_ASIDE_RETENTION_SECONDS } from './set-aside.ts';
export type {
  SetAside,
  SetAsideContent,
  SetAsideDeps,
  SetAsideFilter,
  SetAsideItem,
  SetAsideReceipt,
  SetAsideSelection,
} from './set-aside.ts';
export { letterId } from './letter-id.ts';
export { SetAsideContendedError, SetAsideFullError, SetAsideNotFoundError } from './errors.ts';
export type { ObjectHead, ObjectStore, StoredObject } from './object-store.ts';
export type { Decision, TakeRequest, TakeResult, WayBack } from './way-back.ts';
export type {
  Charge,
  EntryProgress,
  EntryQuery,
  IndexStore,
  Reservation,
  SetAsideEntry,
  SetAsideKind,
  SetAsideState,
} from './index-store.ts';
export { memoryObjectStore } from './memory-object-store.ts';
export type { MemoryObjectStore } from './memory-object-store.ts';
export { memoryIndexStore } from './memory-index-store.ts';
export type { MemoryIndexStore } from './memory-index-store.ts';
export { s3ObjectStore } from './s3-object-store.ts';
export { dynamodbIndexStore } from './dynamodb-index-store.ts';
export { s3SetAside } from './s3-set-aside.ts';
