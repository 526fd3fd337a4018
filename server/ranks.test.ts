import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync, Visitor } from 'vite'
import { describe, expect, it } from 'vitest'

/**
 * Who may import whom. The linter cannot say "only from a lower rank", so this test reads every module of shared/,
 * server/ and client/ and judges each import: types, re-exports, dynamic imports and `new URL(module, import.meta.url)` too.
 */
const RANKS: Readonly<Record<string, number>> = {
  ...{ base: 1, wire: 2, media: 2, store: 2, bus: 3, auth: 3, camera: 4 },
  ...{ ingest: 5, live: 5, share: 5, stage: 5, vision: 5, recorder: 5, archive: 5, notify: 5, wamp: 5, agent: 5 },
  ...{ http: 6, door: 6, config: 7, daemon: 7, core: 7.5, app: 8, cli: 9, main: 10 },
}

/** Beside its own folder and shared/. */
const CLIENT: Readonly<Record<string, readonly string[]>> = {
  transport: [],
  player: ['transport'],
  publisher: ['transport'],
  state: ['transport', 'player', 'publisher'],
  ui: ['state', 'player'],
  stage: ['transport', 'player', 'publisher', 'state', 'ui'],
  embed: ['transport', 'player', 'publisher', 'state'],
  docs: ['transport', 'state'],
  portal: ['transport', 'player', 'state', 'ui'],
  main: ['transport', 'player', 'publisher', 'state', 'ui', 'stage', 'embed'],
  boot: ['transport', 'player', 'stage', 'portal', 'main'],
}
const WITHOUT_REACT = ['transport', 'player', 'publisher', 'docs']
const REACT = /^(react|react-dom|zustand|wouter|lucide-react|@base-ui\/react)(\/|$)/

/** Pure ones, which read and write what the WAMP specification names. */
const SERIALIZERS = ['@msgpack/msgpack', 'cborg']

const CODE = /\.[cm]?[jt]sx?$/
const isTest = (file: string) => /\.test\.tsx?$/.test(file) || file.startsWith('server/testing/')

/** `server/bus/channel.ts` is part `bus` of `server`; `server/app.ts` is part `app`. */
function place(file: string): { side: string; part: string } {
  const [side = '', part = ''] = file.split('/')
  return { side, part: part.replace(CODE, '') }
}

/** Why `file` may not import `specifier`; undefined when it may. */
function objection(file: string, specifier: string): string | undefined {
  return specifier.startsWith('.')
    ? againstModule(file, path.posix.join(path.posix.dirname(file), specifier))
    : againstPackage(file, specifier)
}

function againstPackage(file: string, specifier: string): string | undefined {
  const { side, part } = place(file)
  if (isTest(file)) return undefined
  if (side === 'shared' && !/^typebox(\/|$)/.test(specifier) && !(part === 'wamp' && SERIALIZERS.includes(specifier)))
    return 'shared/ imports no package but typebox, and the serializers of shared/wamp'
  if (side === 'client' && specifier.startsWith('node:')) return 'the client runs in a browser'
  if (side === 'client' && WITHOUT_REACT.includes(part) && REACT.test(specifier)) return `client/${part} knows no React`
  return undefined
}

function againstModule(file: string, target: string): string | undefined {
  const from = place(file)
  const to = place(target)
  if (!CODE.test(target)) return from.side === 'shared' && to.side !== 'shared' ? 'shared/ imports only shared/' : undefined
  if (from.side === 'shared' && to.side !== 'shared') return 'shared/ imports only shared/'
  if (from.side === to.side && from.part === to.part) return undefined
  if (to.side === 'shared') return undefined
  if (from.side !== to.side && (to.side === 'client' || to.side === 'server')) return 'client and server never import each other'
  if (isTest(file) && from.side === 'server') return undefined
  if (from.side !== to.side) return 'the program imports only shared/, server/ and client/'
  return from.side === 'client' ? betweenClientParts(from.part, to.part) : betweenServerParts(from.part, to.part)
}

function betweenServerParts(from: string, to: string): string | undefined {
  if (to === 'testing') return 'server/testing is for tests'
  const [rank, other] = [RANKS[from], RANKS[to]]
  if (rank === undefined || other === undefined) return `server/${rank === undefined ? from : to} has no rank`
  return other < rank ? undefined : `${from} has rank ${rank}, ${to} has rank ${other}`
}

function betweenClientParts(from: string, to: string): string | undefined {
  const allowed = CLIENT[from]
  if (!allowed) return `client/${from} has no place in the table`
  return allowed.includes(to) ? undefined : `client/${from} imports ${['shared', ...allowed].join(', ')}, not ${to}`
}

/** What a module imports, in any form whose specifier is a literal. */
function imports(file: string, code: string): string[] {
  const { program, errors } = parseSync(file, code)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const found: string[] = []
  const add = (source: { type: string; value?: unknown } | null | undefined) => {
    if (source?.type === 'Literal' && typeof source.value === 'string') found.push(source.value.replace(/\?.*$/, ''))
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    NewExpression: ({ callee, arguments: [first] }) => {
      const isModule = first?.type === 'Literal' && typeof first.value === 'string' && first.value.startsWith('.') && CODE.test(first.value)
      if (callee.type === 'Identifier' && callee.name === 'URL' && isModule) add(first)
    },
  }).visit(program)
  return found
}

