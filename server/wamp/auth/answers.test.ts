import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dict } from '../../../shared/wamp/messages.ts'
import { anonymousAuth, type ClientAuth, craAuth, cryptosignAuth, scramAuth, ticketAuth } from './answers.ts'
import { craCredentials, cryptosignKeys, scramCredentials } from './credentials.ts'
import { isSigned } from './ed25519.ts'
import { authMessage, clientProof, saltedPassword, scramKeys, serverSignature } from './scram-exchange.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

describe('the vectors of', () => {
  test('RFC 7677 §3, which the specification shows too (SCRAM)', async () => {
    const parameters = { kdf: 'pbkdf2', salt: 'W22ZaJ0SNY7soEsUEjb6gQ==', iterations: 4096 } as const
    const clientNonce = 'rOprNGfwEbeRWgbNEkqO'
    const message = authMessage('wamp-scram', {
      name: 'user',
      clientNonce,
      nonce: `${clientNonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`,
      ...parameters,
    })
    const keys = scramKeys(await saltedPassword('pencil', parameters))
    expect(clientProof(keys, message)).toBe('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=')
    expect(serverSignature(keys.serverKey, message)).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  })

  test("Autobahn 22.7's test_wamp_auth.py, TestScram", async () => {
    const parameters = { iterations: 32, memory: 512 }
    const raw = 'ee4a8acf9d5958354fb79a95ae20692d05e42591ba49fae85eb6700e8b0ed293'
    const salt = Buffer.from('1234567890abcdef').toString('base64')
    expect((await saltedPassword('p4ssw0rd', { kdf: 'argon2id13', salt, ...parameters })).toString('hex')).toBe(raw)
    const text = await saltedPassword('p4ssw0rd', { kdf: 'argon2id-13', salt, ...parameters })
    expect(Buffer.from(`${text}=`, 'base64').toString('hex')).toBe(raw)

    const clientNonce = Buffer.from('1234567890abcdef').toString('hex')
    const challenge = { kdf: 'argon2id-13', salt: clientNonce, ...parameters } as const
    const message = authMessage('scram', { name: 'username', clientNonce, nonce: '1234567890abcdeffedcba0987654321', ...challenge })
    const keys = scramKeys(await saltedPassword('p4ssw0rd', challenge))
    expect(clientProof(keys, message)).toBe('f5r3loERzGVSuimE+lvO0bWna2zyswBo0HrZkaaEy38=')
  })

  test("Autobahn 22.7's test_wamp_scram.py", { timeout: 60_000 }, async () => {
    const salt = hex('ae1f0d2f422757809077785e660b62c6').toString('base64')
    expect(await scramCredentials('secret123', { kdf: 'argon2id-13', salt, iterations: 4096, memory: 512 })).toMatchObject({
      storedKey: hex('5f19358ff6f38e267b6ef1ea1d862514ec4e8745a84682259fd3894be09febb5').toString('base64'),
      serverKey: hex('0d8e7e9222a7c0e54c9e979aa342115699ff5696c45dc379b5ee241338a5861d').toString('base64'),
    })
  })

  test("Autobahn 22.7's test_wamp_auth.py, derive_key and compute_wcs (WAMP-CRA)", async () => {
    const derived = 'qzcdsr9uu/L5hnss3kjNTRe490ETgA70ZBaB5rvnJ5Y='
    expect(await craCredentials('L3L1YUE8Txlw', 'salt123', 1000, 32)).toMatchObject({ secret: derived })
    const { signature } = await craAuth('peter', 'L3L1YUE8Txlw').answer({ challenge: '[1, 2, 3]' })
    expect(signature).toBe('1njQtmmeYO41N5EWEzD2kAjjEKRZ5kPZt/TzpYXOzR0=')
    const salted = craAuth('peter', 'L3L1YUE8Txlw').answer({ challenge: '[1, 2, 3]', salt: 'salt123', iterations: 1000, keylen: 32 })
    expect(await salted).toEqual(await craAuth('peter', derived).answer({ challenge: '[1, 2, 3]' }))
    // Libraries take these for what is not told.
    expect(await craAuth('peter', 'L3L1YUE8Txlw').answer({ challenge: '[1, 2, 3]', salt: 'salt123' })).toEqual(await salted)
  })

  test.each([
    [
      '4d57d97a68f555696620a6d849c0ce582568518d729eb753dc7c732de2804510',
      'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
      'b32675b221f08593213737bef8240e7c15228b07028e19595294678c90d11c0cae80a357331bfc5cc9fb71081464e6e75013517c2cf067ad566a6b7b728e5d03',
    ],
    [
      'd511fe78e23934b3dadb52fcd022974b80bd92bccc7c5cf404e46cc0a8a2f5cd',
      'b26c1f87c13fc1da14997f1b5a71995dff8fbe0a62fae8473c7bdbd05bfb607d',
      'd4209ad10d5aff6bfbc009d7e924795de138a63515efc7afc6b01b7fe5201372190374886a70207b042294af5bd64ce725cd8dceb344e6d11c09d1aaaf4d660f',
    ],
    [
      '6e1fde9cf9e2359a87420b65a87dc0c66136e66945196ba2475990d8a0c3a25b',
      'b05e6b8ad4d69abf74aa3be3c0ee40ae07d66e1895b9ab09285a2f1192d562d2',
      '7beb282184baadd08f166f16dd683b39cab53816ed81e6955def951cb2ddad1ec184e206746fd82bda075af03711d3d5658fc84a76196b0fa8d1ebc92ef9f30b',
    ],
  ])('the specification, "Cryptosign-based Authentication", Test Vectors: %s', async (seed, challenge, signature) => {
    expect(await cryptosignAuth('ada', seed).answer({ challenge, channel_binding: null })).toEqual({
      signature: signature + challenge,
      extra: {},
    })
    expect(isSigned(hex(cryptosignKeys(seed).publicKey), hex(challenge), hex(signature))).toBe(true)
    expect(isSigned(hex(cryptosignKeys(seed).publicKey), hex(challenge), hex(signature.replace(/^./, '0')))).toBe(false)
  })
})

