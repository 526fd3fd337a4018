import { Literal, Object, Optional, String, type TSchema, Union } from 'typebox'
import { AuditEntry } from '../model/audit.ts'
import { Camera, CameraSource, CameraStatus } from '../model/camera.ts'
import { Key, NewKey } from '../model/key.ts'
import { Session, SessionInfo, UserRole } from '../model/session.ts'
import { SettingsChange, SettingsDocument, SettingsOutcome } from '../model/settings.ts'
import { Share } from '../model/share.ts'
import { Participant, Stage } from '../model/stage.ts'
import { User } from '../model/user.ts'
import { Delivery, Webhook } from '../model/webhook.ts'
import { ERRORS } from '../protocol/errors.ts'
import { Event, FeedMessage, Gap, Snapshot } from './feed.ts'

/** What every refusal is: RFC 9457, with a stable code. */
export const Problem = Object({
  type: String(),
  title: String(),
  status: Union([...new Set(globalThis.Object.values(ERRORS).map(({ http }) => http))].sort().map((status) => Literal(status))),
  code: Union(globalThis.Object.keys(ERRORS).map((code) => Literal(code))),
  detail: Optional(String({ description: 'What is wrong in particular.' })),
})

/** The schemas that have a name for readers and for generated clients. */
export const models: Readonly<Record<string, TSchema>> = {
  AuditEntry,
  Camera,
  CameraSource,
  CameraStatus,
  Delivery,
  Event,
  FeedMessage,
  Gap,
  Key,
  NewKey,
  Participant,
  Problem,
  Session,
  SessionInfo,
  SettingsChange,
  SettingsDocument,
  SettingsOutcome,
  Share,
  Snapshot,
  Stage,
  User,
  UserRole,
  Webhook,
}
