import type { CommandContext } from './context.ts';
import type { LakeSelection } from './lake-selection.ts';
import { isEverything } from './lake-selection.ts';
import type { UnreadableFile } from './open-lake.ts';
import { counted, size, visible } from './readable.ts';
import type { LakeFile, LakeListing } from './s3-lake.ts';

/** From here on it takes a while. */
const MANY_FILES = 300;
const MANY_BYTES = 100_000_000;
const MAX_NAMED = 20;

/** Says why there is nothing: no lake yet, or nothing of the selection. */
export function whyEmpty(selection: LakeSelection, { sources }: LakeListing): string {
  if (sources.length === 0 && isEverything(selection))
    return 'the lake holds no files yet: outcomes land in it soon after they were sent (`npx aftercall send FILE`)';
  const { source } = selection;
  const known = `there are files of ${sources.map(visible).join(', ') || 'no source yet'}`;
  if (source !== undefined && !sources.includes(source))
    return `the lake holds no files of source ${visible(source)}: ${known}`;
  return `the lake holds no files of that time: ${known}`;
}

/** On standard error, as all notes: a query's answer stands alone on standard output. */
export function noteEmptiness(selection: LakeSelection, listing: LakeListing, context: CommandContext): void {
  context.writeErr(`${whyEmpty(selection, listing)}\n`);
}

export function noteLoading(files: readonly LakeFile[], { writeErr }: CommandContext): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (files.length > MANY_FILES || bytes > MANY_BYTES)
    writeErr(`reading ${counted(files.length, 'file')}, ${size(bytes)} …\n`);
}

export function noteUnreadable(unreadable: readonly UnreadableFile[], { writeErr }: CommandContext): void {
  if (unreadable.length === 0) return;
  const lines = unreadable.slice(0, MAX_NAMED).map(({ key, why }) => `  ${visible(key)}: ${visible(why)}`);
  const more = unreadable.length - lines.length;
  writeErr(
    [
      `left out, because unreadable: ${counted(unreadable.length, 'file')}`,
      ...lines,
      ...(more > 0 ? [`  and ${more} more: \`npx aftercall lake check\``] : []),
      '',
    ].join('\n'),
  );
}
