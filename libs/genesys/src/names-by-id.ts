import { answerFields } from './answer-fields.ts';
import type { PlatformAnswer } from './judged-answer.ts';

/**
 * Names of categories or topics, asked for so many ids at a time.
 *
 * @throws GenesysAnswerError, and whatever `list` throws
 */
export async function namesById(
  ids: readonly string[],
  atOnce: number,
  list: (query: Readonly<Record<string, string>>) => Promise<PlatformAnswer>,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const left = [...new Set(ids)];
  while (left.length > 0) {
    const some = left.splice(0, atOnce);
    const query = { ids: some.join(','), pageSize: String(atOnce) };
    for (const entity of answerFields(await list(query)).list('entities')) {
      const [id, name] = [entity.text('id'), entity.text('name')];
      if (id !== undefined && name !== undefined) names.set(id, name);
    }
  }
  return names;
}
