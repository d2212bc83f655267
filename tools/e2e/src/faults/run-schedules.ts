import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ScheduleMessage, ScheduleShare } from './schedule-worker.ts';

/** What a number of schedules came to. */
export interface SchedulesResult {
  readonly run: number;
  /** Faults of single calls and bad spells of services, in all of them together. */
  readonly befell: number;
  readonly failed: readonly ScheduleMessage[];
}

/** Below that a second thread takes longer to start than it saves. */
const WORTH_A_THREAD = 50;

/** Runs the schedules of the seeds from `seed` on, on as many threads as there are cores. */
export async function runSchedules(
  seed: number,
  count: number,
  onRun: (run: number) => void = () => undefined,
): Promise<SchedulesResult> {
  const threads = Math.max(1, Math.min(availableParallelism(), Math.floor(count / WORTH_A_THREAD)));
  const failed: ScheduleMessage[] = [];
  let [run, befell] = [0, 0];
  const take = (message: ScheduleMessage) => {
    run += 1;
    befell += message.befell.length;
    if (message.faults.length > 0) failed.push(message);
    onRun(run);
  };
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const share = Math.floor((count - thread + threads - 1) / threads);
      return inThread({ first: seed + thread, step: threads, count: share }, take);
    }),
  );
  return { run, befell, failed };
}

function inThread(workerData: ScheduleShare, take: (message: ScheduleMessage) => void): Promise<void> {
  const worker = new Worker(new URL('schedule-worker.ts', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.on('message', take);
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a thread ended with ${code}`))));
  });
}
