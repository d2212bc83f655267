import type { CpuShare } from './cpu-share.ts';
import { startHost } from './function-host.ts';

/** A bundle with an event for each of its first times. */
export interface Starter {
  readonly name: string;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Made when it is sent: a delivery is only good for some seconds. Without one a start ends with init. */
  readonly event?: (index: number) => object;
}

export type EventOf = NonNullable<Starter['event']>;

/** Neighbours that make one sample together: what else the machine does meets one start and not the next. */
const STARTS_A_SAMPLE = 2;

/** How often each starter is started. The first time finds the files cold and does not count. */
export const startsFor = (samples: number): number => samples * STARTS_A_SAMPLE + 1;

/** @returns for each starter so many samples: milliseconds of a start, all starters in turn */
export async function inTurn(
  starters: readonly Starter[],
  samples: number,
  share: CpuShare | undefined,
): Promise<readonly (readonly number[])[]> {
  const millis: number[][] = starters.map(() => []);
  for (let round = 0; round < startsFor(samples); round += 1) {
    for (const [index, starter] of starters.entries())
      millis[index]?.push(await startOnce(starter, round, share));
  }
  return millis.map(([_cold, ...rest]) => meansOf(rest));
}

function meansOf(millis: readonly number[]): readonly number[] {
  const starts = millis.map((_first, index) => millis.slice(index, index + STARTS_A_SAMPLE));
  return starts
    .filter((_group, index) => index % STARTS_A_SAMPLE === 0)
    .map((group) => group.reduce((sum, one) => sum + one, 0) / group.length);
}

async function startOnce(
  { name, bundle, environment, event }: Starter,
  round: number,
  share: CpuShare | undefined,
): Promise<number> {
  const host = await startHost({ environment, ...(share && { share }) });
  try {
    const { importMillis } = await host.load(bundle);
    if (event === undefined) return importMillis;
    const { millis, payload } = await host.invoke(event(round));
    assertTaken(name, payload);
    return importMillis + millis;
  } finally {
    await host.stop();
  }
}

/** A function that refuses is quick, and proves nothing. */
function assertTaken(name: string, payload: string): void {
  const answer = JSON.parse(payload) as {
    readonly statusCode?: number;
    readonly batchItemFailures?: readonly unknown[];
  } | null;
  if ((answer?.statusCode ?? 200) === 200 && (answer?.batchItemFailures ?? []).length === 0) return;
  throw new Error(`${name} did not take its first event: ${payload.slice(0, 200)}`);
}
