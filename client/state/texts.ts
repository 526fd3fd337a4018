import { ApiError, NetworkError } from '../../shared/client/call.ts'
import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import type { CaptureError } from '../publisher/types.ts'
import { installTexts } from './install-texts.ts'

/** Every sentence a user can read, in one place. Names of cameras are data: they are shown as text, never as markup. */
export const texts = {
  product: installTexts.name,
  tagline: installTexts.description,
  reference: installTexts.reference,
  title: (name: string) => `${name} · Porthole`,
  publishingTitle: (title: string) => `● ${title}`,

  states: {
    connecting: 'Connecting',
    waiting: 'Starting',
    live: 'Live',
    behind: 'Behind',
    offline: 'Offline',
    ended: 'Ended',
  },
  stateHints: {
    connecting: 'Waiting for the server.',
    waiting: 'The first picture is on its way.',
    live: 'Pictures arrive as they are taken.',
    behind: 'This connection is too slow for every picture, so some are left out. What you see is still fresh.',
    offline: 'Nothing sends to this camera.',
    ended: 'This picture will not come back.',
  },
  since: (time: string) => `since ${time}`,
  offlineFor: (time: string, ago: string) => `Offline since ${time} — ${ago}`,
  justNow: 'just now',
  watching: (count: number) => `${count} watching`,
  pictureOf: (name: string) => `Live picture of ${name}`,

  wall: {
    label: 'Cameras',
    count: (cameras: number, live: number) => `${cameras} ${cameras === 1 ? 'camera' : 'cameras'}, ${live} live`,
    loading: 'Loading the cameras',
  },

  actions: {
    useCamera: 'Use this camera',
    useCameraHere: 'Use this camera here',
    open: 'Open',
    copyLink: 'Copy link',
    share: 'Share',
    rename: 'Rename',
    access: 'Access and keys',
    settings: 'Settings',
    delete: 'Delete',
    menuOf: (name: string) => `Menu of ${name}`,
    back: 'All cameras',
    soundOn: 'Turn sound on',
    soundOff: 'Turn sound off',
    snapshot: 'Save picture',
    fullScreen: 'Full screen',
    leaveFullScreen: 'Leave full screen',
    account: 'Account',
    help: 'Keyboard shortcuts',
    install: 'Install Porthole',
    setPassword: 'Set password',
    changePassword: 'Change password',
    signOut: 'Sign out',
    theme: 'Theme',
    cancel: 'Cancel',
    close: 'Close',
    save: 'Save',
    tryAgain: 'Try again',
    takeOver: 'Take over',
    reload: 'Reload',
    dismiss: 'Dismiss',
  },
  units: {
    kilobits: (n: string) => `${n} kbit/s`,
    megabits: (n: string) => `${n} Mbit/s`,
    frames: (n: string) => `${n} fps`,
  },
  platforms: {
    iphone: 'iPhone',
    ipad: 'iPad',
    phone: 'Android phone',
    tablet: 'Android tablet',
    mac: 'Mac',
    windows: 'Windows PC',
    chromebook: 'Chromebook',
    linux: 'Linux PC',
  },
  themes: { system: 'Same as system', light: 'Light', dark: 'Dark' },

  facts: {
    label: 'Measurements',
    age: 'Frame age',
    fps: 'Frame rate',
    rate: 'Bit rate',
    size: 'Picture',
    codec: 'Codec',
    gaps: 'Lost frames',
    viewers: 'Watching',
    none: '–',
  },

  camera: {
    demoOffline: 'The demo camera runs when the server is started with --demo.',
    uploadOffline: 'No picture came from its device lately.',
    browserOffline: 'The browser that feeds it is closed or has no connection.',
    expires: (time: string) => `Expires ${time}`,
  },

  useCamera: {
    secure: 'Open this page by https',
    title: 'Use this camera',
    text: 'This device becomes a camera that you can watch from anywhere you are signed in. Your browser asks for permission first.',
    replaces: (name: string) => `This tab stops feeding “${name}”.`,
    name: 'Name',
    defaultName: (platform: string | undefined) => (platform ? `Camera of ${platform}` : 'My camera'),
    start: 'Start camera',
    starting: 'Starting…',
    again: (name: string) => `Go on with “${name}”`,
  },
  rename: { title: 'Rename camera', name: 'Name' },
  link: { title: 'Link to this camera', text: 'Whoever may sign in here can open it.', label: 'Link' },
  password: {
    title: 'Set a password',
    changeTitle: 'Change your password',
    text: 'You came by a one-time link. With a password you can sign in again, on any device.',
    changeText: 'Everywhere else you will be signed out.',
    wrong: 'The current password is not right.',
    old: 'Current password',
    new: 'New password',
    hint: 'At least 8 characters',
    hintBanner: 'You have no password yet. Set one to sign in from other devices.',
  },

  publishing: {
    label: 'This camera',
    starting: 'Waiting for the camera. If the browser asks, allow it.',
    connecting: 'Connecting to the server…',
    watched: (viewers: number) => `Live — ${viewers} watching`,
    unwatched: 'Nobody is watching: nothing is sent',
    microphone: 'Microphone',
    microphoneOn: 'Turn microphone on',
    microphoneOff: 'Turn microphone off',
    device: 'Camera',
    switchDevice: 'Switch camera',
    unnamedDevice: (n: number) => `Camera ${n}`,
    stop: 'Stop',
    preview: 'What this camera sees',
  },

  signIn: {
    title: 'Sign in',
    user: 'User',
    password: 'Password',
    submit: 'Sign in',
    busy: 'Signing in…',
    ended: 'You were signed out. Sign in to go on.',
    hint: 'First time? Open the sign-in link that the server printed in its terminal.',
  },

  notices: {
    label: 'Notifications',
    deleted: (name: string) => `“${name}” was deleted`,
    undo: 'Undo',
    restored: (name: string) => `“${name}” is back`,
    linkCopied: 'Link copied',
    passwordSet: 'Password set',
    noPicture: 'There is no picture to save yet.',
  },

  banner: {
    lost: 'Connection to the server lost, trying again…',
    unreachable: 'The server does not answer, trying again…',
  },

  notFound: { title: 'There is nothing here', text: 'The address may be mistyped.' },
  partFailed: { title: 'This page could not be loaded', text: 'The server does not answer, or was just updated.' },
  crash: { title: 'Something broke on this page', text: 'The cameras go on. Loading the page again usually helps.' },

  help: {
    title: 'Keyboard shortcuts',
    keys: [
      ['n', 'Use this camera'],
      ['← ↑ → ↓', 'Move among the cameras'],
      ['Enter', 'Open a camera'],
      ['Esc', 'Back to all cameras'],
      ['f', 'Full screen'],
      ['m', 'Sound on or off'],
      ['s', 'Save picture'],
      ['z', 'Undo a deletion'],
      ['?', 'This help'],
    ],
  },
} as const

