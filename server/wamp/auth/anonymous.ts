import type { AuthMethod } from './types.ts'

/** Random bytes of an authid: nobody has the same by chance. */
const AUTHID_BYTES = 12

/** `n` random bytes, as node:crypto's randomBytes. */
export type Random = (n: number) => Buffer

/** Lets everybody in as nobody, under one role and a random authid ("Authentication Methods"). */
export const anonymousMethod = (role: string, random: Random): AuthMethod => ({
  name: 'anonymous',
  suits: () => true,
  begin: async () => ({
    principal: {
      authid: random(AUTHID_BYTES).toString('base64url'),
      authrole: role,
      authmethod: 'anonymous',
      authprovider: 'static',
    },
  }),
})
