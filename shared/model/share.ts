import { Array, Boolean, Integer, Literal, Null, Object, type Static, String, Union } from 'typebox'
import { CameraId, IsoTime } from './camera.ts'

/** Cameras of one share: as many as a stage has. */
export const MAX_SHARE_CAMERAS = 60
/** Origins that may embed one share. */
export const MAX_SHARE_ORIGINS = 32
/** Characters of a share's label, and of a passcode. */
export const MAX_LABEL_CHARS = 80
export const MAX_PASSCODE_CHARS = 64

export const ShareId = String({ minLength: 1, maxLength: 64, pattern: '^[0-9a-f]+$' })
/** 192 random bits, base64url (RFC 4648 §5). */
export const ShareToken = String({ minLength: 32, maxLength: 32, pattern: '^[A-Za-z0-9_\\-]+$' })
/** What a person calls it; as a camera's name, but it may be empty. */
export const ShareLabel = String({ maxLength: MAX_LABEL_CHARS, pattern: '^(?:[^\\p{Cc}\\s](?:[^\\p{Cc}]*[^\\p{Cc}\\s])?)?$' })
export const Passcode = String({ minLength: 4, maxLength: MAX_PASSCODE_CHARS, pattern: '^[^\\p{Cc}]+$' })
/** An origin as browsers say it (RFC 6454 §6.1): scheme and host, a port that is not the scheme's own, nothing behind. */
export const EmbedOrigin = String({ maxLength: 255, pattern: '^https?://(?:[a-z0-9.\\-]+|\\[[0-9a-f:.]+\\])(?::[0-9]{1,5})?$' })

/** A revocable, expiring, read-only grant to watch cameras without an account; as who manages them sees it. */
export const Share = Object({
  id: ShareId,
  label: ShareLabel,
  cameras: Array(CameraId),
  createdBy: String(),
  createdAt: IsoTime,
  expiresAt: Union([IsoTime, Null()]),
  passcode: Union([Passcode, Null()]),
  /** Viewers at once. */
  maxViewers: Union([Integer({ minimum: 1 }), Null()]),
  /** Sites whose pages may embed it; null: any. Binds browsers only. */
  origins: Union([Array(EmbedOrigin), Null()]),
  /** Whether sound is shared too. */
  audio: Boolean(),
  /** How often it was opened, and how many watch now. */
  views: Integer({ minimum: 0 }),
  viewers: Integer({ minimum: 0 }),
  token: ShareToken,
  /** The link, absolute; from where it can be opened. */
  url: String(),
  reach: Union([Literal('public'), Literal('network'), Literal('machine')]),
})
export type Share = Static<typeof Share>
