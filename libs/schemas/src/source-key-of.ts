/** The key of the source that an envelope came from; its `source` is `genesys/{key}`. */
export const sourceKeyOf = ({ source }: { readonly source: string }): string =>
  source.replace(/^genesys\//, '');
