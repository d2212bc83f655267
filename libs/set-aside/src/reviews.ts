// Apart from the index, because whatever loads that on demand would bring this along.
export { dynamodbReviewStore } from './dynamodb-review-store.ts';
export { memoryReviewStore } from './memory-review-store.ts';
export type { Review, ReviewState, ReviewStore } from './review-store.ts';
