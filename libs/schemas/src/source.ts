import Type, { type Static } from 'typebox';
import { DIALECTS } from './constants.ts';

const headerSchema = Type.String({ pattern: '^[a-z0-9-]{1,64}$' });

const schemeSchema = Type.Union([
  Type.Literal('genesys-webhook'),
  Type.Literal('open-messaging'),
  Type.Literal('standard-webhooks'),
  Type.Object(
    {
      kind: Type.Literal('hmac'),
      headers: Type.Array(headerSchema, { minItems: 1 }),
      encoding: Type.Union([Type.Literal('hex'), Type.Literal('base64')]),
      prefix: Type.String(),
      timestampHeader: Type.Optional(headerSchema),
    },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('static-header'), header: headerSchema }, { additionalProperties: false }),
]);

/** One configured way in. Its secret is never here, only the secret's name. */
export const sourceSchema = Type.Object(
  {
    key: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' }),
    scheme: schemeSchema,
    secretName: Type.String({ minLength: 1 }),
    /** The Genesys organisation the source speaks for. Default: its key. */
    org: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' })),
    /** Default: all. */
    dialects: Type.Optional(Type.Array(Type.Enum([...DIALECTS]))),
    /** Media whose `conversation:updated` events count. Default: voice and chat, as mission document 002 has it. */
    mediaTypes: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);
export const sourcesSchema = Type.Array(sourceSchema, { minItems: 1 });
export type Source = Static<typeof sourceSchema>;
