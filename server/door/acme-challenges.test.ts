import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Challenges } from './acme-challenges.ts'
import { makeAuthority } from './authority.ts'

const NAME = 'cam.example.org'

let challenges: Challenges
let server: Server
beforeEach(async () => {
  challenges = new Challenges()
  server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes: Buffer) => {
      socket.pause()
      if (challenges.rule.test(bytes) !== 'match') return socket.destroy()
      socket.unshift(bytes)
      challenges.rule.service(socket)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => void server.close())

/** @returns the protocol that was agreed on, or why there was none */
async function knock(servername: string, ALPNProtocols: string[]): Promise<string> {
  const { port } = server.address() as AddressInfo
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, servername, ALPNProtocols, rejectUnauthorized: false })
  return new Promise((resolve) => {
    socket.once('error', (error) => resolve(error.message))
    socket.once('secureConnect', () => {
      resolve(`${socket.alpnProtocol} ${socket.getPeerX509Certificate()?.subject}`)
      socket.destroy()
    })
  })
}

it('answers an authority alone, for the names that are to be proven, while they are', async () => {
  expect(await knock(NAME, ['acme-tls/1'])).toContain('disconnected')
  const withdraw = challenges.offerCertificate(NAME, await makeAuthority([NAME], new Date()))
  expect(await knock(NAME, ['acme-tls/1'])).toContain(`acme-tls/1 CN=Porthole of ${NAME}`)
  expect(await knock('Cam.Example.ORG', ['acme-tls/1'])).toContain('acme-tls/1')
  expect(await knock('other.example.org', ['acme-tls/1'])).not.toContain('acme-tls/1')
  // Everybody else's connection is the ordinary https.
  for (const ordinary of [
    ['h2', 'http/1.1'],
    ['acme-tls/1', 'h2'],
  ])
    expect(await knock(NAME, ordinary)).toContain('disconnected')
  withdraw()
  expect(await knock(NAME, ['acme-tls/1'])).toContain('disconnected')
})

it('does not wait for anybody while nothing is to be proven', async () => {
  const half = Buffer.from([22, 3, 1])
  expect(challenges.rule.test(half)).toBe('no')
  challenges.offerCertificate(NAME, await makeAuthority([NAME], new Date()))
  expect(challenges.rule.test(half)).toBe('more')
  expect(challenges.rule.test(Buffer.from('GET'))).toBe('no')
})

it('gives a text for its token, while it is offered', () => {
  const withdraw = challenges.offerText('token', 'token.thumbprint')
  expect(challenges.textOf('token')).toBe('token.thumbprint')
  expect(challenges.textOf('toke')).toBe(undefined)
  withdraw()
  expect(challenges.textOf('token')).toBe(undefined)
})
