import { describe, expect, test } from '@jest/globals';
import aslValidator from 'asl-validator';
import { StateMachine } from 'aws-local-stepfunctions';
import { reviewDefinition } from './review-machine.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:aftercall-dev-dead-letters';

type Definition = ConstructorParameters<typeof StateMachine>[0];
type Json = Parameters<StateMachine['run']>[0];

/** One call of the function, as a task of the machine makes it. */
interface Call {
  readonly task: string;
  readonly [field: string]: unknown;
}

interface Given {
  readonly reasons?: readonly string[];
  readonly deadlineSeconds?: number;
  /** What the person says, by reason; never answers where it is missing. */
  readonly decisions?: Readonly<Record<string, object>>;
  /** What a task answers, call by call; an error is thrown. The last one is repeated. */
  readonly answers?: Readonly<Record<string, readonly (object | Error)[]>>;
}

const definition = (deadlineSeconds = 60) =>
  JSON.parse(reviewDefinition({ functionArn: FUNCTION, deadlineSeconds })) as Definition;

const review = (reason: string) => ({
  id: `review-${reason}`,
  reason,
  since: '2026-11-20T14:00:00.000Z',
  until: '2026-11-20T14:05:00.000Z',
});

/** Runs the machine; the function is played by `answers`, the person by `decisions`. */
async function run({ reasons = ['conflict'], deadlineSeconds, decisions = {}, answers = {} }: Given) {
  const calls: Call[] = [];
  const turn: Record<string, number> = {};
  const answer = (task: string, otherwise: object): object => {
    const all = answers[task] ?? [otherwise];
    const index = Math.min(turn[task] ?? 0, all.length - 1);
    turn[task] = index + 1;
    const given = all[index] ?? otherwise;
    if (given instanceof Error) throw given;
    return { Payload: given, StatusCode: 200 };
  };
  const played = (otherwise: object) => async (input: Json) => {
    const call = payloadOf(input);
    calls.push(call);
    return answer(call.task, otherwise) as Json;
  };
  const reviews = reasons.map((reason) => review(reason));
  const execution = new StateMachine(definition(deadlineSeconds)).run(
    { detail: { alarmName: 'aftercall-dev-dead-letters' } },
    {
      overrides: {
        taskResourceLocalHandlers: {
          Group: played({ reviews }),
          RequestDecision: async (input) => {
            const call = payloadOf(input);
            calls.push(call);
            answer('notify', {});
            const decision = decisions[(call['review'] as { reason: string }).reason];
            return (decision ?? new Promise(() => undefined)) as Promise<Json>;
          },
          Replay: played({ left: false }),
          Discard: played({ left: false }),
          Escalate: played({}),
        },
        retryIntervalOverrides: Object.fromEntries(
          ['Group', 'RequestDecision', 'Replay', 'Discard', 'Escalate'].map((state) => [state, 1]),
        ),
      },
      context: { Execution: { Name: 'execution-1' }, Task: { Token: 'token-1' } },
    },
  );
  await execution.result;
  return { calls, tasks: calls.map(({ task }) => task) };
}

function payloadOf(input: Json): Call {
  const { FunctionName, Payload } = input as { FunctionName: string; Payload: Call };
  expect(FunctionName).toBe(FUNCTION);
  return Payload;
}

const approval = { decision: 'replay', by: 'ada', reason: 'CRM is back' };
const rejection = { decision: 'discard', by: 'ada', reason: 'test data' };

describe('the review machine', () => {
  test('is valid in the Amazon States Language', () => {
    const { isValid, errorsText } = aslValidator(definition(), { checkArn: true, checkPaths: true });
    expect(isValid ? '' : errorsText('\n')).toBe('');
  });

  test('leaves Terraform nothing to evaluate', () => {
    expect(reviewDefinition({ functionArn: FUNCTION, deadlineSeconds: 60 })).not.toMatch(/[$%]\{/);
  });

  test('an approved review is replayed, and the function is given a token to answer with', async () => {
    const { calls } = await run({ decisions: { conflict: approval } });
    expect(calls).toEqual([
      { task: 'group', execution: 'execution-1' },
      { task: 'notify', review: review('conflict'), taskToken: 'token-1' },
      { task: 'replay', review: review('conflict'), decision: approval },
    ]);
  });

  test('a rejected review is discarded with what was said', async () => {
    const { calls } = await run({ decisions: { conflict: rejection } });
    expect(calls.slice(2)).toEqual([{ task: 'discard', review: review('conflict'), decision: rejection }]);
  });

  test('what does not fit into one call is gone on with until nothing is left', async () => {
    const left = [{ left: true }, { left: true }, { left: false }];
    const replayed = await run({ decisions: { conflict: approval }, answers: { replay: left } });
    expect(replayed.tasks).toEqual(['group', 'notify', 'replay', 'replay', 'replay']);
    const discarded = await run({ decisions: { conflict: rejection }, answers: { discard: left } });
    expect(discarded.tasks).toEqual(['group', 'notify', 'discard', 'discard', 'discard']);
  });

  test('with nothing open nobody is asked', async () => {
    expect((await run({ reasons: [] })).tasks).toEqual(['group']);
  });

  test('a review that nobody decides on by its deadline is escalated, and nothing is replayed', async () => {
    const { calls } = await run({ deadlineSeconds: 1 });
    expect(calls.slice(2)).toEqual([
      { task: 'escalate', review: review('conflict'), cause: 'States.Timeout' },
    ]);
  });

  test('a decision that is none is escalated', async () => {
    const { calls } = await run({ decisions: { conflict: { decision: 'perhaps' } } });
    expect(calls.at(-1)).toMatchObject({ task: 'escalate', cause: 'NotUnderstood' });
  });

  test.each(['group', 'notify', 'replay', 'escalate'])('%s that fails is tried again', async (task) => {
    const answers = {
      group: [new Error('broken'), { reviews: [review('conflict')] }],
      notify: [new Error('broken'), {}],
      replay: [new Error('broken'), { left: false }],
      escalate: [new Error('broken'), {}],
    };
    const decision = task === 'escalate' ? { decision: 'perhaps' } : approval;
    const { tasks } = await run({ decisions: { conflict: decision }, answers: { ...only(answers, task) } });
    expect(tasks.filter((one) => one === task)).toHaveLength(2);
    expect(tasks.at(-1)).toBe(task === 'escalate' ? 'escalate' : 'replay');
  });

  test('a replay that keeps failing is escalated with the name of its error only', async () => {
    const { calls, tasks } = await run({
      decisions: { conflict: approval },
      answers: { replay: [new Error('said about a letter')] },
    });
    expect(tasks.filter((task) => task === 'replay')).toHaveLength(6);
    expect(calls.at(-1)).toEqual({ task: 'escalate', review: review('conflict'), cause: 'Error' });
  });

  test('one review that fails altogether, its escalation too, ends no other', async () => {
    const { tasks, calls } = await run({
      reasons: ['bad-seal', 'conflict'],
      decisions: { 'bad-seal': { decision: 'perhaps' }, conflict: approval },
      answers: { escalate: [new Error('broken')] },
    });
    expect(tasks.filter((task) => task === 'escalate')).toHaveLength(6);
    expect(calls).toContainEqual(expect.objectContaining({ task: 'replay', review: review('conflict') }));
  });
});

function only<T>(all: Readonly<Record<string, T>>, task: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name === task));
}
