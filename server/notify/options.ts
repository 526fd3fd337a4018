import Type, { type Static } from 'typebox'

/** What the configuration says of what is told to others. */
export const WebhookSchema = Type.Object(
  {
    /** Networks of one's own that webhooks may post to, though they are internal: addresses, or address/bits. */
    allow: Type.Optional(Type.Array(Type.String(), { maxItems: 64 })),
  },
  { additionalProperties: false },
)
export type WebhookOptions = Static<typeof WebhookSchema>
