/** A JSON path that EventBridge would refuse, or of a kind that the local one does not know. */
export class JsonPathError extends Error {
  override name = 'JsonPathError';
}

const STEP = /\.([\w-]+)|\[(\d+)\]|\['([^']*)'\]/y;

/**
 * What a path such as `$.detail.id` stands for in an event; `undefined` where it leads nowhere.
 *
 * @throws JsonPathError for anything but names and indexes, each spelt out
 */
export function compileJsonPath(path: string): (event: unknown) => unknown {
  const steps = stepsOf(path);
  return (event) => steps.reduce<unknown>(own, event);
}

function stepsOf(path: string): readonly string[] {
  const steps: string[] = [];
  let at = 1;
  while (at < path.length) {
    STEP.lastIndex = at;
    const [text, ...names] = STEP.exec(path) ?? [];
    if (text === undefined) break;
    steps.push(names.find((name) => name !== undefined) ?? '');
    at += text.length;
  }
  if (!path.startsWith('$') || at < path.length)
    throw new JsonPathError(`${path} is not a JSON path of names and indexes such as $.detail.id`);
  return steps;
}

function own(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[step];
}
