import { createHmac, randomBytes } from 'node:crypto'

/** What a secret begins with, and the bytes that follow in base64. */
const PREFIX = 'whsec_'
const SECRET_BYTES = 32

export const newSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64')

/**
 * The headers that sign a message by Standard Webhooks (github.com/standard-webhooks, spec 1.0): HMAC-SHA-256 over id, time and body.
 * @param seconds since the Unix epoch
 */
export function signed(secret: string, id: string, seconds: number, body: string): Record<string, string> {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` }
}