describe('a router that asks for', () => {
  const nonce = 'itsOwnNonceAndNobodyElses'
  const salt = Buffer.alloc(16).toString('base64')
  const scram = (said: Dict) => async () => {
    const client = scramAuth('ada', 'pencil')
    const mine = client.authextra?.().nonce as string
    return client.answer({ nonce: mine + mine, kdf: 'pbkdf2', salt, iterations: 4096, ...said })
  }
  const cra = (said: Dict) => () => craAuth('ada', 'pencil').answer({ challenge: 'x', salt: 'y', ...said })
  const cryptosign = (said: Dict) => () => cryptosignAuth('ada', 'ab'.repeat(32)).answer({ challenge: '00'.repeat(32), ...said })
  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['a nonce that is none', scram({ nonce: 'a b' }), /is none/],
    ["another client's nonce", scram({ nonce }), /does not continue/],
    ['a nonce of the client alone', () => scramAuth('ada', 'x').answer({ nonce: '', kdf: 'pbkdf2', salt, iterations: 4096 }), /no HELLO/],
    ['a long nonce', scram({ nonce: 'x'.repeat(1000) }), /nonce/],
    ['another function', scram({ kdf: 'md5' }), /another function/],
    ['few rounds', scram({ iterations: 1 }), /iterations/],
    ['too many rounds', scram({ iterations: 2 ** 31 }), /iterations/],
    ['half a round', scram({ iterations: 5000.5 }), /iterations/],
    ['much memory', scram({ kdf: 'argon2id13', iterations: 1, memory: 2 ** 30 }), /memory/],
    ['memory that is none', scram({ kdf: 'argon2id13', iterations: 1, memory: '64' }), /memory/],
    ['no memory', scram({ kdf: 'argon2id-13', iterations: 1 }), /memory/],
    ['many passes over memory', scram({ kdf: 'argon2id-13', iterations: 2 ** 20, memory: 65_536 }), /memory/],
    ['a long salt', scram({ salt: 'A'.repeat(10_000) }), /salt/],
    ['no salt', scram({ salt: undefined }), /salt/],
    ['channel binding', scram({ channel_binding: 'tls-unique' }), /channel binding/],
    ['too many rounds of WAMP-CRA', cra({ iterations: 2 ** 31 }), /iterations/],
    ['rounds for each of many blocks', cra({ iterations: 2_000_000, keylen: 1024 }), /iterations is not 1 to 62500,/],
    ['rounds for a second block', cra({ iterations: 1_000_001, keylen: 33 }), /iterations is not 1 to 1000000,/],
    ['a long key of WAMP-CRA', cra({ keylen: 2 ** 30 }), /keylen/],
    ['a salt that is no text', cra({ salt: 7 }), /salt/],
    ['a signature of nothing', cra({ challenge: undefined }), /challenge/],
    ['a signature of much', cra({ challenge: 'x'.repeat(100_000) }), /challenge/],
    ['a signature of another length', cryptosign({ challenge: '00' }), /32 bytes/],
    ['a signature with channel binding', cryptosign({ channel_binding: 'tls-unique' }), /channel binding/],
    ['anything, of nobody', () => anonymousAuth().answer({}), /nothing/],
  ])('%s gets none', async (_name, answer, message) => {
    await expect(answer()).rejects.toThrow(message)
  })

  test('whatever gets an Error at most', async () => {
    const value = fc.oneof(fc.string(), fc.base64String(), fc.constant(null), fc.anything())
    const said = fc.record({
      nonce: value,
      kdf: fc.constantFrom('pbkdf2', 'argon2id13'),
      salt: value,
      iterations: value,
      memory: value,
      challenge: value,
      keylen: value,
    })
    await fc.assert(
      fc.asyncProperty(said, async (extra) => {
        for (const answer of [scram(extra), cra(extra), cryptosign(extra)])
          await answer().catch((error: unknown) => expect(error).toBeInstanceOf(Error))
      }),
      { numRuns: 100 },
    )
  })
})

