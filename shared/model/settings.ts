import { Array, Boolean, Integer, Literal, Null, Object, Optional, type Static, String, Union } from 'typebox'
import { CameraId, CameraName, CameraSource, IsoTime, SaidTime } from './camera.ts'
import { UserRole } from './session.ts'
import { UserName } from './user.ts'
import { WebhookId, WebhookUrl } from './webhook.ts'

const strict = { additionalProperties: false } as const

/** Entries of one kind in one document. */
const MAX_ENTRIES = 10_000
const list = <T extends Parameters<typeof Array>[0]>(entry: T) => Array(entry, { maxItems: MAX_ENTRIES })

/** All that is configured, without secrets: no passwords, keys, links or what signs webhooks. */
export const SettingsDocument = Object(
  {
    /** Form of the document. */
    porthole: Literal(1),
    exportedAt: Optional(IsoTime),
    users: Optional(list(Object({ name: UserName, role: UserRole, checker: Optional(String()) }, strict))),
    cameras: Optional(
      list(
        Object(
          {
            id: CameraId,
            name: CameraName,
            owner: UserName,
            source: CameraSource,
            expiresAt: Optional(Union([SaidTime, Null()])),
            /** Whom it was granted to. */
            grants: Optional(Array(UserName, { maxItems: MAX_ENTRIES })),
          },
          strict,
        ),
      ),
    ),
    webhooks: Optional(
      list(
        Object(
          {
            id: WebhookId,
            url: WebhookUrl,
            user: UserName,
            cameras: Union([Array(CameraId), Null()]),
            kinds: Union([Array(String()), Null()]),
            active: Boolean(),
          },
          strict,
        ),
      ),
    ),
  },
  strict,
)
export type SettingsDocument = Static<typeof SettingsDocument>

/** What an import does to one thing; `conflict`: nothing, and why. */
export const SettingsChange = Object({
  kind: Union([Literal('user'), Literal('camera'), Literal('grant'), Literal('webhook')]),
  id: String(),
  action: Union([Literal('create'), Literal('update'), Literal('conflict')]),
  /** What becomes of it, in words. */
  detail: String(),
  /** Why it was not done, when it was tried. */
  failed: Optional(String()),
})
export type SettingsChange = Static<typeof SettingsChange>

export const SettingsOutcome = Object({
  /** Says that one has seen these changes: with it, and while they would be the same, they are made. */
  plan: String(),
  applied: Boolean(),
  changes: Array(SettingsChange),
  /** Entries of the document that are so already. */
  unchanged: Integer({ minimum: 0 }),
})
export type SettingsOutcome = Static<typeof SettingsOutcome>

export const SettingsProgress = Object({ done: Integer(), total: Integer() })
export type SettingsProgress = Static<typeof SettingsProgress>
