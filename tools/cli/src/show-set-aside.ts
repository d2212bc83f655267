import { SetAsideNotFoundError } from '@aftercall/set-aside';
import type { SetAside, SetAsideContent, SetAsideKind } from '@aftercall/set-aside';
import { failure, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { deadLetters } from './dead-letters.ts';
import type { DeadLetter } from './dead-letters.ts';
import { openSetAside } from './open-set-aside.ts';
import { SET_ASIDE_KINDS } from './set-aside-kinds.ts';
import { visible, visibleLines } from './readable.ts';
import type { StageAccess } from './stage-access.ts';
import { wholeId } from './whole-id.ts';

export interface ShowSetAsideOptions {
  readonly kind?: SetAsideKind;
}

/** Everything known of one thing, and what it holds. */
interface Shown {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: unknown;
}

/**
 * Shows one thing that was set aside: where it came from, why, and its content.
 *
 * @throws CliError with exit code 1 when there is none of that id
 */
export async function showSetAside(
  id: string,
  options: ShowSetAsideOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const access = await context.connect();
  try {
    const store = openSetAside(access, context.now);
    const kinds = options.kind === undefined ? SET_ASIDE_KINDS : [options.kind];
    const shown = (await fromStore(store, kinds, id)) ?? (await fromQueues(access, kinds, id, context));
    if (shown === undefined) {
      throw failure(
        `nothing is set aside under ${id}${options.kind === undefined ? '' : ` as ${options.kind}`}`,
        'see `npx aftercall set-aside list`',
      );
    }
    say(context, shown, () => readable(shown, context));
    return 0;
  } finally {
    access.close();
  }
}

async function fromStore(
  store: SetAside,
  kinds: readonly SetAsideKind[],
  id: string,
): Promise<Shown | undefined> {
  for (const kind of kinds) {
    const name = await wholeId(store, kind, id);
    const content = await getOrUndefined(store, kind, name);
    if (content !== undefined) return shownContent(content);
  }
  return undefined;
}

async function getOrUndefined(
  store: SetAside,
  kind: SetAsideKind,
  id: string,
): Promise<SetAsideContent | undefined> {
  try {
    return await store.get(kind, id);
  } catch (error) {
    if (error instanceof SetAsideNotFoundError && !error.message.includes('is gone')) return undefined;
    throw error instanceof SetAsideNotFoundError ? failure(error.message) : error;
  }
}

function shownContent({ body, seal, metadata: _metadata, ...entry }: SetAsideContent): Shown {
  return {
    metadata: { ...entry, sealedWith: seal.split(':')[1] ?? 'no key', bytes: body.byteLength },
    content: readContent(Buffer.from(body)),
  };
}

async function fromQueues(
  access: StageAccess,
  kinds: readonly SetAsideKind[],
  id: string,
  { fetch }: CommandContext,
): Promise<Shown | undefined> {
  if (!kinds.includes('dead')) return undefined;
  const { letters } = await deadLetters(access, fetch);
  const matches = letters.filter((letter) => letter.id.startsWith(id));
  if (matches.length > 1) throw usage(`${id} is the start of ${matches.length} ids`, 'give more of it');
  return matches[0] && shownLetter(matches[0]);
}

function shownLetter({ body, ...letter }: DeadLetter): Shown {
  return {
    metadata: {
      kind: 'dead',
      state: 'in its dead-letter queue, not collected yet',
      ...letter,
    },
    content: readContent(Buffer.from(body)),
  };
}

/** JSON as JSON; a whole delivery in it, which is kept as base64 of its exact bytes, is shown as what it holds. */
function readContent(bytes: Buffer): unknown {
  const value = parsed(bytes);
  if (typeof value !== 'object' || value === null) return value;
  const { body, deliveryid } = value as { readonly body?: unknown; readonly deliveryid?: unknown };
  if (typeof body !== 'string' || typeof deliveryid !== 'string') return value;
  return { ...value, body: parsed(Buffer.from(body, 'base64')) };
}

function parsed(bytes: Buffer): unknown {
  const text = bytes.toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function readable({ metadata, content }: Shown, { colors }: CommandContext): string {
  const lines = Object.entries(metadata).map(
    ([name, value]) => `${colors.dim(name.padEnd(14))} ${visible(String(value))}`,
  );
  const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
  return [...lines, '', visibleLines(text)].join('\n');
}
