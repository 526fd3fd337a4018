import { spawnSync } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Dict } from '../../../shared/wamp/messages.ts'
import { Attempts } from '../../auth/attempts.ts'
import { FakeClock } from '../../testing/clock.ts'
import { asked, peerAt } from '../../testing/wamp-auth.ts'
import { chooseMethod } from './choose.ts'
import { configuredMethods } from './configured.ts'
import { craCredentials, cryptosignKeys, scramCredentials } from './credentials.ts'
import type { PrincipalOptions } from './principals.ts'

const PYTHON = '/usr/bin/python3'
const autobahn = spawnSync(PYTHON, ['-c', 'import autobahn.wamp.auth as a; assert a.HAS_ARGON; import nacl']).status === 0
if (!autobahn)
  console.log("skipped: Autobahn's clients need Debian's packages python3-autobahn, python3-argon2, python3-passlib and python3-nacl")

/** Autobahn's authenticator, told a challenge and what WELCOME says; answers its signature and what it objects to. */
const SCRIPT = `import asyncio, json, sys, inspect
from unittest.mock import Mock
import txaio
txaio.use_asyncio()
from autobahn.wamp import auth, types
said = json.load(sys.stdin)
asyncio.set_event_loop(asyncio.new_event_loop())
client = auth.create_authenticator(said['method'], **said['arguments'])
if 'nonce' in said:
    client._client_nonce = said['nonce']
session = Mock()
session._transport.transport_details.channel_id = {}
signature = client.on_challenge(session, types.Challenge(said['method'], said['challenge']))
if inspect.isawaitable(signature):
    async def wait():
        return await signature
    signature = asyncio.get_event_loop().run_until_complete(wait())
objection = client.on_welcome(session, said.get('authextra', {}))
print(json.dumps({'signature': signature.decode('ascii') if isinstance(signature, bytes) else signature, 'objection': objection}))`

function client(said: Dict): { signature: string; objection: string | null } {
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', SCRIPT], { input: JSON.stringify(said), encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as ReturnType<typeof client>
}

describe.skipIf(!autobahn)("Autobahn's client", () => {
  const PASSWORD = 'pencil'
  const { seed, publicKey } = cryptosignKeys()
  const nonce = randomBytes(16).toString('base64')
  const decoy = (context: string) => createHmac('sha256', seed).update(context).digest()

  test.each<[string, string, () => Promise<Partial<PrincipalOptions>>, Dict, Dict]>([
    ['ticket', 'ticket', async () => ({ ticket: PASSWORD }), { ticket: PASSWORD }, {}],
    ['wampcra', 'wampcra', async () => ({ secret: PASSWORD }), { secret: PASSWORD }, {}],
    ['salted wampcra', 'wampcra', () => craCredentials(PASSWORD, undefined, 1000), { secret: PASSWORD }, {}],
    [
      'scram with argon2id-13',
      'scram',
      async () => ({ scram: await scramCredentials(PASSWORD, { kdf: 'argon2id-13', iterations: 2, memory: 8192 }) }),
      { password: PASSWORD },
      { nonce },
    ],
    ['cryptosign', 'cryptosign', async () => ({ publicKeys: [publicKey] }), { privkey: seed }, { pubkey: publicKey }],
  ])('signs in by %s', { timeout: 30_000 }, async (_name, method, secrets, extra, authextra) => {
    const principals = [{ authid: 'ada', role: 'user', ...(await secrets()) }]
    const clock = new FakeClock()
    const attempts = new Attempts(clock)
    const methods = configuredMethods({ realm: 'realm1', principals, where: '', random: randomBytes, decoy, attempts, clock })
    const peer = peerAt('192.0.2.7')
    const { challenge, answer } = asked(await chooseMethod(methods, [method], 'ada', peer).begin('ada', { authextra }, peer, 1))
    const args = method === 'ticket' || method === 'anonymous' ? extra : { authid: 'ada', ...extra }
    const said = { method, arguments: args, challenge, ...(method === 'scram' && { nonce }) }
    // SCRAM looks at WELCOME, which comes of the signature: so it is told the challenge twice.
    const { signature } = client({ ...said, ...(method === 'scram' && { authextra: { scram_server_signature: '' } }) })
    const step = await answer(signature, {})
    if (!('principal' in step)) throw new Error('it was asked again')
    expect(step.principal).toMatchObject({ authid: 'ada', authmethod: method })
    if (method === 'scram') expect(client({ ...said, authextra: step.principal.authextra }).objection).toBeNull()
  })
})
