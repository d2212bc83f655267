import type { SetAsideTaskSelection } from '@aftercall/schemas';
import type { SetAsideKind } from '@aftercall/set-aside';
import { failure, usage } from './cli-error.ts';
import type { CommandContext } from './context.ts';
import { openSetAside } from './open-set-aside.ts';
import { parseTime } from './parse-time.ts';
import { SET_ASIDE_KINDS } from './set-aside-kinds.ts';
import type { StageAccess } from './stage-access.ts';
import { wholeId } from './whole-id.ts';

/** Which entries a command is about. */
export interface SelectOptions {
  readonly kind?: SetAsideKind;
  readonly reason?: string;
  readonly conversation?: string;
  /** A time, or how long ago: `2h`, `3d`. */
  readonly since?: string;
  readonly until?: string;
}

/**
 * The selection that was given, with whole ids.
 *
 * @throws CliError with exit code 2 when nothing is selected, 1 when nothing has that id
 */
export async function selectSetAside(
  ids: readonly string[],
  options: SelectOptions,
  access: StageAccess,
  context: CommandContext,
): Promise<SetAsideTaskSelection> {
  const { kind, reason, conversation, since, until } = options;
  if (ids.length === 0 && [kind, reason, conversation, since].every((one) => one === undefined))
    throw usage('nothing is selected', 'give an ID, or --kind, --reason, --conversation or --since');
  const time = (name: string, text: string | undefined) =>
    text === undefined ? {} : { [name]: parseTime(`--${name}`, text, context.now()).toISOString() };
  return {
    kinds: kind !== undefined ? [kind] : ids.length > 0 ? [...SET_ASIDE_KINDS] : ['dead'],
    ...(ids.length > 0 && { ids: await wholeIds(ids, kind, access, context) }),
    ...(reason !== undefined && { reason }),
    ...(conversation !== undefined && { conversationId: conversation }),
    ...time('since', since),
    ...time('until', until),
  };
}

async function wholeIds(
  ids: readonly string[],
  kind: SetAsideKind | undefined,
  access: StageAccess,
  { now }: CommandContext,
): Promise<string[]> {
  const store = openSetAside(access, now);
  const kinds = kind === undefined ? SET_ASIDE_KINDS : [kind];
  const found: string[] = [];
  for (const id of ids) {
    const whole = await Promise.all(
      kinds.map(async (one) => {
        const name = await wholeId(store, one, id);
        return (await store.list({ kind: one, id: name, limit: 1 })).map((entry) => entry.id);
      }),
    );
    const [only] = whole.flat();
    if (only === undefined)
      throw failure(`nothing is set aside under ${id}`, 'see `npx aftercall set-aside list`');
    found.push(only);
  }
  return found;
}
