import type { Review, ReviewStore } from './review-store.ts';

/** Reviews for tests, held to the same contract suite as DynamoDB's. */
export function memoryReviewStore(): ReviewStore {
  const reviews = new Map<string, Review>();
  return {
    async putIfAbsent(review) {
      if (!reviews.has(review.id)) reviews.set(review.id, review);
    },
    get: async (id) => reviews.get(id),
    list: async () =>
      [...reviews.values()].toSorted((one, other) => other.requestedAt.localeCompare(one.requestedAt, 'en')),
    async change(id, changes) {
      const review = reviews.get(id);
      if (review === undefined) return false;
      reviews.set(id, { ...review, ...changes });
      return true;
    },
  };
}
