import type { AuditEntry } from '../../shared/model/audit.ts'
import type { UserRole } from '../../shared/model/session.ts'

const withArticle = (role: string) => `${/^[aeio]/i.test(role) ? 'an' : 'a'} ${role.toLowerCase()}`

/** What users read on the settings pages: loaded with them. */
export const settingsTexts = {
  title: 'Settings',
  tabs: { account: 'You', users: 'Users', webhooks: 'Webhooks', activity: 'Activity', backup: 'Backup' },
  loading: 'Loading…',
  older: 'Show older',

  roles: { viewer: 'Viewer', operator: 'Operator', owner: 'Owner' } satisfies Record<UserRole, string>,
  roleHints: {
    viewer: 'Watches cameras that they were given.',
    operator: 'Makes cameras, and does everything with their own and those they were given.',
    owner: 'Does everything.',
  } satisfies Record<UserRole, string>,

  password: {
    title: 'Password',
    has: 'A new one signs you out everywhere else.',
    none: 'You came by a one-time link. Set a password to sign in again.',
  },

  sessions: {
    title: 'Signed-in browsers',
    text: 'Sign out those you do not know: what they watch ends at once.',
    here: 'This browser',
    seen: (ago: string) => `Last used ${ago}`,
    end: 'Sign out',
    endOf: (what: string) => `Sign out ${what}`,
    unknown: 'Unknown browser',
    browser: (name: string, system: string) => `${name} on ${system}`,
    ended: 'Signed out there',
  },

  keys: {
    title: 'Keys for programs',
    text: 'A key stands for you in scripts and other programs. It is shown once.',
    none: 'No keys yet.',
    add: 'New key',
    name: 'What it is for',
    namePlaceholder: 'Backup script',
    may: 'It may do',
    asYou: 'Everything you may',
    atMost: (role: string) => `No more than ${withArticle(role)}`,
    of: (user: string) => `of ${user}`,
    made: (when: string) => `made ${when}`,
    used: (ago: string) => `used ${ago}`,
    neverUsed: 'never used',
    rotate: 'New secret',
    rotateOf: (name: string) => `New secret for ${name}`,
    rotateText: 'Programs that have the old secret are refused from then on.',
    delete: 'Delete',
    deleteOf: (name: string) => `Delete key ${name}`,
    deleteTitle: (name: string) => `Delete “${name}”?`,
    deleteText: 'Programs that use it are refused from then on, and what they have open ends at once.',
    deleted: (name: string) => `“${name}” was deleted`,
  },

  secret: {
    title: 'Your new key',
    text: 'Copy it now: it is not shown again.',
    label: 'Key',
    copy: 'Copy',
    copied: 'Key copied',
    done: 'Done',
  },

  users: {
    title: 'Users',
    text: 'Who may sign in, and what they may do. Cameras are given on the camera’s own page, under “Access and keys”.',
    add: 'Add user',
    name: 'Name',
    nameHint: 'Small letters, digits and . _ @ + -',
    role: 'Role',
    roleOf: (name: string) => `Role of ${name}`,
    password: 'Password',
    passwordHint: 'At least 8 characters. Tell it to them; they can change it.',
    setPassword: 'Set password',
    setPasswordOf: (name: string) => `Set password of ${name}`,
    setPasswordTitle: (name: string) => `New password for ${name}`,
    setPasswordText: 'They are signed out everywhere, and sign in with the new one.',
    passwordSet: (name: string) => `${name} has a new password`,
    remove: 'Remove',
    removeOf: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove ${name}?`,
    removeText: 'They are signed out at once, and their keys stop working. Their cameras become yours.',
    removed: (name: string) => `${name} was removed`,
    added: (name: string) => `${name} may sign in now`,
    you: 'You',
    noPassword: 'No password yet',
    by: (checker: string) => `Signs in by ${checker}`,
    changed: (name: string, role: string) => `${name} is ${withArticle(role)} now`,
    changeTitle: (name: string, role: string) => `Make ${name} ${withArticle(role)}?`,
    change: 'Change role',
  },

  activity: {
    title: 'Activity',
    text: 'Sign-ins, refusals and changes.',
    none: 'Nothing happened yet.',
    stranger: 'Somebody',
    commandLine: 'Command line',
    times: (count: number) => `${count} times`,
  },

  access: {
    title: (camera: string) => `Access to ${camera}`,
    back: 'Back to the camera',
    people: 'People',
    peopleText: 'Viewers watch this camera, operators also feed and change it. Owners see all cameras.',
    owner: 'Owner of this camera',
    nobody: 'Nobody else was given this camera.',
    add: 'Give access',
    user: 'User',
    take: 'Take back',
    takeOf: (user: string) => `Take back from ${user}`,
    given: (user: string) => `${user} may open this camera now`,
    already: (user: string) => `${user} may open this camera already.`,
    taken: (user: string) => `${user} may not open this camera any more`,
    keys: 'Publish keys',
    keysText: 'A publish key feeds this camera and does nothing else: for devices that upload or stream. It is shown once.',
    keyPlaceholder: 'Camera at the gate',
  },
} as const

/** What an entry of the audit log says, in the past: of its subject the first word (an id), and the rest (a name, a user). */
const DEEDS: Record<string, (id: string, rest: string) => string> = {
  'porthole.session.create': () => 'signed in',
  'porthole.session.delete': () => 'signed out',
  'porthole.session.password': () => 'changed their password',
  'porthole.session.revoke': (user) => `ended a session of ${user}`,
  'porthole.camera.create': (id, name) => `made camera ${name || id}`,
  'porthole.camera.update': (id, name) => `changed camera ${name || id}`,
  'porthole.camera.delete': (id) => `deleted camera ${id}`,
  'porthole.camera.restore': (id) => `brought camera ${id} back`,
  'porthole.user.create': (name, rest) => `added user ${name}${rest && `, ${rest.split(' ')[0]}`}`,
  'porthole.user.update': (name, rest) => changeOf(name, rest),
  'porthole.user.delete': (name) => `removed user ${name}`,
  'porthole.grant.create': (id, user) => `gave ${user} access to ${id}`,
  'porthole.grant.delete': (id, user) => `took access to ${id} back from ${user}`,
  'porthole.share.create': (id, camera) => `shared ${camera || id}`,
  'porthole.share.update': (id) => `changed link ${id}`,
  'porthole.share.delete': (id) => `took link ${id} back`,
  'porthole.key.create': (id, name) => `made key ${name || id}`,
  'porthole.key.rotate': (id, name) => `gave key ${name || id} a new secret`,
  'porthole.key.delete': (id, name) => `deleted key ${name || id}`,
  'porthole.publish_key.create': (id) => `made a publish key of ${id}`,
  'porthole.publish_key.rotate': (id) => `gave a publish key of ${id} a new secret`,
  'porthole.publish_key.delete': (id) => `deleted a publish key of ${id}`,
  'porthole.settings.import': () => 'restored settings from a file',
  'porthole.webhook.create': (id) => `made webhook ${id}`,
  'porthole.webhook.update': (id) => `changed webhook ${id}`,
  'porthole.webhook.rotate': (id) => `gave webhook ${id} a new secret`,
  'porthole.webhook.delete': (id) => `deleted webhook ${id}`,
  'porthole.webhook.test': (id) => `sent webhook ${id} a test`,
  'porthole.webhook.redeliver': (id) => `had something sent again to webhook ${id}`,
  'porthole.stage.open': (id) => `opened stage ${id}`,
  'porthole.stage.update': (id) => `changed stage ${id}`,
  'porthole.stage.close': (id) => `ended stage ${id}`,
  'porthole.stage.admit': (id, participant) => `admitted ${participant} to stage ${id}`,
  'porthole.stage.mute': (id, participant) => `muted or unmuted ${participant} on stage ${id}`,
  'porthole.stage.remove': (id, participant) => `removed ${participant} from stage ${id}`,
}

/** `operator`, `password`, or both. */
function changeOf(user: string, what: string): string {
  const words = what.split(' ')
  const role = words.find((word) => word !== 'password')
  const changes = [role && `made ${user} ${withArticle(role)}`, words.includes('password') && `gave ${user} a new password`]
  return changes.filter(Boolean).join(' and ') || `changed user ${user}`
}

const REFUSALS: Record<string, string> = {
  'auth.wrong': 'was refused: wrong user, password or key',
  'auth.link': 'was refused: a sign-in link that is good no more',
  'auth.role': 'was refused: not allowed',
  'request.rate': 'had to wait: too many wrong passwords',
  'origin.foreign': 'was refused: asked from another web site',
  'host.unknown': 'was refused: asked for an unknown host',
}

export function deedOf({ what, subject = '', code = '' }: AuditEntry): string {
  if (what === 'refused') return REFUSALS[code] ?? `was refused (${code})`
  const [, id = '', rest = ''] = /^(\S*) ?(.*)$/.exec(subject) ?? []
  return DEEDS[what]?.(id, rest) ?? `${what} ${subject}`
}

/** The browser and system of a User-Agent, as far as people tell them apart. */
export function browserOf(agent: string | undefined): string {
  if (!agent) return settingsTexts.sessions.unknown
  const named: [RegExp, string][] = [
    [/Edg(e|A|iOS)?\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/Firefox\/|FxiOS\//, 'Firefox'],
    [/Chrome\/|CriOS\//, 'Chrome'],
    [/Safari\//, 'Safari'],
    [/^curl\//, 'curl'],
  ]
  const systems: [RegExp, string][] = [
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Android/, 'Android'],
    [/Macintosh|Mac OS X/, 'Mac'],
    [/Windows/, 'Windows'],
    [/CrOS/, 'Chromebook'],
    [/Linux|X11/, 'Linux'],
  ]
  const found = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1]
  const [name, system] = [found(named), found(systems)]
  if (name && system) return settingsTexts.sessions.browser(name, system)
  return name ?? agent.slice(0, 40)
}
