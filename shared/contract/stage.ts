import { Boolean, Null, Object, Optional, Union } from 'typebox'
import { CameraId } from '../model/camera.ts'
import { Participant, ParticipantId, Stage, StageId } from '../model/stage.ts'
import { procedure } from './define.ts'
import { listInput, listOutput } from './paging.ts'

const strict = { additionalProperties: false } as const
const participant = { stage: StageId, participant: ParticipantId }

/** A stage is its host's, and any owner's: to everybody else there is none. */
export const stageProcedures = {
  'porthole.stage.open': procedure({
    method: 'POST',
    path: '/stages',
    role: 'operator',
    summary: 'Open a stage that phones can join. Who has one is answered that one.',
    input: Object({ lobby: Optional(Boolean({ description: 'Whether the host admits each phone.' })) }, strict),
    output: Stage,
    at: ({ id }) => `/stages/${id}`,
    status: 201,
    errors: ['server.limit'],
  }),
  'porthole.stage.list': procedure({
    method: 'GET',
    path: '/stages',
    role: 'operator',
    summary: 'Your stage; for owners, all.',
    input: listInput({}),
    output: listOutput('stages', Stage),
    status: 200,
    errors: [],
  }),
  'porthole.stage.get': procedure({
    method: 'GET',
    path: '/stages/:stage',
    role: 'operator',
    summary: 'One stage.',
    input: Object({ stage: StageId }, strict),
    output: Stage,
    status: 200,
    errors: ['stage.unknown'],
  }),
  'porthole.stage.update': procedure({
    method: 'PATCH',
    path: '/stages/:stage',
    role: 'operator',
    changes: 'porthole.stage.get',
    summary: 'Lock a stage, keep a lobby (without one, who waits is admitted), show one camera large.',
    input: Object(
      { stage: StageId, locked: Optional(Boolean()), lobby: Optional(Boolean()), spotlight: Optional(Union([CameraId, Null()])) },
      strict,
    ),
    output: Stage,
    status: 200,
    passing: ['spotlight'],
    errors: ['stage.unknown', 'participant.unknown'],
  }),
  'porthole.stage.close': procedure({
    method: 'DELETE',
    path: '/stages/:stage',
    role: 'operator',
    changes: 'porthole.stage.get',
    summary: 'End a stage: its phones are told, their cameras are gone.',
    input: Object({ stage: StageId }, strict),
    output: Null(),
    status: 204,
    errors: ['stage.unknown'],
  }),
  'porthole.stage.admit': procedure({
    method: 'POST',
    path: '/stages/:stage/participants/:participant/admit',
    role: 'operator',
    summary: 'Let a phone that waits in the lobby onto the wall.',
    input: Object(participant, strict),
    output: Participant,
    status: 200,
    errors: ['stage.unknown', 'participant.unknown', 'stage.full'],
  }),
  'porthole.stage.mute': procedure({
    method: 'PATCH',
    path: '/stages/:stage/participants/:participant',
    role: 'operator',
    summary: 'Take the sound of a phone away, or give it back.',
    input: Object({ ...participant, muted: Boolean() }, strict),
    output: Participant,
    status: 200,
    errors: ['stage.unknown', 'participant.unknown'],
  }),
  'porthole.stage.remove': procedure({
    method: 'DELETE',
    path: '/stages/:stage/participants/:participant',
    role: 'operator',
    summary: 'Take a phone off the stage, its camera with it.',
    input: Object(participant, strict),
    output: Null(),
    status: 204,
    errors: ['stage.unknown', 'participant.unknown'],
  }),
}
