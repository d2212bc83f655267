import { parentPort, workerData } from 'node:worker_threads';
import { createSchedules, type ScheduleResult } from './random-schedules.ts';
import { buildSuite } from './suite.ts';

/** Seeds from `first` on, every `step`th, as many as `count`. */
export interface ScheduleShare {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** What a thread tells of one schedule. */
export type ScheduleMessage = Pick<ScheduleResult, 'seed' | 'faults' | 'befell'>;

const { first, step, count } = workerData as ScheduleShare;
const schedules = createSchedules(await buildSuite());
const send = (result: ScheduleMessage) => parentPort?.postMessage(result);
for (let n = 0; n < count; n += 1) send(await schedules.run(first + n * step));
