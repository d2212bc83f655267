import type { Benchmark } from './benchmark.ts';
import type { Row, Target } from './row.ts';
import { runTranscripts } from './run-transcripts.ts';

const benchmark = 'transcripts';
const MEGABYTE = 1024 * 1024;
const RUN = { transcripts: 1_000, transcriptBytes: 500_000, warmUp: 200, largeBytes: 200_000_000 };
/** By which it goes up and down from batch to batch; a leak of 2 % of what goes through would be as much. */
const MAX_GROWN_MEGABYTES = 8;
/** V8 may enlarge its young generation at any time, up to three times 32 MB, and there it ends. */
const MAX_GROWN_RSS_MEGABYTES = 96;
const MAX_LARGE_GROWN_MEGABYTES = 64;

/** The transcript fetcher's bundle between the simulator and an S3 on this machine: what is lost, and its memory. */
export const transcripts: Benchmark = {
  name: benchmark,
  run: async () => {
    const result = await runTranscripts(RUN);
    const row = (measure: string, unit: string, value: number, target?: Target): Row => ({
      ...{ benchmark, measure, unit, value },
      ...(target && { target }),
    });
    const count = RUN.transcripts.toLocaleString('en');
    const span = `from the ${RUN.warmUp}th to the ${count}th`;
    return {
      rows: [
        row(`of ${count} transcripts of 500 KB: lost`, '', result.lost, { atMost: 0 }),
        row('transcripts per second, ten at a time', '/s', result.perSecond),
        row(`memory in use: grown ${span}`, 'MB', result.grownBytes / MEGABYTE, {
          atMost: MAX_GROWN_MEGABYTES,
        }),
        row(`memory of the process: grown ${span}`, 'MB', result.grownRssBytes / MEGABYTE, {
          atMost: MAX_GROWN_RSS_MEGABYTES,
        }),
        row('· in the end', 'MB', result.rssBytes / MEGABYTE),
        row('one transcript of 200 MB', 'ms', result.largeMillis),
        row('· memory that it adds, the most of all samples', 'MB', result.largeGrownBytes / MEGABYTE, {
          atMost: MAX_LARGE_GROWN_MEGABYTES,
        }),
        row('· still to be read when its first part is in S3', '%', 100 * result.unreadAtFirstPart, {
          atLeast: 1,
        }),
      ],
    };
  },
};
