/** The rule set's object as it was found. */
export type RulesObject =
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'object'; readonly etag: string; readonly text: string }
  /** There is none that we could read, and asking again at once would not change that. */
  | { readonly outcome: 'none'; readonly reason: string };

/** Where the compliance rule set lies, with its history. */
export interface RulesStore {
  /**
   * The object as it is now; `unchanged` while its ETag is the given one.
   *
   * @throws when the store cannot be asked
   */
  read(etag: string | undefined): Promise<RulesObject>;
  /** The texts it had before, the latest first, a bounded number of them. */
  earlierVersions(): AsyncIterable<string>;
}
