// Compiles the JSON Schemas to plain functions: Ajv at run time would cost a cold Lambda 90 ms and 130 KB.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import formats from 'ajv-formats';
import { build } from 'esbuild';
import type { TSchema } from 'typebox';
import { analyticsOutcomeSchema } from './src/analytics-outcome.ts';
import { circuitChangedSchema, circuitsDocumentSchema } from './src/circuits.ts';
import { complianceRoutedSchema, qaMessageSchema } from './src/compliance-routed.ts';
import { complianceRulesSchema } from './src/compliance-rules.ts';
import { conversationEventSchema } from './src/conversation-event.ts';
import { cloudEventSchema, conversationWebhookSchema, openMessageSchema } from './src/dialect-schemas.ts';
import { envelopeHeadSchema, eventEnvelopeSchema, storedDeliveryEnvelopeSchema } from './src/envelope.ts';
import {
  busEventHeadSchema,
  conversationChangedSchema,
  outcomeFactEventSchema,
  outcomeRecordedSchema,
  outcomeRowSchema,
} from './src/facts.ts';
import {
  partnerCategoriesSchema,
  partnerDetailSchema,
  partnerEmpathySchema,
  partnerEventSchema,
  partnerSentimentSchema,
  partnerTopicsSchema,
  partnerTranscriptionSchema,
} from './src/partner-event-schemas.ts';
import { problemSchema } from './src/problem.ts';
import { quarantinedDeliverySchema } from './src/quarantined-delivery-schema.ts';
import { reviewChangedSchema, setAsideTaskSchema } from './src/set-aside-task.ts';
import { sourcesSchema } from './src/source.ts';
import { idSchema } from './src/text.ts';
import {
  transcriptFailedSchema,
  transcriptReadySchema,
  transcriptStoredSchema,
} from './src/transcript-facts.ts';
import {
  transcriptContinuationSchema,
  transcriptFactEventSchema,
  transcriptSweepSchema,
} from './src/transcript-request.ts';

/** File in `generated/` → its schema, the type its validator proves, and the file in `src/` that type is in. */
const VALIDATORS: Readonly<Record<string, readonly [TSchema, string, string?]>> = {
  id: [idSchema, 'string'],
  sources: [sourcesSchema, 'Source[]', 'source'],
  'analytics-outcome': [analyticsOutcomeSchema, 'AnalyticsOutcome', 'analytics-outcome'],
  'conversation-event': [conversationEventSchema, 'ConversationEvent', 'conversation-event'],
  'conversation-webhook': [conversationWebhookSchema, 'ConversationWebhook', 'dialect-schemas'],
  'open-message': [openMessageSchema, 'OpenMessage', 'dialect-schemas'],
  'cloud-event': [cloudEventSchema, 'CloudEvent', 'dialect-schemas'],
  'envelope-head': [envelopeHeadSchema, 'EnvelopeHead', 'envelope'],
  'event-envelope': [eventEnvelopeSchema, 'AnyEventEnvelope', 'envelope'],
  'stored-delivery-envelope': [storedDeliveryEnvelopeSchema, 'StoredDeliveryEnvelope', 'envelope'],
  'conversation-changed': [conversationChangedSchema, 'ConversationChanged', 'facts'],
  'outcome-recorded': [outcomeRecordedSchema, 'OutcomeRecorded', 'facts'],
  'outcome-row': [outcomeRowSchema, 'OutcomeRow', 'facts'],
  'bus-event-head': [busEventHeadSchema, 'BusEventHead', 'facts'],
  'outcome-fact-event': [outcomeFactEventSchema, 'OutcomeFactEvent', 'facts'],
  circuits: [circuitsDocumentSchema, 'CircuitsDocument', 'circuits'],
  'circuit-changed': [circuitChangedSchema, 'CircuitChanged', 'circuits'],
  'compliance-rules': [complianceRulesSchema, 'ComplianceRules', 'compliance-rules'],
  'compliance-routed': [complianceRoutedSchema, 'ComplianceRouted', 'compliance-routed'],
  'qa-message': [qaMessageSchema, 'QaMessage', 'compliance-routed'],
  'transcript-ready': [transcriptReadySchema, 'TranscriptReady', 'transcript-facts'],
  'transcript-stored': [transcriptStoredSchema, 'TranscriptStored', 'transcript-facts'],
  'transcript-failed': [transcriptFailedSchema, 'TranscriptFailed', 'transcript-facts'],
  'transcript-fact-event': [transcriptFactEventSchema, 'TranscriptFactEvent', 'transcript-request'],
  'transcript-continuation': [transcriptContinuationSchema, 'TranscriptContinuation', 'transcript-request'],
  'transcript-sweep': [transcriptSweepSchema, 'TranscriptSweep', 'transcript-request'],
  'partner-event': [partnerEventSchema, 'PartnerEvent', 'partner-event-schemas'],
  'partner-detail': [partnerDetailSchema, 'PartnerDetail', 'partner-event-schemas'],
  'partner-sentiment': [partnerSentimentSchema, 'PartnerSentiment', 'partner-event-schemas'],
  'partner-topics': [partnerTopicsSchema, 'PartnerTopics', 'partner-event-schemas'],
  'partner-empathy': [partnerEmpathySchema, 'PartnerEmpathy', 'partner-event-schemas'],
  'partner-categories': [partnerCategoriesSchema, 'PartnerCategories', 'partner-event-schemas'],
  'partner-transcription': [partnerTranscriptionSchema, 'PartnerTranscription', 'partner-event-schemas'],
  problem: [problemSchema, 'Problem', 'problem'],
  'quarantined-delivery': [quarantinedDeliverySchema, 'QuarantinedDelivery', 'quarantined-delivery-schema'],
  'set-aside-task': [setAsideTaskSchema, 'SetAsideTask', 'set-aside-task'],
  'review-changed': [reviewChangedSchema, 'ReviewChanged', 'set-aside-task'],
};

