/** A link of a Markdown document: what it points at, and the heading there if it names one. */
export interface Link {
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Relative links only; code is left out, and so are addresses of other places. */
export function linksOf(markdown: string): readonly Link[] {
  const text = markdown.replace(/^( *)(```|~~~)[^]*?^\1\2/gm, '').replace(/`[^`\n]*`(?!\])/g, '');
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(
    ([, target = '']) => target,
  );
  const defined = [...text.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm)].map(([, target = '']) => target);
  return [...inline, ...defined]
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { path: decodeURIComponent(path), anchor };
    });
}

/** The anchors that GitHub makes of a document's headings. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.replace(/^( *)(```|~~~)[^]*?^\1\2/gm, '').matchAll(/^#{1,6} +(.+?) *#*$/gm);
  const seen = new Map<string, number>();
  const anchors = [...headings].map(([, heading = '']) => {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set(anchors);
}

/** A command that a document tells its reader to run, as words; what may be anything (`<file>`, `…`) ends it. */
export function commandsOf(markdown: string): readonly (readonly string[])[] {
  const found = markdown.matchAll(/(?:^|[\s`(])((?:npm|npx)\s+[^`\n#|]+)/g);
  return [...found].map(([, command = '']) => command.trim().split(/\s+/));
}

/** The rows of a document's tables, without their heads. */
export function tableRowsOf(markdown: string): readonly string[] {
  const lines = markdown.split('\n');
  const isRow = (line: string | undefined): boolean => line?.trimStart().startsWith('|') ?? false;
  const isRule = (line: string | undefined): boolean => /^\s*\|[\s:|-]+\|\s*$/.test(line ?? '');
  return lines.filter((line, index) => isRow(line) && !isRule(line) && !isRule(lines[index + 1]));
}
