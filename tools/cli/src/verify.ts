import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis, SecretedSource } from './diagnose.ts';
import { counted, visible, wrapped } from './readable.ts';
import { readHeaders } from './read-headers.ts';
import { readInputFile } from './read-input-file.ts';
import { sourceOf } from './source-of.ts';
import type { StageAccess, StageSource } from './stage-access.ts';

export interface VerifyOptions {
  readonly source: string;
  /** A file, or `-` for standard input. */
  readonly headers: string;
  readonly body: string;
}

/** Answers "my signature fails". Prints neither a secret nor the signature that would have been right. */
export async function verify(options: VerifyOptions, context: CommandContext): Promise<ExitCode> {
  const [headersText, body] = await Promise.all([
    options.headers === '-' ? context.readStdin() : readText(options.headers, context.cwd),
    readInputFile(options.body, context.cwd),
  ]);
  const headers = readHeaders(headersText);
  const access = await context.connect();
  try {
    const source = sourceOf(access, options.source);
    const others = access.sources.filter((one) => one !== source);
    const diagnosis = diagnose({
      headers,
      body,
      claimed: await withSecrets(source, access),
      others: await Promise.all(others.map((other) => withSecrets(other, access))),
      now: context.now(),
    });
    say(context, diagnosis, () => readable(diagnosis, context));
    return diagnosis.outcome === 'verified' ? 0 : 1;
  } finally {
    access.close();
  }
}

async function readText(file: string, cwd: string): Promise<string> {
  return new TextDecoder().decode(await readInputFile(file, cwd));
}

async function withSecrets(source: StageSource, { signingSecrets }: StageAccess): Promise<SecretedSource> {
  return { source, secrets: await signingSecrets(source.key) };
}

function readable(diagnosis: Diagnosis, { colors }: CommandContext): string {
  const { outcome, code, source, bodyBytes, findings, mistakes } = diagnosis;
  const verdict =
    outcome === 'verified'
      ? colors.green(`verified: source ${source} accepts this delivery`)
      : colors.red(`refused (${code}): source ${source} answers 401 to this delivery`);
  return [
    verdict,
    wrapped('  expected  ', expectedText(diagnosis.expected)),
    ...foundLines(diagnosis.found),
    `  body      ${counted(bodyBytes, 'byte')}`,
    ...findings.map((text) => wrapped('  note      ', text)),
    ...mistakes.map(({ text }) => colors.yellow(wrapped('  cause     ', text))),
  ].join('\n');
}

function expectedText({ scheme, headers, encoding, prefix, signed }: Diagnosis['expected']): string {
  const joint = scheme === 'standard-webhooks' ? ', ' : ' or ';
  const form =
    encoding === undefined ? '' : `: ${prefix === '' ? '' : `"${prefix}" and `}${encoding} ${signed}`;
  return `${scheme}, ${headers.join(joint)}${form}`;
}

function foundLines(found: Diagnosis['found']): readonly string[] {
  if (found.length === 0) return ['  found     no header that looks like a signature'];
  return found.map(({ header, form }) => `  found     ${visible(header)}: ${visible(form)}`);
}
