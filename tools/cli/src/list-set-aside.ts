import type { SetAsideEntry, SetAsideKind } from '@aftercall/set-aside';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { deadLetters } from './dead-letters.ts';
import type { DeadLetter } from './dead-letters.ts';
import { openSetAside } from './open-set-aside.ts';
import { parseTime } from './parse-time.ts';
import { SET_ASIDE_KINDS } from './set-aside-kinds.ts';
import { counted, short, shortTime, table } from './readable.ts';

export interface ListSetAsideOptions {
  /** Default: all. */
  readonly kind?: SetAsideKind;
  readonly reason?: string;
  readonly conversation?: string;
  /** A time, or how long ago: `2h`, `3d`. */
  readonly since?: string;
}

/** One thing that could not go on, wherever it lies. */
interface Listed {
  readonly kind: SetAsideKind;
  /** `queue`: still a dead letter in its queue, not collected yet. */
  readonly where: 'set-aside' | 'queue';
  readonly id: string;
  readonly reason: string;
  readonly receivedTime: string;
  readonly state: string;
  readonly source?: string;
  readonly eventId?: string;
  readonly conversationId?: string;
  readonly queue?: string;
  readonly detail?: string;
}

/** Lists what was set aside, newest first, and what still lies in the dead-letter queues. Changes nothing. */
export async function listSetAside(options: ListSetAsideOptions, context: CommandContext): Promise<ExitCode> {
  const since = options.since === undefined ? undefined : parseTime('--since', options.since, context.now());
  const access = await context.connect();
  try {
    const store = openSetAside(access, context.now);
    const { kind, reason, conversation } = options;
    const kinds = kind === undefined ? SET_ASIDE_KINDS : [kind];
    const filter = {
      ...(reason !== undefined && { reason }),
      ...(conversation !== undefined && { conversationId: conversation }),
      ...(since !== undefined && { since }),
    };
    // Queues first: what is collected meanwhile is then seen twice, and not never.
    const dead = kinds.includes('dead')
      ? await deadLetters(access, context.fetch)
      : { letters: [], unseen: 0 };
    const kept = (await Promise.all(kinds.map((one) => store.list({ kind: one, ...filter })))).flat();
    const keptIds = new Set(kept.map(({ id }) => id));
    const listed = [
      ...dead.letters
        .filter(({ id }) => !keptIds.has(id))
        .map(listedLetter)
        .filter(matching(filter)),
      ...kept.map(listedEntry),
    ];
    const items = listed.sort((left, right) => right.receivedTime.localeCompare(left.receivedTime));
    say(context, { items, unseen: dead.unseen }, () => readable(items, dead.unseen, context));
    return 0;
  } finally {
    access.close();
  }
}

type Filter = { readonly reason?: string; readonly conversationId?: string; readonly since?: Date };

function matching({ reason, conversationId, since }: Filter) {
  return (one: Listed): boolean =>
    (reason === undefined || one.reason === reason) &&
    (conversationId === undefined || one.conversationId === conversationId) &&
    (since === undefined || new Date(one.receivedTime) >= since);
}

function listedLetter(letter: DeadLetter): Listed {
  const { queue, id, reason, detail, failedAt = '', source, eventId, conversationId } = letter;
  return {
    kind: 'dead',
    where: 'queue',
    id,
    reason,
    receivedTime: failedAt,
    state: 'in its queue',
    queue,
    ...(detail !== undefined && { detail }),
    ...(source !== undefined && { source: source.replace(/^genesys\//, '') }),
    ...(eventId !== undefined && { eventId }),
    ...(conversationId !== undefined && { conversationId }),
  };
}

function listedEntry({ sk: _sk, key: _key, expiresAt: _expiresAt, ...entry }: SetAsideEntry): Listed {
  return { ...entry, where: 'set-aside' };
}

const COLUMNS = [
  { title: 'kind', maxCharacters: 10 },
  { title: 'since', maxCharacters: 20 },
  { title: 'reason', maxCharacters: 17 },
  { title: 'source', maxCharacters: 10 },
  { title: 'state', maxCharacters: 12 },
  { title: 'id', maxCharacters: 16 },
];

function readable(items: readonly Listed[], unseen: number, { colors }: CommandContext): string {
  const notes = [
    ...(unseen > 0
      ? [`${counted(unseen, 'more dead letter')} behind these in their queues cannot be shown`]
      : []),
  ];
  if (items.length === 0) return ['nothing is set aside', ...notes].join('\n');
  const rows = items.map(({ kind, receivedTime, reason, source, state, id }) => [
    kind,
    shortTime(receivedTime),
    reason,
    source,
    state,
    short(id),
  ]);
  return [
    table(COLUMNS, rows, colors),
    ...notes,
    colors.dim('more: npx aftercall set-aside show ID (the start of an id is enough)'),
  ].join('\n');
}
