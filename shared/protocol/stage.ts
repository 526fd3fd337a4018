import { Boolean, Literal, Object, Optional, type Static, String, type TSchema, Union } from 'typebox'
import { CameraId } from '../model/camera.ts'
import { KEY_PATTERN } from '../model/key-form.ts'
import { ParticipantId, ParticipantName, Stage } from '../model/stage.ts'
import { ErrorMessage } from './messages.ts'

/**
 * The JSON text messages of the stage's sockets: of a phone, both directions, and to a projector. PROTOCOL.md §10.
 */
const strict = { additionalProperties: false } as const
const message = <T extends string, P extends Record<string, TSchema>>(type: T, fields: P) =>
  Object({ type: Literal(type), ...fields }, strict)

/** What an audience can say. */
export const REACTIONS = ['👍', '❤️', '😂', '🎉', '🔥', '⭐'] as const
export type Reaction = (typeof REACTIONS)[number]
const [thumb, heart, laugh, party, fire, star] = REACTIONS
const ReactionSchema = Union([Literal(thumb), Literal(heart), Literal(laugh), Literal(party), Literal(fire), Literal(star)])

/** What a phone takes its seat again by, after a reload or a lost connection. */
const Resume = String({ minLength: 32, maxLength: 32, pattern: '^[A-Za-z0-9_\\-]+$' })

/** Takes a seat, or takes it again. The first message of a phone, and the only one until it is `on` or `waiting`. */
const Join = message('join', { name: ParticipantName, resume: Optional(Resume) })
const React = message('react', { reaction: ReactionSchema })
/** Gives the seat up at once. */
const Leave = message('leave', {})

/** The host has to admit it first. */
const Waiting = message('waiting', { resume: Resume })
/** It is on the wall: this camera it feeds, with this key. */
const On = message('on', {
  camera: CameraId,
  key: String({ pattern: `^${KEY_PATTERN}$` }),
  resume: Resume,
  muted: Boolean(),
  spotlight: Boolean(),
})
const Update = message('update', { muted: Boolean(), spotlight: Boolean() })

export const FromPhone = Union([Join, React, Leave])
export const ToPhone = Union([Waiting, On, Update, ErrorMessage])
export const ToProjector = Union([
  message('stage', { stage: Stage }),
  message('reaction', { participant: ParticipantId, name: String(), reaction: ReactionSchema }),
  ErrorMessage,
])

export type FromPhone = Static<typeof FromPhone>
export type ToPhone = Static<typeof ToPhone>
export type ToProjector = Static<typeof ToProjector>
