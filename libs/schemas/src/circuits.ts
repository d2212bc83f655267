import Type, { type Static } from 'typebox';

/** Why a circuit is open, as its containers tell each other. */
export const sharedOpeningSchema = Type.Object({
  openedAt: Type.String({ format: 'date-time' }),
  /** The function that opened it, or the person who did by hand. */
  openedBy: Type.String({ minLength: 1, maxLength: 128 }),
  /** `manual`: stays open, without probes, until it is closed by hand. */
  mode: Type.Union([Type.Literal('automatic'), Type.Literal('manual')]),
  reason: Type.String({ minLength: 1, maxLength: 256 }),
  /** 0 … 1, of the calls that opened it. */
  failureRate: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
});
export type SharedOpening = Static<typeof sharedOpeningSchema>;

/** The one document of a stage: its open circuits by downstream; a circuit that is not there is closed. */
export const circuitsDocumentSchema = Type.Object({
  circuits: Type.Record(Type.String(), sharedOpeningSchema),
});
export type CircuitsDocument = Static<typeof circuitsDocumentSchema>;

/** `aftercall.circuit.opened` / `.closed`: what one container of a function has decided. */
export const circuitChangedSchema = Type.Object({
  downstream: Type.String({ minLength: 1 }),
  function: Type.String({ minLength: 1 }),
  failureRate: Type.Number({ minimum: 0, maximum: 1 }),
  /** Returns to the queue while it was open, by this container. */
  held: Type.Integer({ minimum: 0 }),
  archived: Type.Integer({ minimum: 0 }),
});
export type CircuitChanged = Static<typeof circuitChangedSchema>;
