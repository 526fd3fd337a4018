import { craCredentials, cryptosignKeys, scramCredentials } from '../../../server/wamp/auth/credentials.ts'

const everything = {
  permissions: [
    { uri: '', match: 'prefix', allow: ['call', 'register', 'publish', 'subscribe'] },
    // Autobahn of Python cannot ask for it.
    { uri: 'com.test.disclosed', allow: ['call', 'register'], disclose: 'always' },
  ],
}

/** What the principals of realm `tests` keep to themselves. */
export const TICKET = 'secret-ticket'
export const SECRET = 'cra-secret'
export const { seed: SEED, publicKey: PUBLIC_KEY } = cryptosignKeys('4ffddd896a530ce5ee8c86b83b0d31835490a97a9cd718cb2f09c9fd31c4a7d7')

/** A configuration with a realm that knows each way to sign in; who is cheap to compute, since clients of interpreted languages do it too. */
export async function configuration() {
  const [argon2, pbkdf2, salted] = await Promise.all([
    scramCredentials(SECRET, { kdf: 'argon2id-13', iterations: 2, memory: 8192 }),
    scramCredentials(SECRET, { kdf: 'pbkdf2', iterations: 4096 }),
    craCredentials(SECRET, 'some salt', 1000),
  ])
  const principals = [
    { authid: 'joe', ticket: TICKET },
    { authid: 'cra', secret: SECRET },
    { authid: 'salted', ...salted },
    { authid: 'argon2', scram: argon2 },
    { authid: 'pbkdf2', scram: pbkdf2 },
    { authid: 'crypto', publicKeys: [PUBLIC_KEY] },
  ]
  return {
    wamp: {
      realms: {
        tests: {
          principals: principals.map((principal) => ({ ...principal, role: 'frontend' })),
          anonymous: 'anonymous',
          roles: { anonymous: everything, frontend: everything },
        },
      },
    },
  }
}
