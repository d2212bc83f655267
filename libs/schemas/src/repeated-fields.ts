/** Strings, and the braces that open and close an object; a field's name is a string with a colon after it. */
const TOKENS = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;

/**
 * The names that stand twice or more in one object of a JSON text that has been found well-formed. Of two fields with
 * one name the parser keeps the last, and what the first one said is gone without a word.
 */
export function repeatedFields(json: string): readonly string[] {
  const open: Set<string>[] = [];
  const repeated = new Set<string>();
  for (const [token, colon] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name = nameIn(token.slice(0, -colon.length));
      if (open.at(-1)?.has(name)) repeated.add(name);
      open.at(-1)?.add(name);
    }
  }
  return [...repeated];
}

/** The same name may be spelled with escapes or without. */
const nameIn = (quoted: string): string => String(JSON.parse(quoted));
