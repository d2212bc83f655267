import { number, text } from './parsers.ts';

/** What every consumer with circuits is told: where they are shared and told of, and where that goes which they hold too long. */
export const circuitVariables = {
  CIRCUITS_PARAMETER: text,
  /** Held for longer, a message goes to the archive; with 0 at once. */
  CIRCUIT_MAX_HELD_SECONDS: number,
  SET_ASIDE_BUCKET: text,
  SET_ASIDE_TABLE: text,
  SEALING_SECRET_NAME: text,
  BUS_NAME: text,
};

/** The same in a config's words; `@aftercall/circuit-breaker` takes it as it is. */
export const circuitSettings = (parsed: {
  readonly [Name in keyof typeof circuitVariables]: ReturnType<(typeof circuitVariables)[Name]>;
}) => ({
  parameter: parsed.CIRCUITS_PARAMETER,
  maxHeldSeconds: parsed.CIRCUIT_MAX_HELD_SECONDS,
  setAsideBucket: parsed.SET_ASIDE_BUCKET,
  setAsideTable: parsed.SET_ASIDE_TABLE,
  sealingSecretName: parsed.SEALING_SECRET_NAME,
  busName: parsed.BUS_NAME,
});

export type CircuitSettings = ReturnType<typeof circuitSettings>;
