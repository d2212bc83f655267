export { names, type AppName, type Names } from './names.ts';
export { StageError, validStage, type StageConfig } from './stage.ts';
export { stageNamed } from './stages.ts';
export {
  STACK_NAMES,
  synth,
  type StackName,
  type Synthesised,
  type SynthesisedStack,
  type SynthOptions,
} from './synth.ts';
