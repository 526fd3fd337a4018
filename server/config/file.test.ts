import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkFileConfig, EMPTY_FILE, readFileConfig } from './file.ts'

test('the worked example is taken', () => {
  const file = {
    services: {
      ssh: { match: { protocol: 'ssh' }, to: '127.0.0.1:22' },
      site: { match: { host: 'www.example.org', path: '/a' }, to: 'unix:/run/site.sock' },
      own: { match: { regex: '^HELLO [0-9]+\r', bytes: 20 }, to: '[::1]:7000', proxyProtocol: 2, inside: 'tls' },
      ftp: { match: { silentFrom: ['192.168.0.0/16'], afterMs: 500 }, to: 'tls://ftp.example.org:990' },
      db: { to: '127.0.0.1:5432', tunnel: 'operator' },
    },
    mounts: [{ host: 'www.example.org', to: 'http://127.0.0.1:3000' }],
    door: { maxPerAddress: 200, proxyProtocolFrom: ['10.0.0.0/8'] },
  }
  expect(checkFileConfig(file)).toEqual({ ...file, http: {}, auth: {}, wamp: { realms: {} }, webhooks: {} })
  expect(checkFileConfig({})).toEqual(EMPTY_FILE)
})

const service = (options: object) => ({ services: { x: { to: 'h:1', ...options } } })

test.each([
  [[], 'the configuration must be an object'],
  [{ service: {} }, 'service is not known; say one of services, mounts, door, http, acme'],
  [{ services: { 'Ä b': {} } }, 'services.Ä b is no name'],
  [{ services: { x: {} } }, 'services.x lacks to'],
  [service({ to: 'h' }), 'services.x.to is "h"'],
  [service({ to: 'h:0' }), 'services.x.to is "h:0"'],
  [service({ to: 'h:70000' }), 'services.x.to'],
  [service({ to: 'http://h:1' }), 'services.x.to'],
  [service({ match: {} }), 'services.x.match must say exactly one of'],
  [service({ match: { prefix: 'a', regex: 'b' } }), 'services.x.match must say exactly one of'],
  [service({ match: { protocol: 'http1' } }), 'services.x.match.protocol'],
  [service({ match: { regex: '(' } }), 'services.x.match.regex is no regular expression'],
  [service({ match: { silentFrom: [] } }), 'services.x.match.silentFrom names no network'],
  [service({ match: { silentFrom: ['home'] } }), 'services.x.match.silentFrom: "home" is no network'],
  [service({ tunnel: 'everybody' }), 'services.x.tunnel'],
  [service({ colour: 1 }), 'services.x has the unknown field "colour"'],
  [{ door: { deadlineMs: 1 } }, 'door.deadlineMs must be at least 100'],
  [{ door: { proxyProtocolFrom: ['x'] } }, 'door.proxyProtocolFrom: "x"'],
  [{ acme: { names: 'a.example' } }, 'acme.names'],
  [{ acme: { email: 'me' } }, 'acme.email'],
  [{ acme: { externalAccount: { kid: 'a' } } }, 'acme.externalAccount lacks hmacKey'],
  [{ webhooks: { allow: ['home'] } }, 'webhooks.allow: "home" is no network'],
  [{ webhooks: { deny: [] } }, 'webhooks has the unknown field'],
  [{ http: { headersTimeoutMs: '1' } }, 'http.headersTimeoutMs must be a number'],
])('%j is refused: %s', (value, named) => {
  expect(() => checkFileConfig(value)).toThrow(named)
})

test('a file that is none says so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-config-'))
  const path = join(folder, 'config.json')
  writeFileSync(path, '{"services":')
  expect(() => readFileConfig(path)).toThrow('is no JSON')
  expect(() => readFileConfig(join(folder, 'none'))).toThrow('cannot be read')
  rmSync(folder, { recursive: true })
})
