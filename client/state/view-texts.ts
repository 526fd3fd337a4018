import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'

/** What people read in embedded players and on shared pages: few words, because they travel to other sites. */
export const viewTexts = {
  product: 'Porthole',
  states: {
    paused: 'Paused',
    connecting: 'Connecting',
    waiting: 'Starting',
    live: 'Live',
    behind: 'Behind',
    offline: 'Offline',
    ended: 'Ended',
  },
  play: 'Play',
  pause: 'Pause',
  soundOn: 'Turn sound on',
  soundOff: 'Turn sound off',
  snapshot: 'Save picture',
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  pictureOf: (name: string) => `Live picture of ${name}`,
  offline: 'The camera is not sending. The picture comes by itself when it does.',
  unfit: 'Nothing to show: this player names no shared link.',
  passcode: { label: 'Passcode', text: 'This live view has a passcode.', wrong: 'That was not it. Try again.', submit: 'Watch' },
  full: 'As many are watching as this link allows. You get in when somebody leaves.',
  error: {
    'share.unknown': 'This link was taken back, or never was one.',
    'share.expired': 'This link expired.',
    'share.origin': 'This live view may not be shown on this site.',
    'camera.deleted': 'This camera is gone.',
    'camera.expired': 'This camera expired.',
    'request.rate': 'Too many attempts. Wait a minute.',
  } as Partial<Record<ErrorCode, string>>,
} as const

export const viewError = (code: ErrorCode): string => viewTexts.error[code] ?? ERRORS[code].title

/** `38 ms`, `1.4 s`, `12 s`. */
export function ageText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}
