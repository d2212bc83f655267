import { seededRandom } from '@aftercall/genesys-simulator';
import type { DescribedStage } from '@aftercall/local';
import type { Ended } from './container.ts';
import { startEventSource } from './event-source.ts';
import type { LoadCode } from './function-code.ts';
import {
  type FaultKind,
  type OutgoingCall,
  outgoingCalls,
  type Service,
  type Weather,
} from './outgoing-calls.ts';
import { ServiceError } from './service-error.ts';
import { virtualBus, type VirtualBus } from './virtual-bus.ts';
import type { VirtualDynamodb } from './virtual-dynamodb.ts';
import { type Answer, type FrontAnswer, virtualFront } from './virtual-front.ts';
import { virtualFunctions } from './virtual-functions.ts';
import { type VirtualQueue, virtualQueue } from './virtual-queue.ts';
import type { VirtualS3 } from './virtual-s3.ts';
import { virtualServices } from './virtual-services.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

/** What a stage is played from. */
export interface StageParts {
  readonly described: DescribedStage;
  /** By app. */
  readonly code: ReadonlyMap<string, LoadCode>;
}

/** What happens to it. Everything that is left to chance follows from the seed. */
export interface StageOptions {
  readonly seed: number;
  readonly faultOf?: (call: OutgoingCall) => FaultKind | undefined;
  /** At a time, in epoch milliseconds. */
  readonly weatherOf?: (service: Service, millis: number) => Weather;
  /** `steady`: every call takes equally long, and nothing comes twice by itself. Default: as chance has it. */
  readonly habits?: 'steady' | 'by-chance';
  /** For so long, from the start, the conversations' table takes nothing, for a reason that is the event's own. */
  readonly refusedSeconds?: number;
  /** Messages that one receive brings. Default: as many as there are, or as chance has it. */
  readonly receiveAtMost?: number;
}

