import type { ErrorCode } from '../../shared/protocol/errors.ts'
import type { Reaction } from '../../shared/protocol/stage.ts'
import type { Advice } from './texts.ts'

/** Every sentence of the stage: of the projector's page, and of the phones'. */
export const stageTexts = {
  title: 'Stage',
  open: 'Open the stage',
  opening: 'Opening the stage…',
  wall: 'Cameras on the stage',
  failedTitle: 'The stage could not be opened',
  notAllowed: { title: 'You may not open a stage', text: 'Ask an owner of this server to make you an operator.' },
  endedTitle: 'The stage ended',
  endedText: 'All phones were told, and their cameras are gone.',
  another: 'Open another stage',
  lost: 'Connection to the server lost, trying again…',
  large: (name: string) => `Show ${name} large`,
  small: (name: string) => `Show ${name} with the others`,
  away: 'Comes back…',
  noPicture: 'No picture yet',

  card: {
    label: 'How to join',
    title: 'Join with your phone',
    qr: (url: string) => `QR code that leads to ${url}`,
    or: 'or open',
    code: 'and enter',
    locked: 'Nobody else can join now',
    machine: 'Only this machine reaches this address. Start the server with --lan to let phones join.',
  },
  pattern: 'Test pattern',
  patternText: 'Waiting for the first camera',

  tools: {
    label: 'Stage controls',
    qr: 'QR code',
    automatic: 'Spotlight follows who moves',
    sound: 'Sound of the spotlight',
    statistics: 'Statistics',
    black: 'Black out',
    fullScreen: 'Full screen',
    panel: 'Participants',
    waiting: (count: number) => `Participants, ${count} waiting`,
    help: 'Keyboard shortcuts',
    leave: 'Back to all cameras',
  },
  black: 'Blacked out. Press b to go on.',

  statistics: {
    label: 'Statistics',
    phones: 'Phones',
    waiting: 'Waiting',
    pictures: 'Pictures/s',
    each: 'Each camera',
    latency: 'Latency',
    slowest: 'Slowest',
    rate: 'Bit rate',
    viewers: 'Viewers',
    none: '–',
  },

  panel: {
    title: 'Participants',
    empty: 'Nobody is here yet.',
    states: { waiting: 'Waiting', on: 'On the wall', away: 'Connection lost' },
    admit: 'Admit',
    admitOf: (name: string) => `Admit ${name}`,
    mute: (name: string) => `Mute ${name}`,
    remove: (name: string) => `Remove ${name}`,
    lock: 'Lock',
    lockText: 'Nobody else can join.',
    lobby: 'Lobby',
    lobbyText: 'Who joins waits until you admit them.',
    end: 'End the stage',
    endTitle: 'End the stage?',
    endText: 'All phones are told, and their cameras are gone for good.',
  },

  help: {
    title: 'On the stage',
    keys: [
      ['← ↑ → ↓', 'Move among the cameras'],
      ['Enter', 'Spotlight on or off'],
      ['a', 'Spotlight follows who moves'],
      ['q', 'QR code on or off'],
      ['p', 'Participants'],
      ['m', 'Sound of the spotlight'],
      ['i', 'Statistics'],
      ['b', 'Black out'],
      ['f', 'Full screen'],
      ['?', 'This help'],
    ] as const,
  },

  join: {
    title: 'Join the stage',
    codeTitle: 'Join a stage',
    codeText: 'The code stands on the wall, under the QR code.',
    code: 'Code',
    codeWrong: 'A code has six letters and digits.',
    next: 'Next',
    text: 'Your camera is shown on the wall while this page is open, and nowhere after.',
    name: 'Your name',
    start: 'Join with camera',
    starting: 'Starting…',
    allow: 'If your browser asks, allow the camera.',
    waitingTitle: 'Almost there',
    waitingText: 'The host lets you in. Keep this page open.',
    connecting: 'Connecting…',
    reconnecting: 'Connection lost, trying again…',
    on: 'You are on the wall',
    spotlight: 'You are on the big screen!',
    preview: 'What your camera sees',
    flip: 'Switch camera',
    microphone: 'Microphone',
    microphoneOn: 'Turn microphone on',
    microphoneOff: 'Turn microphone off',
    muted: 'The host muted you',
    leave: 'Leave',
    left: { title: 'You left the stage', text: 'Your camera is off, and nothing of you was kept.' },
    again: 'Join again',
    otherCode: 'Enter a code',
    reactions: 'Reactions',
  },
  reactions: { '👍': 'Thumbs up', '❤️': 'Heart', '😂': 'Laughter', '🎉': 'Party', '🔥': 'Fire', '⭐': 'Star' } satisfies Record<
    Reaction,
    string
  >,

  warning: {
    checking: 'One moment…',
    title: 'Your browser will warn you once',
    text: 'Phones give their camera to secure pages only. This server is in the room and signed its certificate itself, which browsers do not know. Nothing leaves this network.',
    steps: 'This is what you will see, and where to tap:',
    go: 'Continue',
    trust: 'It does not connect after that, as on some iPhones?',
    trustLink: 'Trust this server',
    others: 'Other browsers',
    browsers: { chrome: 'Chrome, Edge, Samsung Internet', safari: 'Safari', firefox: 'Firefox' },
    pictures: {
      chrome: 'Tap “Advanced”, then “Proceed”.',
      safari: 'Tap “Show Details”, then “visit this website”.',
      firefox: 'Tap “Advanced”, then “Accept the Risk and Continue”.',
    },
    /** As the browsers say it. */
    chrome: { title: 'Your connection is not private', first: 'Advanced', second: 'Proceed to this server (unsafe)' },
    safari: { title: 'This Connection Is Not Private', first: 'Show Details', second: 'visit this website' },
    firefox: { title: 'Warning: Potential Security Risk Ahead', first: 'Advanced', second: 'Accept the Risk and Continue' },
  },
} as const