/** What went wrong, and what to do. */
export interface Advice {
  readonly title: string
  readonly text: string
}

const captureAdvice: Record<CaptureError, Advice> = {
  insecure: {
    title: 'This page is not secure',
    text: 'Browsers give a camera only to secure pages. Open Porthole by https://, or on the server’s own machine by http://localhost.',
  },
  denied: {
    title: 'The camera is not allowed',
    text: 'Click the camera or the lock in the address bar, allow the camera for this page, then try again.',
  },
  'no-device': { title: 'No camera found', text: 'Connect a camera to this device, then try again.' },
  busy: { title: 'The camera is in use', text: 'Another program has it. Close video calls and other camera programs, then try again.' },
  'no-codec': {
    title: 'This browser cannot encode pictures',
    text: 'Update it, or use a current Chrome, Edge, Safari or Firefox.',
  },
  failed: { title: 'The camera did not start', text: 'Unplug it and plug it in again, or choose another, then try again.' },
}

export const adviceForCapture = (reason: CaptureError): Advice => captureAdvice[reason]

const microphoneTexts: Record<CaptureError, string> = {
  insecure: 'Browsers give a microphone only to secure pages.',
  denied: 'The microphone is not allowed. Allow it for this page in the address bar, then try again.',
  'no-device': 'No microphone found. Connect one, then try again.',
  busy: 'Another program has the microphone. Close it, then try again.',
  'no-codec': 'This browser cannot send sound.',
  failed: 'The microphone did not start. Try again.',
}

export const textForMicrophone = (reason: CaptureError): string => microphoneTexts[reason]

/** Words for the codes that users meet; the others speak by the table's own title. */
const advice: Partial<Record<ErrorCode, Advice>> = {
  'camera.deleted': { title: 'This camera was deleted', text: 'For half a minute it can be brought back; after that it is gone for good.' },
  'camera.expired': { title: 'This camera expired', text: 'It was made for a limited time, which is over.' },
  'camera.unknown': { title: 'There is no such camera', text: 'The link may be mistyped, or the camera was deleted.' },
  'camera.source': { title: 'This camera has another source', text: 'A browser cannot feed it.' },
  'publisher.exists': { title: 'Another device feeds this camera', text: 'Take over to feed it from here; the other one stops.' },
  'publisher.replaced': { title: 'Another device took over', text: 'It feeds this camera now. Take over to feed it from here again.' },
  'auth.required': { title: 'You are signed out', text: 'Sign in to go on.' },
  'auth.revoked': { title: 'This was taken back', text: 'You may not open this camera any more. Ask who gave it to you.' },
  'auth.role': { title: 'You may not do this', text: 'Ask the owner of this server.' },
  'auth.wrong': { title: 'Wrong user or password', text: 'Check both and try again.' },
  'auth.link': {
    title: 'This sign-in link does not work any more',
    text: 'It is good for one use within 15 minutes. Restart the server for a new one, or sign in with a password.',
  },
  'auth.elsewhere': { title: 'This password is not kept here', text: 'Change it where you sign in.' },
  'share.unknown': { title: 'This link is gone', text: 'It was taken back.' },
  'user.exists': { title: 'There is a user of this name', text: 'Choose another name.' },
  'user.unknown': { title: 'There is no such user', text: 'Check the name.' },
  'user.last': { title: 'This is the last owner', text: 'Make somebody else owner first.' },
  'request.rate': { title: 'Too many attempts', text: 'Wait a minute, then try again.' },
  'request.invalid': { title: 'The server did not accept this', text: 'Change what you entered and try again.' },
  'camera.undo': { title: 'Too late', text: 'This camera cannot be brought back any more.' },
  'server.limit': { title: 'The server is at its limit', text: 'Try again in a while.' },
}

export const adviceFor = (code: ErrorCode): Advice => advice[code] ?? { title: ERRORS[code].title, text: '' }

/** An error of `call` in one or two sentences. */
export function wordsFor(error: unknown): string {
  if (error instanceof ApiError) {
    const { title, text } = adviceFor(error.code)
    return /[.!?]$/.test(title) || !text ? `${title} ${text}`.trim() : `${title}. ${text}`
  }
  if (error instanceof NetworkError) return 'The server cannot be reached. Check your connection and try again.'
  return 'Something went wrong. Try again.'
}
