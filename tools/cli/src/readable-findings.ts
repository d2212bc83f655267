import type { Colors } from 'picocolors/types.js';
import type { Finding, Verdict } from './finding.ts';
import { counted, wrapped } from './readable.ts';

const MARKS: Readonly<Record<Verdict, string>> = { ok: 'ok', warn: 'warn', fail: 'fail', 'not-probed': '-' };
const MARK_CHARACTERS = 4;

/** One line for each check, what to do below it, and the sum. */
export function readableFindings(findings: readonly Finding[], colors: Colors): string {
  const paint: Readonly<Record<Verdict, (text: string) => string>> = {
    ok: colors.green,
    warn: colors.yellow,
    fail: colors.red,
    'not-probed': colors.dim,
  };
  const lines = findings.flatMap(({ verdict, area, subject, detail, next }) => {
    const mark = MARKS[verdict].padEnd(MARK_CHARACTERS);
    const said = verdict === 'not-probed' ? `not probed, ${detail}` : detail;
    // Coloured last: a line is broken where people see it end.
    const line = wrapped(`${mark}  `, `${area} ${subject}: ${said}`).replace(mark, () =>
      paint[verdict](mark),
    );
    return next === undefined ? [line] : [line, wrapped(`${' '.repeat(MARK_CHARACTERS)}  → `, next)];
  });
  return [...lines, '', sum(findings)].join('\n');
}

function sum(findings: readonly Finding[]): string {
  const count = (verdict: Verdict): number => findings.filter((one) => one.verdict === verdict).length;
  const notProbed = count('not-probed');
  return [
    `${count('ok')} ok`,
    counted(count('warn'), 'warning'),
    `${count('fail')} failed`,
    ...(notProbed > 0 ? [`${notProbed} not probed`] : []),
  ].join(', ');
}
