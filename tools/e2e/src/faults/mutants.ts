import type { SourceChange } from './function-code.ts';
import type { FaultKind } from './outgoing-calls.ts';
import type { App } from './suite.ts';

/** A guarantee that is broken on purpose. */
export interface Mutant {
  /** What the code does now that it must not do. */
  readonly name: string;
  /** The functions that have the broken code. */
  readonly apps: readonly App[];
  readonly change: SourceChange;
  /** The scenario that it must show in. */
  readonly shows: string;
  /** What must befall that scenario. Default: nothing; it shows by itself. */
  readonly when?: FaultKind;
}

/** Each must be noticed by the suite; a suite that does not notice proves nothing. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the ledger lets an event in that is done',
    apps: ['processor'],
    change: {
      file: 'libs/idempotency/src/dynamodb-ledger-store.ts',
      find: "'attribute_not_exists(pk) OR expiresAt <= :now'",
      replace: "'attribute_not_exists(nothing) OR expiresAt <= :now'",
    },
    shows: 'sent again',
  },
  {
    name: 'the ledger takes a completed event for one that is still held',
    apps: ['processor'],
    change: {
      file: 'libs/idempotency/src/ledger.ts',
      find: "if (live.status === 'COMPLETED') return { outcome: 'completed' };",
      replace: '',
    },
    shows: 'sent again',
  },
  {
    name: 'a claim is completed before its work is done',
    apps: ['processor', 'transcript-fetcher'],
    change: {
      file: 'libs/queue/src/work-once.ts',
      find: 'const value = await inTime(',
      replace: 'await deps.ledger.complete(claim);\n    const value = await inTime(',
    },
    shows: 'single',
    when: 'crash-before',
  },
  {
    name: 'a claim is never completed',
    apps: ['processor', 'transcript-fetcher'],
    change: {
      file: 'libs/queue/src/work-once.ts',
      find: 'await deps.ledger.complete(claim);',
      replace: '',
    },
    shows: 'single',
  },
  {
    name: 'a lease is never over',
    apps: ['processor', 'transcript-fetcher'],
    change: {
      file: 'libs/idempotency/src/ledger.ts',
      find: 'if (live.leaseUntil > nowSeconds) return held(live);',
      replace: 'if (live.leaseUntil > 0) return held(live);',
    },
    shows: 'single',
    when: 'crash-after',
  },
  {
    name: 'nobody looks at the seal',
    apps: ['processor'],
    change: {
      file: 'apps/processor/src/process-message.ts',
      find: "if (verdict === 'valid') return;",
      replace: 'return;',
    },
    shows: 'forged message',
  },
  {
    name: 'every signature is right',
    apps: ['ingest'],
    change: {
      file: 'libs/signing/src/hmac.ts',
      find: 'return timingSafeEqual(left, right);\n}\n\n/** Compares two texts',
      replace: 'return true;\n}\n\n/** Compares two texts',
    },
    shows: 'forged delivery',
  },
  {
    name: 'a delivery is acknowledged before it is queued',
    apps: ['ingest'],
    change: {
      file: 'apps/ingest/src/ingest.ts',
      find: 'await deps.enqueue(\n    events.map(({ envelope, dataText }) => sealedEntry(envelope, keyring, dataText)),\n    signal,\n  );',
      replace:
        'deps.enqueue(events.map(({ envelope, dataText }) => sealedEntry(envelope, keyring, dataText))).catch(() => undefined);',
    },
    shows: 'single',
    when: 'request-lost',
  },
  {
    name: 'a batch counts as sent when a part of it is',
    apps: ['ingest', 'processor', 'compliance-router', 'transcript-fetcher'],
    change: {
      file: 'libs/queue/src/sqs-send-batch.ts',
      find: '.filter(({ entryId }) => !taken.has(entryId))',
      replace: '.filter(() => false)',
    },
    shows: 'batch',
    when: 'partial',
  },
  {
    name: 'facts count as published when a part of them is',
    apps: ['processor', 'compliance-router', 'transcript-fetcher'],
    change: {
      file: 'libs/facts/src/eventbridge-facts.ts',
      find: 'return code === undefined ? undefined : new FactsRefusedError(code);',
      replace: 'return undefined;',
    },
    shows: 'batch',
    when: 'partial',
  },
  {
    name: 'a message that failed is deleted',
    apps: ['processor', 'compliance-router', 'transcript-fetcher'],
    change: {
      file: 'libs/queue/src/run-batch.ts',
      find: 'return { batchItemFailures: returned.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };',
      replace: 'return { batchItemFailures: [] };',
    },
    shows: 'single',
    when: 'request-lost',
  },
  {
    name: 'a message that failed does not hold back its conversation',
    apps: ['processor'],
    change: {
      file: 'libs/queue/src/run-batch.ts',
      find: 'await giveBack(rest, backoffSeconds(message, result.error, deps), deps);\n      return rest;',
      replace:
        'await giveBack([message], backoffSeconds(message, result.error, deps), deps);\n      return [message, ...(await runGroup(group.slice(index + 1), handle, deps))];',
    },
    shows: 'batch',
    when: 'request-lost',
  },
  {
    name: 'an older event counts as the newest',
    apps: ['processor'],
    change: {
      file: 'apps/processor/src/merge-conversation.ts',
      find: 'if (standing !== undefined && standing >= guard) continue;',
      replace: '',
    },
    shows: 'conversation',
  },
  {
    name: 'a conversation is written over whatever it has become',
    apps: ['processor'],
    change: {
      file: 'apps/processor/src/dynamodb-conversations.ts',
      find: "readRevision === 0 ? 'attribute_not_exists(conversationId)' : 'revision = :read'",
      replace: "readRevision === 0 ? 'attribute_not_exists(nothing)' : ':read = :read'",
    },
    shows: 'two writers',
    when: 'answer-lost',
  },
  {
    name: 'the lake is written over whatever it has become',
    apps: ['lake-writer'],
    change: {
      file: 'apps/lake-writer/src/s3-lake-files.ts',
      find: "const condition = read ? { IfMatch: read.etag } : { IfNoneMatch: '*' };",
      replace: 'const condition = {};',
    },
    shows: 'lake merge',
  },
  {
    name: 'the lake forgets what it had',
    apps: ['lake-writer'],
    change: {
      file: 'apps/lake-writer/src/merge-partition.ts',
      find: 'await mergeOutcomes(present, rows)',
      replace: 'await mergeOutcomes(undefined, rows)',
    },
    shows: 'lake merge',
  },
  {
    name: 'a repeated outcome is a row more',
    apps: ['lake-writer'],
    change: {
      file: 'libs/lake/src/merge-plan.ts',
      find: 'replaced += 1;',
      replace: 'replaced += 1;\n      kept.push(row);',
    },
    shows: 'lake merge',
    when: 'crash-after',
  },
  {
    name: 'a violation that is sent again is another message',
    apps: ['compliance-router'],
    change: {
      file: 'apps/compliance-router/src/route-fact.ts',
      find: 'deduplicationId: sha256(`${fact.id}\\n${routing.team}`)',
      replace: 'deduplicationId: sha256(`${fact.id}\\n${routing.team}${Math.random()}`)',
    },
    shows: 'compliance',
    when: 'crash-after',
  },
  {
    name: 'work that is repeated publishes other facts',
    apps: ['processor'],
    change: {
      file: 'apps/processor/src/build-facts.ts',
      find: 'id: `${org}/${id}/${type}`',
      replace: 'id: `${org}/${id}/${type}/${Math.random()}`',
    },
    shows: 'single',
  },
  {
    name: 'a dead letter is deleted before it is kept',
    apps: ['dead-letters'],
    change: {
      file: 'apps/dead-letters/src/collect-letter.ts',
      find: 'const { stored } = await deps.put(item);',
      replace: "deps.put(item).catch(() => undefined);\n  const stored = 'new' as const;",
    },
    shows: 'replay',
    when: 'request-lost',
  },
  {
    name: 'a letter counts as replayed before it is sent again',
    apps: ['dead-letters'],
    change: {
      file: 'apps/dead-letters/src/replay-entries.ts',
      find: 'const result = await sendAgain(',
      replace:
        "await deps.setAside.finish(taken.entry, { outcome: 'replayed', by: task.by });\n  const result = await sendAgain(",
    },
    shows: 'replay',
    when: 'crash-before',
  },
  {
    name: 'splitting a stored delivery leaves out what is on the edge of a chunk',
    apps: ['processor'],
    change: {
      file: 'apps/processor/src/split-stored-delivery.ts',
      find: 'events.slice(offset, offset + CHUNK_EVENTS)',
      replace: 'events.slice(offset, offset + CHUNK_EVENTS - 1)',
    },
    shows: 'stored delivery',
  },
];
