export { PUBLISHED_FACTS } from '@aftercall/processor/config';
export type { AppName } from './app-stacks.ts';
export { LIVE } from './constructs/live-alias.ts';
export { genesysCallers, type GenesysCaller, type GenesysStage } from './genesys-callers.ts';
export { names, type Names } from './names.ts';
export { ROUTES, type Route, type RouteName } from './routing.ts';
export { StageError, validStage, type StageConfig } from './stage.ts';
export { stageNamed } from './stages.ts';
export {
  APP_NAMES,
  stackNames,
  synth,
  type StackName,
  type Synthesised,
  type SynthesisedStack,
  type SynthOptions,
} from './synth.ts';