/** The whole of Aftercall in virtual time: real functions, and around them AWS and Genesys Cloud in memory. */
export interface VirtualStage {
  readonly time: VirtualTime;
  readonly bus: VirtualBus;
  readonly dynamodb: VirtualDynamodb;
  readonly s3: VirtualS3;
  /** By name. */
  readonly queues: ReadonlyMap<string, VirtualQueue>;
  /** Every call of a function so far, in order. */
  readonly calls: readonly OutgoingCall[];
  /** Every line that functions wrote. */
  readonly lines: readonly string[];
  readonly answers: readonly FrontAnswer[];
  /** One call of a function by an operator. */
  invoke(app: string, event: unknown): Promise<Ended>;
  /** One request at the front, which always answers. */
  request(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<Answer>;
  /** Whether everything that was begun is finished, but for what is in dead-letter and QA queues. */
  isQuiet(): boolean;
  /** Whether a message keeps coming: what has not done it by then never will. */
  isStuck(): boolean;
  /** Messages that some function has yet to handle. */
  waiting(): number;
  /** When the oldest of them was sent; infinity when there is none. */
  oldestWaitingMillis(): number;
}

/** The instant at which every stage begins. */
export const START = Date.parse('2026-11-20T14:00:00.000Z');

/** Names of the stage's resources begin so. */
export const NAME_PREFIX = 'aftercall-local-';

/** Half an hour's outage takes some fifty. */
const MOST_RECEIVES = 250;
const STEADY_LATENCY_MILLIS = 8;
const LATENCY_MILLIS = { least: 2, most: 60 };
/** How often chance does what AWS allows itself. */
const CHANCES = { firesTwice: 0.02, crmFails: 0.05, receivesLess: 0.5 };

/** Starts one. */
export function startVirtualStage({ described, code }: StageParts, options: StageOptions): VirtualStage {
  const {
    seed,
    faultOf = () => undefined,
    habits = 'by-chance',
    receiveAtMost = Infinity,
    refusedSeconds = 0,
  } = options;
  const time = createVirtualTime(START);
  const weatherOf = (service: Service): Weather =>
    options.weatherOf?.(service, time.nowMillis()) ?? { kind: 'up' };
  const random = seededRandom(seed);
  const byChance = (chance: number) => habits === 'by-chance' && random.chance(chance);
  const latencyMillis = () =>
    habits === 'steady' ? STEADY_LATENCY_MILLIS : random.between(LATENCY_MILLIS.least, LATENCY_MILLIS.most);
  const queuesAreUp = () => weatherOf('sqs').kind !== 'down';
  const { queues, byArn } = queuesOf(described, time);
  const bus = virtualBus(described, byArn, {
    time,
    habits: {
      firesTwice: () => byChance(CHANCES.firesTwice),
      crmFails: () => byChance(CHANCES.crmFails),
      queuesAreUp,
      latencyMillis,
    },
  });
  const services = virtualServices(described, { time, bus, queues });
  const calls: OutgoingCall[] = [];
  const lines: string[] = [];
  const call = outgoingCalls({
    time,
    random: random.next,
    serve: (one) => {
      if (time.nowMillis() < START + refusedSeconds * 1000 && isProjection(one)) throw REFUSED;
      return services.serve(one);
    },
    weatherOf,
    latencyMillis,
    faultOf: (one) => {
      calls.push(one);
      return faultOf(one);
    },
  });
  const functions = virtualFunctions(
    { described, code },
    { time, random: random.next, call, write: (line) => void lines.push(line) },
  );
  for (const spec of described.runtime.eventSources) {
    const queue = byArn.get(spec.queueArn);
    if (!queue || !functions.knows(spec.functionName)) continue;
    startEventSource({
      spec,
      queue,
      time,
      queuesAreUp,
      invoke: (event) => functions.invoke(spec.functionName, event),
      receiveAtMost: (batchSize) =>
        byChance(CHANCES.receivesLess)
          ? random.between(1, Math.min(batchSize, 3))
          : Math.min(batchSize, receiveAtMost),
    });
  }
  const worked = described.runtime.eventSources.flatMap(({ queueArn, functionName }) =>
    functions.knows(functionName) ? (byArn.get(queueArn) ?? []) : [],
  );
  const waiting = () => worked.reduce((sum, queue) => sum + queue.messages().length, 0);
  const front = virtualFront(described.runtime, functions.invoke, time);
  return {
    ...{ time, bus, queues, calls, lines, waiting },
    dynamodb: services.dynamodb,
    s3: services.s3,
    answers: front.answers,
    invoke: (app, event) => functions.invoke(`${NAME_PREFIX}${app}`, event),
    request: front.request,
    oldestWaitingMillis: () =>
      Math.min(...worked.flatMap((queue) => queue.messages().map(({ sentAt }) => sentAt.getTime()))),
    isStuck: () => worked.some((queue) => queue.mostReceives() > MOST_RECEIVES),
    isQuiet: () => functions.running() === 0 && bus.underWay() === 0 && waiting() === 0,
  };
}

const REFUSED = new ServiceError('ValidationException', 400);
const isProjection = ({ service, operation, input }: OutgoingCall): boolean =>
  service === 'dynamodb' && operation === 'Put' && input['TableName'] === `${NAME_PREFIX}conversations`;

function queuesOf({ resources }: DescribedStage, time: VirtualTime) {
  const made = resources
    .filter(({ type }) => type === 'aws_sqs_queue')
    .map(({ args, attributes }) => {
      const name = String(args['name']);
      const visibilitySeconds = Number(args['visibility_timeout_seconds'] ?? 30);
      return { arn: String(attributes['arn']), queue: virtualQueue({ name, visibilitySeconds, time }) };
    });
  return {
    queues: new Map(made.map(({ queue }) => [queue.name, queue])),
    byArn: new Map(made.map(({ arn, queue }) => [arn, queue])),
  };
}
