import type { Names, QueueName } from './names.ts';
import type { StageConfig } from './stage.ts';

/** A queue of a stage and where its messages end, by their physical names. */
export interface CollectedQueue {
  /** Of the data sources and mappings in the stack. */
  readonly id: string;
  /** Where a letter goes back to; none for what EventBridge delivers by itself. */
  readonly queue?: string;
  readonly deadLetterQueue: string;
}

/** Every dead-letter queue that a stage has. A queue more is a line more. */
export function collectedQueues(stage: StageConfig, names: Names): readonly CollectedQueue[] {
  const standard = (name: QueueName): CollectedQueue => ({
    id: name.replaceAll('-', '_'),
    queue: names.queue(name),
    deadLetterQueue: names.deadLetterQueue(name),
  });
  return [
    { id: 'events', queue: names.eventsQueue, deadLetterQueue: names.eventsDeadLetterQueue },
    standard('lake'),
    standard('compliance'),
    ...(stage.transcripts ? [standard('transcript')] : []),
    ...(stage.partner ? [standard('partner-inbox')] : []),
    ...(stage.backfill ? [standard('backfill')] : []),
    ...(stage.crm ? [{ id: 'crm', deadLetterQueue: names.deadLetterQueue('crm') }] : []),
    ...(stage.warehouse?.iceberg
      ? [{ id: 'iceberg', deadLetterQueue: names.deadLetterQueue('iceberg') }]
      : []),
    ...stage.compliance.teams.map((team) => ({
      id: `qa_${team.replaceAll('-', '_')}`,
      queue: names.qaQueue(team),
      deadLetterQueue: names.qaDeadLetterQueue(team),
    })),
  ];
}