/** What people write by hand: they want to hear of every fault at once, where a function wants the first. */
const EVERY_FAULT: ReadonlySet<string> = new Set(['compliance-rules']);
/** Where readers tell people more of a fault than its place and rule. */
const WITH_PARAMS: ReadonlySet<string> = new Set(['compliance-rules', 'sources']);

/** One for all schemas: half of what compiling takes is each compiler's own meta schema. */
const tellsFirstFault = compiler({ allErrors: false });
const tellsEveryFault = compiler({ allErrors: true });

function compiler({ allErrors }: { readonly allErrors: boolean }): Ajv {
  const code = { source: true, lines: false, esm: true };
  const ajv = new Ajv({ strict: true, strictTypes: false, allErrors, code });
  formats.default(ajv);
  return ajv;
}

const directory = `${import.meta.dirname}/generated/`;

/** What Ajv says of a fault and nobody reads. Every cold start would parse it. */
const SCHEMA_PATHS = /schemaPath:"(?:[^"\\]|\\.)*",/g;
const PARAMS = /params:\{(?!missingProperty)(?:"(?:[^"\\]|\\.)*"|[^{}"])*\},/g;

function standaloneCode(name: string, schema: TSchema): string {
  const ajv = EVERY_FAULT.has(name) ? tellsEveryFault : tellsFirstFault;
  const code = standalone.default(ajv, ajv.compile(schema)).replaceAll(SCHEMA_PATHS, '');
  return WITH_PARAMS.has(name) ? code : code.replaceAll(PARAMS, '');
}

function declaration(type: string, file: string | undefined): string {
  const proven = file === undefined ? type : `import('../src/${file}.ts').${type}`;
  return `declare const validate: import('../src/dialect.ts').Validator<${proven}>;\nexport default validate;\n`;
}

/** esbuild names a shared file also where nothing of it is used; in a package without side effects that is a warning to its users. */
const UNUSED_IMPORTS = /import"\.\/[\w-]+\.js";/g;

// One file a validator, so that a bundle takes in what it uses. Standalone code requires Ajv's run-time helpers even
// as ESM; bundling takes those in too.
const { outputFiles } = await build({
  entryPoints: Object.keys(VALIDATORS),
  outdir: directory,
  write: false,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  minify: true,
  plugins: [
    {
      name: 'standalone',
      setup(bundle) {
        bundle.onResolve({ filter: /.*/ }, ({ path, kind }) =>
          kind === 'entry-point' ? { path, namespace: 'validator' } : undefined,
        );
        bundle.onLoad({ filter: /.*/, namespace: 'validator' }, ({ path }) => {
          const schema = VALIDATORS[path]?.[0];
          return schema && { contents: standaloneCode(path, schema), resolveDir: import.meta.dirname };
        });
      },
    },
  ],
});
mkdirSync(directory, { recursive: true });
for (const { path, text } of outputFiles) writeFileSync(path, text.replaceAll(UNUSED_IMPORTS, ''));
for (const [name, [, type, file]] of Object.entries(VALIDATORS)) {
  writeFileSync(`${directory}${name}.d.ts`, declaration(type, file));
}