describe('a router that does not know the password', () => {
  const asked = async (client: ClientAuth) => {
    const mine = client.authextra?.().nonce as string
    await client.answer({ nonce: `${mine}abc`, kdf: 'pbkdf2', salt: Buffer.alloc(16).toString('base64'), iterations: 4096, memory: null })
  }
  test.each(['scram', 'wamp-scram'] as const)('proves nothing by %s', async (method) => {
    const client = scramAuth('ada', 'pencil', method)
    await asked(client)
    for (const authextra of [undefined, null, {}, { verifier: 'v=' }, { verifier: 7 }, { scram_server_signature: 'x' }])
      expect(() => client.verify?.({ authextra })).toThrow(/does not prove/)
  })

  test('lets nobody in without a challenge', () => {
    const client = scramAuth('ada', 'pencil')
    client.authextra?.()
    expect(() => client.verify?.({ authextra: { verifier: 'v=' } })).toThrow(/does not prove/)
  })

  test('gets one answer of each HELLO', async () => {
    const client = scramAuth('ada', 'pencil')
    const nonce = client.authextra?.().nonce as string
    const challenge = { nonce: `${nonce}abc`, kdf: 'pbkdf2', salt: Buffer.alloc(16).toString('base64'), iterations: 4096 }
    await client.answer(challenge)
    await expect(client.answer(challenge)).rejects.toThrow(/no HELLO/)
    expect(client.authextra?.().nonce).not.toBe(nonce)
  })

  test('proves nothing by an answer to the HELLO before', async () => {
    const client = scramAuth('ada', 'pencil', 'wamp-scram')
    const said = { kdf: 'pbkdf2', salt: Buffer.alloc(16).toString('base64'), iterations: 4096 } as const
    const clientNonce = client.authextra?.().nonce as string
    const late = client.answer({ nonce: `${clientNonce}abc`, ...said })
    client.authextra?.()
    const keys = scramKeys(await saltedPassword('pencil', said))
    const message = authMessage('wamp-scram', { name: 'ada', clientNonce, nonce: `${clientNonce}abc`, ...said })
    await late
    const authextra = { verifier: `v=${serverSignature(keys.serverKey, message)}` }
    expect(() => client.verify?.({ authextra })).toThrow(/does not prove/)
  })
})

test('what cannot sign in is told at once', () => {
  expect(() => scramAuth('a\u0007', 'pencil')).toThrow(/authid/)
  for (const seed of ['', 'zz'.repeat(32), 'ab'.repeat(64)]) expect(() => cryptosignAuth('ada', seed)).toThrow(/32 bytes in hexadecimal/)
  expect(() => cryptosignKeys('ab')).toThrow(/32 bytes/)
  expect(ticketAuth('ada', 'x')).toMatchObject({ method: 'ticket', authid: 'ada' })
})

test('names are written one way', () => {
  const said = { clientNonce: 'c', nonce: 'cs', salt: 's', iterations: 1 }
  expect(authMessage('wamp-scram', { name: 'a,b=c', ...said })).toBe('n=a=2Cb=3Dc,r=c,r=cs,s=s,i=1,c=biws,r=cs')
  expect(authMessage('scram', { name: 'a,b=c', ...said })).toBe('n=a,b=c,r=c,r=cs,s=s,i=1,c=,r=cs')
  expect(scramAuth('Ⅸ', 'x').authid).toBe('IX')
})

test.each([{ kdf: 'pbkdf2', memory: 5 }, { kdf: 'argon2id13', iterations: 1, memory: 8 }, { salt: 'x' }] as const)(
  'credentials are not made of %j',
  async (choice) => {
    await expect(scramCredentials('pencil', choice)).rejects.toThrow(/has to be|leave it out/)
  },
)