/** What the server says to a phone that it does not take. */
const advice: Partial<Record<ErrorCode, Advice>> = {
  'stage.code': { title: 'This code is not good', text: 'It may be mistyped or too old. A new one stands on the wall: scan it again.' },
  'stage.locked': { title: 'The stage is locked', text: 'The host lets nobody else in now. Try again in a while.' },
  'stage.full': { title: 'The stage is full', text: 'Try again when somebody left.' },
  'stage.ended': { title: 'The stage ended', text: 'Thank you for being there. Your camera is off, and nothing of you was kept.' },
  'participant.removed': { title: 'The host took you off the stage', text: 'Your camera is off, and nothing of you was kept.' },
  'participant.replaced': { title: 'You joined in another tab', text: 'This one is off now.' },
  'request.rate': { title: 'Too many wrong codes', text: 'Wait a minute, then try again.' },
  'request.timeout': { title: 'This page was open for long', text: 'Try again: the code may have changed meanwhile.' },
}

export const adviceForJoin = (code: ErrorCode): Advice =>
  advice[code] ?? { title: 'The server did not let you in', text: 'Scan the code on the wall again.' }

const ADJECTIVES = [
  'Brave',
  'Bright',
  'Calm',
  'Clever',
  'Gentle',
  'Happy',
  'Jolly',
  'Kind',
  'Lucky',
  'Merry',
  'Quick',
  'Sunny',
  'Swift',
  'Witty',
]
const ANIMALS = [
  'Badger',
  'Dolphin',
  'Falcon',
  'Fox',
  'Hare',
  'Heron',
  'Lynx',
  'Mouse',
  'Otter',
  'Owl',
  'Panda',
  'Puffin',
  'Robin',
  'Seal',
  'Wren',
]

/** A name for who has not said theirs. @param random from 0, below 1 */
export const friendlyName = (random: () => number = Math.random): string =>
  [ADJECTIVES, ANIMALS].map((words) => words[Math.floor(random() * words.length)]).join(' ')
