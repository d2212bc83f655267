export type { NumberWords } from './number-words.ts';
export type { Kind } from './pieces.ts';
export { RedactionError, type RedactionFault } from './redaction-error.ts';
export {
  createRedaction,
  type Redaction,
  type RedactionOptions,
  type TranscriptIdentity,
} from './redaction.ts';
export { createVocabulary, type Vocabulary, type VocabularyOptions } from './vocabulary.ts';
