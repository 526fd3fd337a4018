/**
 * The one table of errors that a client can see. Each has a stable code, an HTTP status, a WebSocket close code
 * (RFC 6455 §7.4: 4000–4999 are the application's) and a title that says what to do. The WAMP URI is derived.
 * docs/errors.md is made from this table and held against it by a test.
 */
export interface ErrorDefinition {
  /** HTTP status (RFC 9110 §15). */
  readonly http: number
  /** WebSocket close code. */
  readonly close: number
  /** One sentence for a person. */
  readonly title: string
  /** Whether a client that gets it as a close code may try again by itself. */
  readonly retry: boolean
}

const entry = (http: number, close: number, title: string, retry = false): ErrorDefinition => ({ http, close, title, retry })

export const ERRORS = {
  'request.invalid': entry(400, 4400, 'The request does not have the documented form.'),
  'request.too-large': entry(413, 1009, 'The request or message is larger than its cap.'),
  'request.not-found': entry(404, 4404, 'There is nothing at this address.'),
  'request.media-type': entry(415, 4415, 'The body must be application/json.'),
  'request.rate': entry(429, 4429, 'Too many requests; wait and try again.', true),
  'request.timeout': entry(408, 4408, 'Nothing came in time.', true),
  'request.changed': entry(412, 4416, 'It is not as If-Match says any more; get it again.'),
  'request.running': entry(409, 4417, 'A request with this Idempotency-Key is being answered; wait and try again.', true),
  'request.cut-off': entry(409, 4418, 'The request with this Idempotency-Key was cut off; see whether what it was to make is there.'),
  'request.reused': entry(422, 4419, 'This Idempotency-Key was used for another request.'),
  'upgrade.required': entry(426, 4426, 'This address is a WebSocket; connect with ws:// or wss://.'),
  'host.unknown': entry(403, 4413, 'The Host header is not one of this server; name it with --public-url.'),
  'origin.foreign': entry(403, 4414, 'Requests from other web sites are refused.'),
  'auth.required': entry(401, 4401, 'Sign in first.'),
  'auth.wrong': entry(401, 4402, 'User or password is wrong.'),
  'auth.link': entry(401, 4406, 'The sign-in link is used up or expired; restart the server for a new one.'),
  'auth.unsupported': entry(401, 4410, 'This server cannot verify this kind of credential.'),
  'auth.stale': entry(401, 4411, 'The nonce of Digest is used up; answer with the new one.'),
  'auth.elsewhere': entry(409, 4412, 'This password is not kept here; change it where you sign in.'),
  'auth.revoked': entry(401, 4407, 'Your leave to do this was taken back.'),
  'auth.role': entry(403, 4403, 'You may not do this.'),
  'message.invalid': entry(400, 4420, 'The text message is not one of the protocol.'),
  'frame.truncated': entry(400, 4421, 'The binary message is shorter than its header.'),
  'frame.version': entry(400, 4422, 'The binary message has a version this server does not speak.'),
  'frame.invalid': entry(400, 4423, 'A field of the frame header is out of its range.'),
  'frame.unexpected': entry(400, 4424, 'The frame does not follow from what was said before (configuration, offer, order).'),
  'camera.unknown': entry(404, 4430, 'There is no such camera.'),
  'camera.exists': entry(409, 4431, 'A camera has or had this id; ids are never used again.'),
  'camera.deleted': entry(410, 4432, 'The camera was deleted.'),
  'camera.expired': entry(410, 4433, 'The camera expired.'),
  'camera.offline': entry(503, 4434, 'The camera is not sending.', true),
  'camera.source': entry(409, 4435, 'This camera is fed in another way.'),
  'camera.undo': entry(409, 4436, 'It is too late to bring this camera back.'),
  'camera.temporary': entry(409, 4437, 'This camera is of a phone on a stage: it has no keys or grants of its own.'),
  'publisher.exists': entry(409, 4440, 'Another publisher feeds this camera; say takeover to replace it.'),
  'publisher.replaced': entry(409, 4441, 'Another publisher took this camera over.'),
  'viewer.silent': entry(408, 4442, 'No acknowledgement came for too long.', true),
  'user.unknown': entry(404, 4460, 'There is no such user.'),
  'user.exists': entry(409, 4461, 'There is a user of this name.'),
  'user.last': entry(409, 4462, 'Somebody must stay who may do everything: this is the last owner.'),
  'key.unknown': entry(404, 4463, 'There is no such key.'),
  'session.unknown': entry(404, 4464, 'There is no such session.'),
  'share.unknown': entry(404, 4480, 'There is no such link, or it was taken back.'),
  'share.expired': entry(410, 4481, 'This link expired.'),
  'share.passcode': entry(401, 4482, 'This link needs its passcode.'),
  'share.wrong': entry(401, 4483, 'The passcode is wrong.'),
  'share.full': entry(503, 4484, 'As many are watching as this link allows; try again later.', true),
  'share.origin': entry(403, 4485, 'This link may not be shown on this site.'),
  'share.changed': entry(409, 4486, 'The link was changed; open it again.', true),
  'oembed.format': entry(501, 4488, 'oEmbed answers as json or xml.'),
  'service.unknown': entry(404, 4450, 'There is no such service.'),
  'service.unreachable': entry(502, 4451, 'The service behind this address does not answer.', true),
  'stage.unknown': entry(404, 4490, 'There is no such stage.'),
  'stage.code': entry(404, 4491, 'No stage has this code, or not any more: a new one stands on the wall.'),
  'stage.locked': entry(409, 4492, 'The stage is locked: nobody else may join now.'),
  'stage.full': entry(409, 4493, 'The stage is full.'),
  'stage.ended': entry(410, 4494, 'The stage ended.'),
  'participant.unknown': entry(404, 4495, 'There is no such participant.'),
  'participant.removed': entry(403, 4496, 'The host took you off the stage.'),
  'participant.replaced': entry(409, 4497, 'You joined in another tab.'),
  'webhook.unknown': entry(404, 4500, 'There is no such webhook.'),
  'webhook.address': entry(
    422,
    4501,
    'Nothing is posted to this address: it is none, or an internal one that the configuration does not allow.',
  ),
  'delivery.unknown': entry(404, 4502, 'There is no such delivery, or not any more.'),
  'settings.plan': entry(409, 4505, 'The changes would not be those that were looked at; look again.'),
  'server.limit': entry(503, 4503, 'The server is at its limit; try again later.', true),
  'server.closing': entry(503, 1001, 'The server is closing.', true),
  'server.internal': entry(500, 1011, 'The server failed; its log says why.', true),
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof ERRORS

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** The code behind a WebSocket close code, or undefined when the close came from elsewhere. */
export function errorOfClose(close: number): ErrorCode | undefined {
  for (const code in ERRORS) if (ERRORS[code as ErrorCode].close === close) return code as ErrorCode
  return undefined
}

/** The WAMP error URI of a code: `porthole.error.camera.unknown`. */
export const wampUri = (code: ErrorCode): string => `porthole.error.${code.replaceAll('-', '_')}`
