import { Array, Boolean, Literal, Null, Object, type Static, String, Union } from 'typebox'
import { CameraId, IsoTime } from './camera.ts'

/** Characters of a participant's name. */
export const MAX_PARTICIPANT_CHARS = 40
/** Participants of a stage that are on the wall, and that wait in its lobby besides. */
export const MAX_PARTICIPANTS = 60
export const MAX_WAITING = 20

/** Characters of a join code, and how many. None is easily taken for another: no 0 and O, 1, I and L, 5 and S. */
export const CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRTUVWXYZ'
export const CODE_CHARS = 6

export const StageId = String({ minLength: 1, maxLength: 32, pattern: '^[a-z0-9]+$' })
export const ParticipantId = StageId
/** Controls, line breaks, and what turns the direction of the text that follows (Unicode UAX #9 §2) are no part of a name. */
const NOT_IN_NAMES = '\\p{Cc}\\p{Zl}\\p{Zp}\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff'
/** As people call themselves: no space at the ends. Markup is allowed because nobody renders it as such. */
export const ParticipantName = String({
  minLength: 1,
  maxLength: MAX_PARTICIPANT_CHARS,
  pattern: `^(?!\\s)[^${NOT_IN_NAMES}]+(?<!\\s)$`,
})

/** waiting: in the lobby. on: on the wall. away: its connection was lost a moment ago. */
export const ParticipantState = Union([Literal('waiting'), Literal('on'), Literal('away')])

/** One phone on a stage. */
export const Participant = Object({
  id: ParticipantId,
  name: String(),
  /** Null while it waits. */
  camera: Union([CameraId, Null()]),
  state: ParticipantState,
  /** By the host: its sound goes nowhere. */
  muted: Boolean(),
  joinedAt: IsoTime,
})

export const Stage = Object({
  id: StageId,
  /** The user who opened it. */
  host: String(),
  code: String(),
  /** When another code takes its place; it is good for as long again. */
  codeExpiresAt: IsoTime,
  joinUrl: String(),
  /** From where the address can be opened. */
  reach: Union([Literal('public'), Literal('network'), Literal('machine')]),
  /** Nobody else may join. */
  locked: Boolean(),
  /** Who joins waits until the host admits them. */
  lobby: Boolean(),
  /** The camera that is shown large. */
  spotlight: Union([CameraId, Null()]),
  createdAt: IsoTime,
  /** In the order in which they came. */
  participants: Array(Participant),
})

export type Participant = Static<typeof Participant>
export type Stage = Static<typeof Stage>

const unwanted = new RegExp(`[${NOT_IN_NAMES}]+`, 'gu')

/** What was typed as a name, as `ParticipantName` takes it; empty when nothing is left. */
export const participantName = (typed: string): string =>
  [...typed.replace(/\s+/gu, ' ').replace(unwanted, '')].slice(0, MAX_PARTICIPANT_CHARS).join('').trim()

/** What was typed or scanned as a code, in its own spelling; undefined when it has not the form of one. */
export function joinCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '')
  return code.length === CODE_CHARS && [...code].every((character) => CODE_ALPHABET.includes(character)) ? code : undefined
}
