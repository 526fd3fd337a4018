/** Caps of everything that crosses a socket. Each is normative and stands in PROTOCOL.md. */

/** Bytes of one binary frame message, header included. */
export const MAX_FRAME_BYTES = 2 * 1024 * 1024
/** Bytes of one JSON text message from a client on any live, publish or events socket. */
export const MAX_TEXT_BYTES = 16 * 1024
/** Bytes of one message on the echo socket. */
export const MAX_ECHO_BYTES = 2 * 1024 * 1024
/** Bytes of a close reason (RFC 6455 §5.5: a control frame holds 125, two of them are the code). */
export const MAX_CLOSE_REASON_BYTES = 123
/** Highest temporal layer that the header can carry. */
export const MAX_LAYER = 3
/** Pixels of a picture's side. */
export const MAX_SIDE_PIXELS = 8192
/** Characters of a codec string. */
export const MAX_CODEC_CHARS = 64
/** Characters of a camera's name. */
export const MAX_NAME_CHARS = 80
/** Characters of a camera's id. */
export const MAX_ID_CHARS = 64

/** Milliseconds between two acknowledgements at first; twice as many after each while all is well, up to the second value. */
export const ACK_INTERVAL_MS = 250
export const MAX_ACK_INTERVAL_MS = 2000
/** Milliseconds between two acknowledgements while frames come late. */
export const ACK_INTERVAL_BEHIND_MS = 60
/** Milliseconds of growth in a frame's transit that count as late. */
export const ACK_BEHIND_MS = 50
/** Messages a client may have sent before its first one was accepted (an open socket that floods is closed). */
export const MAX_TEXTS_PER_SECOND = 50