function objections(file: string, code: string): string[] {
  return imports(file, code).flatMap((specifier) => {
    const reason = objection(file, specifier)
    return reason ? [`${file} imports ${specifier}: ${reason}`] : []
  })
}

const root = path.resolve(import.meta.dirname, '..')
const modules = ['shared', 'server', 'client'].flatMap((side) =>
  readdirSync(path.join(root, side), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => path.posix.join(side, file.split(path.sep).join('/'))),
)

describe('ranks', () => {
  it('are kept by every import of every module', () => {
    expect(modules).toContain('server/ranks.test.ts')
    expect(modules).toContain('shared/protocol/frame.ts')
    expect(modules.flatMap((file) => objections(file, readFileSync(path.join(root, file), 'utf8')))).toEqual([])
  })

  it('have a place for every folder of the server and the client', () => {
    const parts = modules.filter((file) => !isTest(file) && !file.startsWith('shared/') && !file.endsWith('.d.ts')).map(place)
    const unknown = parts.filter(({ side, part }) => (side === 'server' ? RANKS : CLIENT)[part] === undefined)
    expect(unknown).toEqual([])
  })

  it.each([
    "import { a } from '../http/a.ts'",
    "import type { A } from '../http/a.ts'",
    "import '../http/a.ts'",
    "export { a } from '../http/a.ts'",
    "export * from '../http/a.ts'",
    "export const a = () => import('../http/a.ts')",
    "export type A = import('../http/a.ts').A",
    "export const child = new URL('../http/a.ts', import.meta.url)",
  ])('see %s', (code) => {
    expect(objections('server/bus/channel.ts', code)).toEqual([
      'server/bus/channel.ts imports ../http/a.ts: bus has rank 3, http has rank 6',
    ])
  })

  it.each([
    ['server/live/viewer.ts', '../ingest/publisher.ts', 'live has rank 5, ingest has rank 5'],
    ['server/bus/channel.ts', '../auth/realm.ts', 'bus has rank 3, auth has rank 3'],
    ['server/live/viewer.ts', '../config/load.ts', 'live has rank 5, config has rank 7'],
    ['server/live/viewer.ts', '../app.ts', 'live has rank 5, app has rank 8'],
    ['server/app.ts', './cli/serve.ts', 'app has rank 8, cli has rank 9'],
    ['server/live/viewer.ts', '../testing/clock.ts', 'server/testing is for tests'],
    ['server/live/viewer.ts', '../helpers/text.ts', 'server/helpers has no rank'],
    ['server/http/pages.ts', '../../client/main.tsx', 'client and server never import each other'],
    ['server/http/pages.test.ts', '../../client/main.tsx', 'client and server never import each other'],
    ['server/http/pages.ts', '../../scripts/run.mjs', 'the program imports only shared/, server/ and client/'],
    ['shared/protocol/frame.ts', 'node:buffer', 'shared/ imports no package but typebox, and the serializers of shared/wamp'],
    ['shared/protocol/frame.ts', 'typebox-extra', 'shared/ imports no package but typebox, and the serializers of shared/wamp'],
    ['shared/protocol/frame.ts', 'cborg', 'shared/ imports no package but typebox, and the serializers of shared/wamp'],
    ['shared/protocol/frame.ts', '../../server/base/log.ts', 'shared/ imports only shared/'],
    ['shared/protocol/frame.test.ts', '../../server/base/log.ts', 'shared/ imports only shared/'],
    ['client/transport/socket.ts', '../state/cameras.ts', 'client/transport imports shared, not state'],
    ['client/player/players-worker.ts', '../publisher/encoder.ts', 'client/player imports shared, transport, not publisher'],
    ['client/player/players-worker.ts', 'react', 'client/player knows no React'],
    ['client/player/players-worker.ts', 'node:fs', 'the client runs in a browser'],
    ['client/state/cameras.ts', '../ui/wall.tsx', 'client/state imports shared, transport, player, publisher, not ui'],
    ['client/ui/wall.tsx', '../transport/api.ts', 'client/ui imports shared, state, player, not transport'],
    ['client/embed/embed.ts', '../ui/wall.tsx', 'client/embed imports shared, transport, player, publisher, state, not ui'],
    ['client/docs/main.ts', '../ui/wall.tsx', 'client/docs imports shared, transport, state, not ui'],
    ['client/ui/wall.tsx', '../../server/base/log.ts', 'client and server never import each other'],
  ])('refuse %s the import of %s', (file, specifier, reason) => {
    expect(objection(file, specifier)).toBe(reason)
  })

  it.each([
    ['server/live/viewer.ts', './levels.ts'],
    ['server/live/viewer.ts', '../bus/channel.ts'],
    ['server/live/viewer.ts', '../../shared/protocol/frame.ts'],
    ['server/live/viewer.test.ts', '../app.ts'],
    ['server/live/viewer.test.ts', '../testing/clock.ts'],
    ['server/testing/server.ts', '../app.ts'],
    ['server/main.ts', './cli/serve.ts'],
    ['shared/contract/cameras.ts', 'typebox'],
    ['shared/wamp/serializer.ts', 'cborg'],
    ['shared/protocol/frame.test.ts', 'node:fs'],
    ['client/player/session.ts', '../transport/socket.ts'],
    ['client/ui/wall.tsx', 'react'],
    ['client/ui/wall.tsx', './wall.css'],
    ['client/main.tsx', './ui/app.tsx'],
  ])('let %s import %s', (file, specifier) => {
    expect(objection(file, specifier)).toBeUndefined()
  })
})
