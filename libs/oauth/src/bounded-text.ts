/** `too-large`: the rest was not read and the connection is closed. */
export type BoundedText =
  | { readonly outcome: 'read'; readonly text: string }
  | { readonly outcome: 'too-large' };

/**
 * Reads an answer as text, decompressed bytes counted, so that neither a wrong length nor a gzip bomb fills the memory.
 * Rejects when the connection breaks.
 */
export async function boundedText(response: Response, maxBytes: number): Promise<BoundedText> {
  const { body } = response;
  if (body === null) return { outcome: 'read', text: '' };
  if (Number(response.headers.get('content-length')) > maxBytes) {
    await body.cancel();
    return { outcome: 'too-large' };
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (bytes > maxBytes) return { outcome: 'too-large' };
    chunks.push(chunk);
  }
  return { outcome: 'read', text: Buffer.concat(chunks).toString('utf8') };
}
